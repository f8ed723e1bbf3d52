// Whether a vCenter can be reached, found out for all sessions with it at once, without a user name.

import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../../src/simulator/index.ts'
import { createReachabilityProbe } from '../../../src/vim25/session/reachability-probe.ts'
import { errorOf, waitUntil } from '../connect.ts'

function start() {
  const simulator = createSimulator()
  const reported: string[] = []
  const calls: string[] = []
  const reach = createReachabilityProbe(simulator.transport(), {
    initialDelayMs: 1,
    onCall: ({ method, outcome }) => calls.push(`${method} ${outcome}`),
    onOpen: (error) => reported.push(`lost: ${(error as Error).message}`),
    onClose: () => reported.push('back'),
  })
  onTestFinished(async () => {
    await reach.close()
    await simulator.close()
  })
  return { simulator, reach, reported, calls }
}

const answered = 'RetrieveServiceContent success'
const broken = 'RetrieveServiceContent failed'

describe('to ask', () => {
  it('is one call for all who ask meanwhile, and logs nobody in', async () => {
    const { simulator, reach, calls } = start()
    await Promise.all(Array.from({ length: 20 }, () => reach.check()))
    expect([calls, simulator.live.sessions]).toEqual([[answered], 0])
    await reach.check()
    expect(calls).toEqual([answered, answered])
  })

  it('is done again when a connection broke, which nobody is told', async () => {
    const { simulator, reach, reported, calls } = start()
    simulator.faults.dropConnection('unread', { times: 2 })
    await reach.check()
    expect([calls, reported]).toEqual([[broken, broken, answered], []])
  })

  it('three times in vain begins an outage, which a probe ends', async () => {
    const { simulator, reach, reported, calls } = start()
    const end = simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    const errors = await Promise.all([errorOf(reach.check()), errorOf(reach.check())])
    expect(errors.map(({ name }) => name)).toEqual(['CircuitOpenError', 'CircuitOpenError'])
    expect(calls.slice(0, 3)).toEqual([broken, broken, broken])
    expect(reported).toEqual([expect.stringMatching(/^lost: .*503/)])
    expect((await errorOf(reach.check())).name).toBe('CircuitOpenError')
    end()
    await waitUntil(() => reach.circuitBreaker.outage === undefined)
    expect(reported).toHaveLength(2)
    await reach.check()
  })

  it('is waited for only as long as one wants to: the others are answered', async () => {
    const { simulator, reach } = start()
    const hold = simulator.faults.pause()
    const abort = new AbortController()
    const one = errorOf(reach.check({ signal: abort.signal }))
    const other = reach.check()
    await hold.waitFor()
    abort.abort()
    expect((await one).name).toBe('AbortError')
    hold.release()
    await other
  })

  it('and be told a fault is no outage: something answers', async () => {
    const { simulator, reach, reported } = start()
    simulator.faults.fault('SystemError')
    expect(await errorOf(reach.check())).toMatchObject({ faultName: 'SystemError' })
    expect([reach.circuitBreaker.outage, reported]).toEqual([undefined, []])
  })
})
