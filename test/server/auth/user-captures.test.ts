// Tests captures with one session per user: the gateway has no account that removes them, so the next captureChanges of the virtual
// machine does, in the session of its user. What one user reads is not removed for another one.

import { expect, test } from 'vitest'
import { systemClock } from '../../../src/simulator/clock.ts'
import { authorizationOf, startPerUserGateway } from './users.ts'

async function start() {
  let offset = 0
  const clock = { ...systemClock, now: () => new Date(Date.now() + offset) }
  const recovery = { lostResponse: [0], leftSnapshot: new Array(100).fill(50) }
  const gateway = await startPerUserGateway({ clock, timings: { recovery } })
  const { simulator } = gateway
  simulator.authorization.grant('bob', { role: 'Admin' })
  const request = async (user: 'alice' | 'bob', query: string) =>
    (await gateway.execute(authorizationOf(user), query)).result
  return {
    ...gateway,
    later: (ms: number) => {
      offset += ms
    },
    request,
    capture: (user: 'alice' | 'bob', key: string) =>
      request(
        user,
        `mutation { captureChanges(input: { virtualMachine: { name: "web-01" }, idempotencyKey: "${key}", leaseSeconds: 60 }) { capture { snapshot { id moid } disks { disk { id } } } } }`,
      ),
    /** The keys of the captures of the machine. */
    async keys() {
      const { data } = await request(
        'alice',
        '{ virtualMachine(by: { name: "web-01" }) { snapshots(filter: { name: { eq: "vsphere-graphql capture" } }) { capture { idempotencyKey } } } }',
      )
      return data.virtualMachine.snapshots.map(
        ({ capture }: { capture: { idempotencyKey: string } }) => capture.idempotencyKey,
      )
    },
    /** The users whose sessions have removed snapshots. */
    removers: () => [
      ...new Set(
        simulator.calls.flatMap(({ method, sessionKey }) =>
          method === 'RemoveSnapshot_Task' ? [sessionKey] : [],
        ),
      ),
    ],
  }
}

test('removes the expired capture of a user who is logged out in the session of the next one', async () => {
  const { simulator, capture, keys, later, removers } = await start()
  expect((await capture('alice', 'of alice')).errors).toBeUndefined()
  const alice = simulator.calls.find(({ method }) => method === 'CreateSnapshot_Task')?.sessionKey
  simulator.faults.expireSessions()
  later(120_000)
  expect((await capture('bob', 'of bob')).errors).toBeUndefined()
  expect(await keys()).toEqual(['of bob'])
  expect(removers()).toHaveLength(1)
  expect(removers()).not.toContain(alice)
})

test('returns the capture of one user to another one who repeats the request', async () => {
  const { capture, called } = await start()
  const first = await capture('alice', 'job')
  const again = await capture('bob', 'job')
  expect(again.data.captureChanges.capture.snapshot).toEqual(first.data.captureChanges.capture.snapshot)
  expect(called('CreateSnapshot_Task')).toBe(1)
})

test('keeps an expired capture that one user reads when another user captures the machine', async () => {
  const { simulator, capture, keys, later, request } = await start()
  const { data } = await capture('alice', 'of alice')
  const [{ disk }] = data.captureChanges.capture.disks
  const paused = simulator.faults.pause({ method: 'QueryChangedDiskAreas' })
  const areas = request(
    'alice',
    `{ node(id: "${disk.id}") { ... on VirtualDisk { allocatedAreas { totalCount } } } }`,
  )
  await paused.waitFor()
  later(120_000)
  expect((await capture('bob', 'of alice')).errors).toMatchObject([
    { extensions: { code: 'CONFLICT', state: 'expired' } },
  ])
  expect((await capture('bob', 'of bob')).errors).toBeUndefined()
  expect(await keys()).toEqual(['of alice', 'of bob'])
  paused.release()
  expect((await areas).errors).toBeUndefined()
  expect((await capture('bob', 'next')).errors).toBeUndefined()
  expect(await keys()).toEqual(['of bob', 'next'])
})

test('takes no second snapshot for another user while the outcome of the first is unknown', async () => {
  const { simulator, capture, called } = await start()
  simulator.faults.dropConnection('unread', { method: 'CreateSnapshot_Task' })
  expect((await capture('alice', 'job')).errors).toMatchObject([
    { extensions: { code: 'OUTCOME_UNKNOWN', retryable: false } },
  ])
  expect((await capture('bob', 'job')).errors).toMatchObject([
    { extensions: { code: 'CONFLICT', state: 'outcomeUnknown', retryable: true } },
  ])
  // The first call has not arrived yet.
  expect(called('CreateSnapshot_Task')).toBe(0)
})
