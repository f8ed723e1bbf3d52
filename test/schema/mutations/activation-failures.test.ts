// setChangeTracking(activate: true), with the connection cut at each of its calls, once or from there on for a while: the
// temporary snapshot is taken at most once and is gone in the end, and no success is told that is none.

import { expect, it, vi } from 'vitest'
import type { Transport } from '../../../src/transport/transport.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { startGateway } from '../../test-gateway.ts'
import { mutate, treeOf } from './mutate.ts'

/** Before the request arrives, after it was carried out, and both for all that follow in the next second too. */
const cuts = ['before', 'after', 'before, and away', 'after, and away'] as const
const awayMs = 1_000

interface Plan {
  /** Which call, from when the mutation is asked. */
  readonly call: number
  readonly cut: (typeof cuts)[number]
}

async function activateWith(plan: Plan | undefined) {
  let requested: number | undefined
  let since = Number.POSITIVE_INFINITY
  const closed = () => new TransportError('CLOSED', 'the connection broke')
  const wrap = (transport: Transport): Transport => ({
    close: () => transport.close(),
    async send(request) {
      if (requested === undefined) return transport.send(request)
      const isTheOne = requested++ === plan?.call
      if (isTheOne) since = performance.now()
      const isAway =
        plan?.cut.endsWith('away') && performance.now() - since < awayMs && performance.now() >= since
      if (!isTheOne && !isAway) return transport.send(request)
      if (isTheOne && plan?.cut.startsWith('after')) {
        for await (const _ of (await transport.send(request)).body);
      }
      throw closed()
    },
  })
  const gateway = startGateway({ wrap, recovery: { leftSnapshot: [500, 1_000, 2_000, 2_000] } })
  await gateway.execute('{ vcenters { name } }')
  requested = 0
  const input = { virtualMachine: { name: 'web-02' }, enabled: true, activate: true }
  const { payload, reported } = await mutate(gateway, 'setChangeTracking', input, 'task { state } activated')
  const calls = requested
  const { simulator } = gateway
  // Its task may be there before its snapshot is: what is running ends first.
  await vi.waitFor(
    () => {
      expect(simulator.live.tasks, `tasks of ${JSON.stringify(plan)}`).toBe(0)
      expect(treeOf(gateway, 'web-02'), `tree of ${JSON.stringify(plan)}`).toEqual([])
    },
    { timeout: 20_000, interval: 50 },
  )
  const isTracked = simulator.inventory.machine('web-02').disks.every(({ epoch }) => epoch !== undefined)
  const taken = simulator.calls.filter(({ method }) => method === 'CreateSnapshot_Task').length
  await gateway.close()
  // The gateway went on with nothing that takes one anew.
  expect(treeOf(gateway, 'web-02')).toEqual([])
  return { payload, reported, isTracked, taken, calls }
}

it('leaves no snapshot behind, whichever call is cut', async () => {
  const { calls, payload } = await activateWith(undefined)
  expect(payload).toEqual({ task: { state: 'SUCCESS' }, activated: true })
  expect(calls).toBeGreaterThan(15)
  const plans = Array.from({ length: calls }, (_, call) => cuts.map((cut): Plan => ({ call, cut }))).flat()
  const outcomes = await Promise.all(plans.map(async (plan) => ({ plan, ...(await activateWith(plan)) })))
  for (const { plan, payload, reported, isTracked, taken } of outcomes) {
    const of = JSON.stringify(plan)
    expect(taken, of).toBeLessThanOrEqual(1)
    // Success or an error, and never both or neither.
    expect(payload === null ? reported.length : payload.task.state, of).toEqual(
      payload === null ? 1 : 'SUCCESS',
    )
    if (payload?.activated) expect(isTracked, of).toBe(true)
    for (const { code } of reported) expect(['VCENTER_UNAVAILABLE', 'OUTCOME_UNKNOWN'], of).toContain(code)
    // What may be sent again has taken nothing.
    if (taken > 0)
      expect(
        reported.filter(({ retryable }) => retryable),
        of,
      ).toEqual([])
  }
}, 90_000)
