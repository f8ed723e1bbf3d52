// Tests the probe that checks whether a vCenter is reachable: shared by all its sessions, without a user
// name.

import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../../src/simulator/index.ts'
import { createReachabilityProbe } from '../../../src/vim25/session/reachability-probe.ts'
import { errorOf, waitUntil } from '../connect.ts'

function start() {
  const simulator = createSimulator()
  const reported: string[] = []
  const calls: string[] = []
  const prober = createReachabilityProbe(simulator.transport(), {
    initialDelayMs: 1,
    onCall: ({ method, outcome }) => calls.push(`${method} ${outcome}`),
    onOpen: (error) => reported.push(`lost: ${(error as Error).message}`),
    onClose: () => reported.push('back'),
  })
  onTestFinished(async () => {
    await prober.close()
    await simulator.close()
  })
  return { simulator, prober, reported, calls }
}

const answered = 'RetrieveServiceContent success'
const broken = 'RetrieveServiceContent failed'

describe('probing a vCenter', () => {
  it('sends one call for all concurrent probes, and does not log in', async () => {
    const { simulator, prober, calls } = start()
    await Promise.all(Array.from({ length: 20 }, () => prober.check()))
    expect([calls, simulator.live.sessions]).toEqual([[answered], 0])
    await prober.check()
    expect(calls).toEqual([answered, answered])
  })

  it('is retried when a connection broke, which is not reported', async () => {
    const { simulator, prober, reported, calls } = start()
    simulator.faults.dropConnection('unread', { times: 2 })
    await prober.check()
    expect([calls, reported]).toEqual([[broken, broken, answered], []])
  })

  it('opens the circuit after three failures, and closes it when a probe succeeds', async () => {
    const { simulator, prober, reported, calls } = start()
    const end = simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    const errors = await Promise.all([errorOf(prober.check()), errorOf(prober.check())])
    expect(errors.map(({ name }) => name)).toEqual(['CircuitOpenError', 'CircuitOpenError'])
    expect(calls.slice(0, 3)).toEqual([broken, broken, broken])
    expect(reported).toEqual([expect.stringMatching(/^lost: .*503/)])
    expect((await errorOf(prober.check())).name).toBe('CircuitOpenError')
    end()
    await waitUntil(() => prober.circuitBreaker.outage === undefined)
    expect(reported).toHaveLength(2)
    await prober.check()
  })

  it("returns to each caller after that caller's timeout, while the others get the result", async () => {
    const { simulator, prober } = start()
    const hold = simulator.faults.pause()
    const abort = new AbortController()
    const one = errorOf(prober.check({ signal: abort.signal }))
    const other = prober.check()
    await hold.waitFor()
    abort.abort()
    expect((await one).name).toBe('AbortError')
    hold.release()
    await other
  })

  it('does not open the circuit when the response is a fault, since the server responded', async () => {
    const { simulator, prober, reported } = start()
    simulator.faults.fault('SystemError')
    expect(await errorOf(prober.check())).toMatchObject({ faultName: 'SystemError' })
    expect([prober.circuitBreaker.outage, reported]).toEqual([undefined, []])
  })
})
