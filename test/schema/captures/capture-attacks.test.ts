// Tests captures against markers that others have moved or copied, clocks that were set, and moments between two reads: no snapshot of
// someone else is removed, no second one is taken, and no revert is missed.

import { describe, expect, test } from 'vitest'
import type { TestGateway } from '../../test-gateway.ts'
import { countOf, mutate } from '../mutations/mutate.ts'
import {
  bases,
  type CaptureFixture,
  capture,
  captured,
  captureKey,
  describe as describeSnapshot,
  release,
  removeWithout,
  snapshotsIn,
  startCaptureFixture,
  takeWithout,
  tokensOf,
} from './capture-fixture.ts'
import { createInterceptor } from './interceptor.ts'

const minute = 60_000
const hour = 60 * minute

const keysOf = async (gateway: TestGateway): Promise<(string | null)[]> => {
  const { data } = await gateway.execute(
    '{ virtualMachine(by: { name: "lab" }) { snapshots { capture { idempotencyKey } } } }',
  )
  return data.virtualMachine.snapshots.map(
    (each: { capture: { idempotencyKey: string } | null }) => each.capture?.idempotencyKey ?? null,
  )
}

describe('a marker', () => {
  test('that was moved to an older snapshot is not valid there', async () => {
    const { gateway, machine, another, later, timers } = await startCaptureFixture()
    const precious = takeWithout(machine, 'precious')
    const { snapshot } = await captured(gateway, { leaseSeconds: 60 })
    const description = snapshotsIn(machine).find(({ ref }) => ref.value === snapshot.moid)?.description
    await release(gateway, snapshot.id)
    describeSnapshot(machine, precious, description as string)
    expect(await keysOf(gateway)).toEqual([null])
    later(2 * minute)
    another({ captureExpiry: true })
    timers.advance(hour)
    const next = await captured(gateway, { idempotencyKey: 'next' })
    await release(gateway, next.snapshot.id)
    expect(snapshotsIn(machine).map(({ name }) => name)).toEqual(['precious'])
  })

  test('that was copied to an older snapshot stays valid on the snapshot of the capture', async () => {
    const { gateway, machine } = await startCaptureFixture()
    const precious = takeWithout(machine, 'precious')
    const { snapshot } = await captured(gateway)
    const description = snapshotsIn(machine).find(({ ref }) => ref.value === snapshot.moid)?.description
    describeSnapshot(machine, precious, description as string)
    expect(await keysOf(gateway)).toEqual([null, 'job-1'])
    expect((await captured(gateway)).snapshot.moid).toBe(snapshot.moid)
    expect((await release(gateway, snapshot.id)).reported).toEqual([])
    expect(snapshotsIn(machine).map(({ name }) => name)).toEqual(['precious'])
  })

  test('that was copied to a later snapshot prevents a second capture with its key', async () => {
    const { gateway, machine } = await startCaptureFixture()
    await captured(gateway)
    takeWithout(machine, 'copy', snapshotsIn(machine)[0]?.description)
    expect((await capture(gateway)).reported).toMatchObject([
      { code: 'CONFLICT', state: 'markerCopied', retryable: false },
    ])
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
    const other = await captured(gateway, { idempotencyKey: 'other' })
    await release(gateway, other.snapshot.id)
    expect(snapshotsIn(machine)).toHaveLength(2)
  })

  test.each(['"], "key', 'a\nb', '] AAAA', '\u00e9\u{1f600}\ud800', ' [vsphere-graphql capture] '])(
    'with the key %j is recognized, or the key is rejected',
    async (idempotencyKey) => {
      const { gateway, machine } = await startCaptureFixture()
      const { payload, reported } = await capture(gateway, { idempotencyKey })
      if (reported.length > 0) {
        expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
        expect(snapshotsIn(machine)).toEqual([])
        return
      }
      expect(await keysOf(gateway)).toEqual([idempotencyKey])
      const again = await captured(gateway, { idempotencyKey })
      expect(again.snapshot.moid).toBe(payload.capture.snapshot.moid)
      expect(snapshotsIn(machine)).toHaveLength(1)
    },
  )

  test('of another key is neither joined nor removed', async () => {
    const { gateway, another, machine, later, timers } = await startCaptureFixture()
    await captured(gateway, { leaseSeconds: 60 })
    const stranger = another({ captureKey: `another ${captureKey}`, captureExpiry: true })
    later(2 * minute)
    timers.advance(30_000)
    const own = await captured(stranger)
    await release(stranger, own.snapshot.id)
    expect(await keysOf(stranger)).toEqual([null])
    expect(await keysOf(gateway)).toEqual(['job-1'])
    expect(snapshotsIn(machine)).toHaveLength(1)
  })
})

describe('a key', () => {
  test('belongs to its tokens, in any order', async () => {
    const { gateway, another } = await startCaptureFixture()
    const first = await captured(gateway)
    await release(gateway, first.snapshot.id)
    const tokens = tokensOf(first)
    const second = await captured(gateway, { idempotencyKey: 'b', tokens })
    const reversed = { idempotencyKey: 'b', tokens: tokens.toReversed() }
    expect((await captured(another(), reversed)).snapshot.moid).toBe(second.snapshot.moid)
    for (const others of [tokens.slice(1), []])
      expect((await capture(gateway, { idempotencyKey: 'b', tokens: others })).reported).toMatchObject([
        { code: 'CONFLICT', state: 'otherArguments' },
      ])
  })
})

