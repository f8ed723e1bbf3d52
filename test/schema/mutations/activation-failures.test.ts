// Tests setChangeTracking(activate: true) with the connection dropped at each of its calls, once or for a
// while from then on: the temporary snapshot is taken at most once and is removed in the end, and a failure
// is never reported as a success.

import { expect, it } from 'vitest'
import type { Transport } from '../../../src/transport/transport.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { searches, startGateway } from '../../test-gateway.ts'
import { mutate, treeOf } from './mutate.ts'

/** Before the request arrives, after it was executed, and both for all calls of the next second as well. */
const cuts = ['before', 'after', 'before, and away', 'after, and away'] as const
const offlineMs = 1_000

interface Plan {
  /** The number of the call, counted from the start of the mutation. */
  readonly call: number
  readonly cut: (typeof cuts)[number]
}

async function activateWith(plan: Plan | undefined) {
  let requested: number | undefined
  let since = Number.POSITIVE_INFINITY
  const closed = () => new TransportError('CLOSED', 'the connection was lost')
  const wrap = (transport: Transport): Transport => ({
    close: () => transport.close(),
    async send(request) {
      if (requested === undefined) return transport.send(request)
      const isTheOne = requested++ === plan?.call
      if (isTheOne) since = performance.now()
      const isOffline =
        plan?.cut.endsWith('away') && performance.now() - since < offlineMs && performance.now() >= since
      if (!isTheOne && !isOffline) return transport.send(request)
      if (isTheOne && plan?.cut.startsWith('after')) {
        for await (const _ of (await transport.send(request)).body);
      }
      throw closed()
    },
  })
  // Longer than all together take on a slow machine.
  const gateway = startGateway({ wrap, limits: { timeoutMs: 600_000 }, recovery: { leftSnapshot: searches } })
  await gateway.execute('{ vcenters { name } }')
  requested = 0
  const input = { virtualMachine: { name: 'web-02' }, enabled: true, activate: true, waitSeconds: 600 }
  const { payload, reported } = await mutate(gateway, 'setChangeTracking', input, 'task { state } activated')
  const calls = requested
  const { simulator } = gateway
  // Its task may exist before its snapshot does: wait for running tasks first.
  await expect
    .poll(() => ({ plan, tasks: simulator.live.tasks, tree: treeOf(gateway, 'web-02') }), {
      timeout: 200_000,
    })
    .toEqual({ plan, tasks: 0, tree: [] })
  const isTracked = simulator.inventory.machine('web-02').disks.every(({ epoch }) => epoch !== undefined)
  const taken = simulator.calls.filter(({ method }) => method === 'CreateSnapshot_Task').length
  await gateway.close()
  // The gateway did not continue with a step that takes another snapshot.
  expect(treeOf(gateway, 'web-02')).toEqual([])
  return { payload, reported, isTracked, taken, calls }
}

it('leaves no snapshot behind when any of its calls is dropped', async () => {
  const { calls, payload } = await activateWith(undefined)
  expect(payload).toEqual({ task: { state: 'SUCCESS' }, activated: true })
  expect(calls).toBeGreaterThan(15)
  const plans = Array.from({ length: calls }, (_, call) => cuts.map((cut): Plan => ({ call, cut }))).flat()
  const outcomes = await Promise.all(plans.map(async (plan) => ({ plan, ...(await activateWith(plan)) })))
  for (const { plan, payload, reported, isTracked, taken } of outcomes) {
    const of = JSON.stringify(plan)
    expect(taken, of).toBeLessThanOrEqual(1)
    // Exactly one of success and error, never both or neither.
    expect(payload === null ? reported.length : payload.task.state, of).toEqual(
      payload === null ? 1 : 'SUCCESS',
    )
    if (payload?.activated) expect(isTracked, of).toBe(true)
    for (const { code } of reported) expect(['VCENTER_UNAVAILABLE', 'OUTCOME_UNKNOWN'], of).toContain(code)
    // A retryable error has taken no snapshot.
    if (taken > 0)
      expect(
        reported.filter(({ retryable }) => retryable),
        of,
      ).toEqual([])
  }
}, 300_000)
