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
  const reachabilityProbe = createReachabilityProbe(simulator.transport(), {
    initialDelayMs: 1,
    onCall: ({ method, outcome }) => calls.push(`${method} ${outcome}`),
    onOpen: (error) => reported.push(`lost: ${(error as Error).message}`),
    onClose: () => reported.push('back'),
  })
  onTestFinished(async () => {
    await reachabilityProbe.close()
    await simulator.close()
  })
  return { simulator, reachabilityProbe, reported, calls }
}

const succeeded = 'RetrieveServiceContent success'
const failed = 'RetrieveServiceContent failed'

describe('probing a vCenter', () => {
  it('sends one call for all concurrent probes, and does not log in', async () => {
    const { simulator, reachabilityProbe, calls } = start()
    await Promise.all(Array.from({ length: 20 }, () => reachabilityProbe.check()))
    expect([calls, simulator.live.sessions]).toEqual([[succeeded], 0])
    await reachabilityProbe.check()
    expect(calls).toEqual([succeeded, succeeded])
  })

  it('is retried when a connection broke, which is not reported', async () => {
    const { simulator, reachabilityProbe, reported, calls } = start()
    simulator.faults.dropConnection('unread', { times: 2 })
    await reachabilityProbe.check()
    expect([calls, reported]).toEqual([[failed, failed, succeeded], []])
  })

  it('opens the circuit after three failures, and closes it when a probe succeeds', async () => {
    const { simulator, reachabilityProbe, reported, calls } = start()
    const end = simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    const errors = await Promise.all([errorOf(reachabilityProbe.check()), errorOf(reachabilityProbe.check())])
    expect(errors.map(({ name }) => name)).toEqual(['CircuitOpenError', 'CircuitOpenError'])
    expect(calls.slice(0, 3)).toEqual([failed, failed, failed])
    expect(reported).toEqual([expect.stringMatching(/^lost: .*503/)])
    expect((await errorOf(reachabilityProbe.check())).name).toBe('CircuitOpenError')
    end()
    await waitUntil(() => reachabilityProbe.circuitBreaker.outage === undefined)
    expect(reported).toHaveLength(2)
    await reachabilityProbe.check()
  })

  it("returns to each caller after that caller's timeout, while the others get the result", async () => {
    const { simulator, reachabilityProbe } = start()
    const hold = simulator.faults.pause()
    const abort = new AbortController()
    const one = errorOf(reachabilityProbe.check({ signal: abort.signal }))
    const other = reachabilityProbe.check()
    await hold.waitFor()
    abort.abort()
    expect((await one).name).toBe('AbortError')
    hold.release()
    await other
  })

  it('does not open the circuit when the response is a fault, since the server responded', async () => {
    const { simulator, reachabilityProbe, reported } = start()
    simulator.faults.fault('SystemError')
    expect(await errorOf(reachabilityProbe.check())).toMatchObject({ faultName: 'SystemError' })
    expect([reachabilityProbe.circuitBreaker.outage, reported]).toEqual([undefined, []])
  })
})