const revert = async ({ gateway }: CaptureFixture) => {
  const { data } = await gateway.execute('{ virtualMachine(by: { name: "lab" }) { snapshots { id } } }')
  const [{ id: snapshot }] = data.virtualMachine.snapshots
  expect((await mutate(gateway, 'revertToSnapshot', { snapshot }, 'task { state }')).reported).toEqual([])
}

describe('a clock of the vCenter', () => {
  test.each([
    ['is set back by hours before a revert', -5 * hour, 0, 'CHANGE_ID_STALE'],
    ['is set back by hours after a revert', 0, -5 * hour, 'CHANGE_ID_STALE'],
    ['is set forward by hours before a revert', 5 * hour, 0, 'CHANGE_ID_STALE'],
    ['was fast during the revert only', 5 * hour, -5 * hour, 'CHANGE_ID_STALE'],
    ['is set back by days before a revert', -72 * hour, 0, 'CHANGE_ID_STALE'],
    ['is set back, without a revert,', -2 * hour, 0, 'HISTORY_UNKNOWN'],
  ])('that %s gives a full copy', async (_when, before, after, reason) => {
    const fixture = await startCaptureFixture()
    const { gateway, machine, simulator, later } = fixture
    // A server that computes wrong changes from a discarded state, without an error.
    simulator.inventory.settings.epochAfterRevert = 'unchecked'
    const base = takeWithout(machine, 'base')
    const first = await captured(gateway)
    await release(gateway, first.snapshot.id)
    later(before)
    if (reason === 'CHANGE_ID_STALE') await revert(fixture)
    later(after)
    removeWithout(machine, base)
    const next = await captured(gateway, { idempotencyKey: 'next', tokens: tokensOf(first) })
    expect(bases(next)).toEqual([reason, reason])
  })

  test.each([-30 * hour, -2 * hour, 2 * hour, 1_000 * hour])(
    'that differs by %i ms from the others keeps the lease',
    async (ms) => {
      const { gateway, another, machine, later, timers } = await startCaptureFixture()
      later(ms)
      const own = another({ captureExpiry: true })
      const first = await captured(own, { leaseSeconds: 3_600 })
      const at = Date.now() + ms + hour
      expect(Math.abs(Date.parse(first.leaseExpiresAt) - at)).toBeLessThan(minute)
      later(50 * minute)
      timers.advance(50 * minute)
      expect((await captured(another(), { leaseSeconds: 3_600 })).snapshot.moid).toBe(first.snapshot.moid)
      await release(gateway, first.snapshot.id)
      const next = await captured(own, {
        idempotencyKey: 'next',
        leaseSeconds: 3_600,
        tokens: tokensOf(first),
      })
      expect(bases(next)).toEqual(['CHANGES', 'CHANGES'])
      later(61 * minute)
      timers.advance(61 * minute)
      await expect.poll(() => snapshotsIn(machine)).toEqual([])
    },
  )
})

test('has changes when the history keeps the times of tasks with another precision', async () => {
  const interceptor = createInterceptor()
  const { another } = await startCaptureFixture()
  const gateway = another({
    wrap: (transport) =>
      interceptor.wrap({
        close: () => transport.close(),
        async send(request) {
          const response = await transport.send(request)
          if (!/<latestPage|TaskHistoryCollector/.test(request.body ?? '')) return response
          return { ...response, body: withoutMilliseconds(response.body) }
        },
      }),
  })
  const first = await captured(gateway)
  await release(gateway, first.snapshot.id)
  const next = await captured(gateway, { idempotencyKey: 'next', tokens: tokensOf(first) })
  expect(bases(next)).toEqual(['CHANGES', 'CHANGES'])
})

async function* withoutMilliseconds(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  yield Buffer.from(text.replace(/(<queueTime>[^.<]*)\.\d+/g, '$1'))
}

describe('between two reads', () => {
  test('the snapshot of a gateway that has stopped is found when its task ends', async () => {
    const { simulator, machine, another } = await startCaptureFixture()
    const stopped = createInterceptor()
    simulator.tasks.durationMs = 60
    stopped.at({ method: 'CreateSnapshot_Task', when: 'accepted' }, () => stopped.kill())
    void capture(another({ wrap: stopped.wrap }))
    await stopped.killed
    const interceptor = createInterceptor()
    // It has read the snapshots, and the task was running.
    interceptor.at({ method: 'CurrentTime', when: 'before' }, () =>
      expect.poll(() => simulator.live.tasks, { interval: 5 }).toBe(0),
    )
    const gateway = another({ wrap: interceptor.wrap })
    const { snapshot, task } = await captured(gateway)
    expect(interceptor.hasRun).toBe(true)
    expect(task).toBeNull()
    expect(snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([snapshot.moid])
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
  })
})

test('returns the same capture when its snapshot could not be read after its task', async () => {
  const { simulator, machine, another } = await startCaptureFixture()
  const interceptor = createInterceptor()
  const gateway = another({ wrap: interceptor.wrap, captureExpiry: true })
  let undo = () => {}
  interceptor.at(
    { method: 'DestroyPropertyCollector', when: 'accepted', after: 'CreateSnapshot_Task' },
    () => {
      undo = simulator.faults.fault('SystemError', { method: 'RetrievePropertiesEx', times: 100 })
    },
  )
  const first = await capture(gateway)
  undo()
  expect(first.reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: false }])
  const again = await captured(gateway)
  expect(snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([again.snapshot.moid])
  expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
  await expect.poll(() => gateway.lines).toContainEqual(expect.stringContaining('unknown outcome'))
})
