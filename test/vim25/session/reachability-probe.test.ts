// Whether a vCenter can be reached, found out for all sessions with it at once, without a user name.

import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../../src/simulator/index.ts'
import { createReach } from '../../../src/vim25/session/reachability-probe.ts'
import { errorOf, until } from '../connect.ts'

function start() {
  const simulator = createSimulator()
  const told: string[] = []
  const calls: string[] = []
  const reach = createReach(simulator.transport(), {
    firstPauseMs: 1,
    onCall: ({ method, outcome }) => calls.push(`${method} ${outcome}`),
    onLost: (error) => told.push(`lost: ${(error as Error).message}`),
    onBack: () => told.push('back'),
  })
  onTestFinished(async () => {
    await reach.close()
    await simulator.close()
  })
  return { simulator, reach, told, calls }
}

const answered = 'RetrieveServiceContent success'
const broken = 'RetrieveServiceContent failed'

describe('to ask', () => {
  it('is one call for all who ask meanwhile, and logs nobody in', async () => {
    const { simulator, reach, calls } = start()
    await Promise.all(Array.from({ length: 20 }, () => reach.ask()))
    expect([calls, simulator.live.sessions]).toEqual([[answered], 0])
    await reach.ask()
    expect(calls).toEqual([answered, answered])
  })

  it('is done again when a connection broke, which nobody is told', async () => {
    const { simulator, reach, told, calls } = start()
    simulator.trouble.cut('unread', { times: 2 })
    await reach.ask()
    expect([calls, told]).toEqual([[broken, broken, answered], []])
  })

  it('three times in vain begins an outage, which a probe ends', async () => {
    const { simulator, reach, told, calls } = start()
    const end = simulator.trouble.unavailable({ times: Number.POSITIVE_INFINITY })
    const errors = await Promise.all([errorOf(reach.ask()), errorOf(reach.ask())])
    expect(errors.map(({ name }) => name)).toEqual(['OutageError', 'OutageError'])
    expect(calls.slice(0, 3)).toEqual([broken, broken, broken])
    expect(told).toEqual([expect.stringMatching(/^lost: .*503/)])
    expect((await errorOf(reach.ask())).name).toBe('OutageError')
    end()
    await until(() => reach.reachability.outage === undefined)
    expect(told).toHaveLength(2)
    await reach.ask()
  })

  it('is waited for only as long as one wants to: the others are answered', async () => {
    const { simulator, reach } = start()
    const hold = simulator.trouble.hold()
    const abort = new AbortController()
    const one = errorOf(reach.ask({ signal: abort.signal }))
    const other = reach.ask()
    await hold.arrived()
    abort.abort()
    expect((await one).name).toBe('AbortError')
    hold.release()
    await other
  })

  it('and be told a fault is no outage: something answers', async () => {
    const { simulator, reach, told } = start()
    simulator.trouble.fault('SystemError')
    expect(await errorOf(reach.ask())).toMatchObject({ faultName: 'SystemError' })
    expect([reach.reachability.outage, told]).toEqual([undefined, []])
  })
})
