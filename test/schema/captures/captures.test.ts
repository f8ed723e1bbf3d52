// Tests captureChanges and releaseCapture: what a capture contains, that a key takes one snapshot, and the errors.

import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../../src/simulator/index.ts'
import { addMachine } from '../changed-areas/changed-areas-fixture.ts'
import { countOf } from '../mutations/mutate.ts'
import {
  bases,
  capture,
  captured,
  captureKey,
  describe as describeSnapshot,
  release,
  snapshotsIn,
  startCaptureFixture,
  takeWithout,
  tokensOf,
} from './capture-fixture.ts'

describe('a capture', () => {
  test('has everything in use first, and then what changed since the tokens', async () => {
    const { gateway, machine, write, simulator } = await startCaptureFixture()
    write(0, 0)
    const first = await captured(gateway)
    expect(bases(first)).toEqual(['NO_TOKEN', 'NO_TOKEN'])
    expect(first.task?.state).toBe('SUCCESS')
    expect(first.leftOut).toEqual([])
    expect(first.snapshot).toMatchObject({
      name: 'vsphere-graphql capture',
      capture: { idempotencyKey: 'job-1', leaseExpiresAt: first.leaseExpiresAt },
    })
    expect((await release(gateway, first.snapshot.id)).payload).toEqual({
      task: { state: 'SUCCESS' },
      virtualMachine: { name: 'lab', consolidationNeeded: false },
    })
    expect(snapshotsIn(machine)).toEqual([])

    write(0, 1_048_576)
    const tokens = tokensOf(first)
    const second = await captured(gateway, { idempotencyKey: 'job-2', tokens })
    expect(bases(second)).toEqual(['CHANGES', 'CHANGES'])
    expect(second.disks.map(({ areas }) => areas.nodes)).toEqual([[{ start: 1_048_576, length: 65_536 }], []])
    expect(second.disks.map(({ areas }) => areas.sinceChangeId)).toEqual(
      first.disks.map(({ disk }) => disk.changeId),
    )
    const [snapshot] = snapshotsIn(machine)
    expect(snapshot?.description).toContain('Held for a backup until')
    expect(snapshot?.memory).toBe(false)
    await release(gateway, second.snapshot.id)
    expect(simulator.live.historyCollectors).toBe(0)
  })

  test('has paths of files that match its basis', async () => {
    const { gateway } = await startCaptureFixture()
    const fields = 'capture { snapshot { id } disks { token export { path mediaType } } }'
    const { payload } = await capture(gateway, {}, fields)
    const [disk] = payload.capture.disks
    expect(disk.export).toMatchObject({ mediaType: 'application/x-ndjson' })
    expect(disk.export.path).not.toContain('sinceChangeId')
    const extents = 'capture { disks { basis export(format: EXTENTLIST) { path } } }'
    expect((await capture(gateway, {}, extents)).reported).toEqual([])
    await release(gateway, payload.capture.snapshot.id)
    const tokens = payload.capture.disks.map(({ token }: { token: string }) => token)
    const changes = await capture(gateway, { idempotencyKey: 'job-2', tokens }, fields)
    const { path } = changes.payload.capture.disks[0].export
    expect(path).toContain('sinceChangeId')
    const response = await gateway.fetch(path)
    expect(response.status).toBe(200)
    expect((await response.text()).trim().split('\n').at(-1)).toContain('"type":"end"')
    const refused = await capture(gateway, { idempotencyKey: 'job-2', tokens }, extents)
    expect(refused.reported).toMatchObject([{ code: 'BAD_USER_INPUT' }, { code: 'BAD_USER_INPUT' }])
  })

  test('lists disks that are not in it with the reason', async () => {
    const { gateway, simulator } = await startCaptureFixture()
    const disks = [{ capacity: 1_048_576 }, { capacity: 1_048_576, independent: true }] as const
    addMachine(simulator, 'mixed', { disks, changeTracking: 'active' })
    const { disks: inside, leftOut } = await captured(gateway, { virtualMachine: { name: 'mixed' } })
    expect(inside.map(({ disk }) => disk.key)).toEqual([2000])
    expect(leftOut).toEqual([{ code: 'INDEPENDENT_DISK', disk: { key: 2001 } }])
  })

  test('is null while its task runs, and the same request returns it later', async () => {
    const clock = createManualClock()
    const { gateway, simulator, machine } = await startCaptureFixture({ clock })
    const early = await capture(gateway, { waitSeconds: 0 })
    expect(early.reported).toEqual([])
    expect(early.payload).toMatchObject({ capture: null, task: { state: 'RUNNING' } })
    const later = captured(gateway)
    await expect.poll(() => simulator.live.waits).toBe(1)
    clock.advance(1_000)
    const { task, snapshot } = await later
    expect(task?.moid).toBe(early.payload.task.moid)
    const again = await captured(gateway)
    expect(again).toMatchObject({ task: null, snapshot: { moid: snapshot.moid } })
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
    expect(snapshotsIn(machine)).toHaveLength(1)
  })
})

describe('an idempotency key', () => {
  test('takes one snapshot, however often and by how many it is sent at once', async () => {
    const { gateway, another, machine } = await startCaptureFixture()
    const all = await Promise.all([1, 2, 3, 4].map(() => captured(gateway)))
    const again = await captured(another())
    expect(new Set([...all, again].map(({ snapshot }) => snapshot.moid)).size).toBe(1)
    expect(again.task).toBeNull()
    // Another gateway finds the task of the snapshot in the history, so the tokens are the same.
    expect(tokensOf(again)).toEqual(tokensOf(all[0] as typeof again))
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
    expect(snapshotsIn(machine)).toHaveLength(1)
  })

  test('is CONFLICT with other arguments, while it runs and afterwards', async () => {
    const { gateway, another } = await startCaptureFixture()
    const [one, other] = await Promise.all([capture(gateway), capture(gateway, { quiesce: true })])
    expect(one.reported).toEqual([])
    const conflict = { code: 'CONFLICT', state: 'otherArguments', retryable: false }
    expect(other.reported).toMatchObject([conflict])
    expect((await capture(another(), { leaseSeconds: 60 })).reported).toMatchObject([conflict])
    expect((await capture(gateway, { name: 'other' })).reported).toMatchObject([conflict])
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
  })

  test('can be used again after the release', async () => {
    const { gateway } = await startCaptureFixture()
    const first = await captured(gateway)
    await release(gateway, first.snapshot.id)
    const second = await captured(gateway)
    expect(second.snapshot.moid).not.toBe(first.snapshot.moid)
  })

  test('takes one snapshot when two gateways take one at the same time', async () => {
    const { gateway, another, machine, simulator } = await startCaptureFixture()
    const other = another()
    // Both have read the machine before either takes its snapshot.
    const paused = simulator.faults.pause({ method: 'CreateSnapshot_Task' })
    const requests = [capture(gateway), capture(other)]
    await paused.waitFor(2)
    paused.release()
    const responses = await Promise.all(requests)
    const succeeded = responses.flatMap(({ payload }) => payload?.capture.snapshot.moid ?? [])
    for (const { reported } of responses)
      for (const error of reported) expect(error).toMatchObject({ code: 'CONFLICT', retryable: true })
    expect(new Set(succeeded).size).toBe(1)
    await expect.poll(() => snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([succeeded[0]])
  })

  test('keeps the older of two snapshots', async () => {
    const { gateway, another, machine } = await startCaptureFixture()
    const first = await captured(gateway)
    // As if the snapshot had not been visible to the second gateway yet.
    const [hidden] = snapshotsIn(machine)
    const description = hidden?.description ?? ''
    describeSnapshot(machine, hidden, '')
    await captured(another())
    describeSnapshot(machine, hidden, description)
    expect(snapshotsIn(machine)).toHaveLength(2)
    const again = await captured(gateway)
    expect(again.snapshot.moid).toBe(first.snapshot.moid)
    await expect.poll(() => snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([first.snapshot.moid])
    expect(gateway.lines).toContainEqual(expect.stringContaining('was taken twice'))
  })
})

describe('an argument', () => {
  test.each([
    [{ idempotencyKey: '' }],
    [{ idempotencyKey: 'x'.repeat(129) }],
    [{ leaseSeconds: 59 }],
    [{ leaseSeconds: 604_801 }],
    [{ waitSeconds: 601 }],
    [{ name: ' ' }],
    [{ tokens: ['nothing'] }],
  ])('%j is BAD_USER_INPUT before anything is sent', async (more) => {
    const { gateway } = await startCaptureFixture()
    expect((await capture(gateway, more)).reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(0)
  })

  test('is BAD_USER_INPUT if two tokens belong to one disk, or one to another machine', async () => {
    const { gateway, simulator } = await startCaptureFixture()
    const [token = ''] = tokensOf(await captured(gateway))
    expect((await capture(gateway, { idempotencyKey: 'b', tokens: [token, token] })).reported).toMatchObject([
      { code: 'BAD_USER_INPUT', message: expect.stringContaining('two tokens') },
    ])
    addMachine(simulator, 'other', { disks: [{ capacity: 1_048_576 }], changeTracking: 'active' })
    const more = { virtualMachine: { name: 'other' }, tokens: [token] }
    expect((await capture(gateway, more)).reported).toMatchObject([
      { code: 'BAD_USER_INPUT', message: expect.stringContaining('another virtual machine') },
    ])
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
  })
})

describe('a release', () => {
  test('succeeds again when the snapshot no longer exists', async () => {
    const { gateway } = await startCaptureFixture()
    const { snapshot } = await captured(gateway)
    await release(gateway, snapshot.id)
    expect(await release(gateway, snapshot.id)).toEqual({
      payload: { task: null, virtualMachine: null },
      reported: [],
    })
    expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(1)
  })

  test.each([
    ['has no marker', () => 'mine'],
    ['has a changed marker', (text: string) => text.replace('"job-1"', '"job-2"')],
    ['has the signature of another key', (text: string) => text.replace(/[\w-]{43}$/, 'A'.repeat(43))],
  ])('is BAD_USER_INPUT if the snapshot %s', async (_name, change) => {
    const { gateway, machine } = await startCaptureFixture()
    const { snapshot } = await captured(gateway)
    const [held] = snapshotsIn(machine)
    describeSnapshot(machine, held, change(held?.description ?? ''))
    expect((await release(gateway, snapshot.id)).reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(snapshotsIn(machine)).toHaveLength(1)
  })

  test('is BAD_USER_INPUT for a gateway with another key, which has no capture of the snapshot', async () => {
    const { gateway, another } = await startCaptureFixture()
    const { snapshot } = await captured(gateway)
    const stranger = another({ captureKey: `another ${captureKey}` })
    expect((await release(stranger, snapshot.id)).reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    const { data } = await stranger.execute(
      '{ virtualMachine(by: { name: "lab" }) { snapshots { capture { idempotencyKey } } } }',
    )
    expect(data.virtualMachine.snapshots).toEqual([{ capture: null }])
  })

  test('is BAD_USER_INPUT while a copy of the marker is on another snapshot', async () => {
    const { gateway, machine } = await startCaptureFixture()
    const { snapshot } = await captured(gateway)
    const description = snapshotsIn(machine)[0]?.description ?? ''
    takeWithout(machine, 'copy', description)
    expect((await release(gateway, snapshot.id)).reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(snapshotsIn(machine)).toHaveLength(2)
  })
})

test('warns that a random key is not known after a restart, at the first capture', async () => {
  const { gateway } = await startCaptureFixture({ captureKey: undefined as never })
  expect(gateway.lines).toEqual([])
  await captured(gateway)
  await captured(gateway, { idempotencyKey: 'b' })
  expect(gateway.lines).toEqual([expect.stringContaining('no key for captures (--capture-key-file')])
})
