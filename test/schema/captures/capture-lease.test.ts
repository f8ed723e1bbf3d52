// Tests the end of the lease: the snapshot is removed by the gateway that took it, by a scan of another one, or by the next capture, and
// not while its areas are read.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Snapshot } from '../../../src/simulator/virtual-machine/machine.ts'
import { startTestServer } from '../../server/running-server.ts'
import { countOf } from '../mutations/mutate.ts'
import {
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
} from './capture-fixture.ts'

const minute = 60_000
const hour = 60 * minute

/** The snapshots after a time for the timers of the gateways, which a gateway may have yet to start: to be called until it is right. */
function snapshotsLater({ timers, machine }: CaptureFixture, ms: number): Snapshot[] {
  timers.advance(ms)
  return snapshotsIn(machine)
}

/** Lets the gateways do what they have begun, which must change nothing. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 60))

test('the gateway that took a capture removes it at the end of its lease', async () => {
  const { gateway, another, machine, timers, later } = await startCaptureFixture()
  const own = another({ captureExpiry: true })
  timers.advance(30_000)
  await captured(own, { leaseSeconds: 120 })
  later(minute)
  timers.advance(minute)
  await settled()
  expect(snapshotsIn(machine)).toHaveLength(1)
  later(minute + 1_000)
  timers.advance(minute + 1_000)
  await expect.poll(() => snapshotsIn(machine)).toEqual([])
  expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(1)
  expect(own.lines).toEqual([expect.stringContaining('was not released before its lease ended')])
})

test('a capture that was released has nothing left to remove', async () => {
  const { another, gateway, timers, later } = await startCaptureFixture()
  const own = another({ captureExpiry: true })
  const { snapshot } = await captured(own, { leaseSeconds: 60 })
  await release(own, snapshot.id)
  later(hour)
  timers.advance(2 * minute)
  await settled()
  expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(1)
  expect(own.lines).toEqual([])
})

test('another gateway finds it in a scan at its start, and removes it when its lease ends', async () => {
  const fixture = await startCaptureFixture()
  const { gateway, another, machine, timers, later } = fixture
  await captured(gateway, { leaseSeconds: 60 })
  await gateway.close()
  another({ captureExpiry: true })
  timers.advance(30_000)
  await settled()
  expect(snapshotsIn(machine)).toHaveLength(1)
  later(minute)
  timers.advance(minute)
  await expect.poll(() => snapshotsLater(fixture, 1_000)).toEqual([])
})

test('another gateway finds it in a later scan', async () => {
  const fixture = await startCaptureFixture()
  const { gateway, another, timers, later } = fixture
  another({ captureExpiry: true })
  timers.advance(30_000)
  await settled()
  await captured(gateway, { leaseSeconds: 60 })
  later(2 * minute)
  timers.advance(hour)
  await expect.poll(() => snapshotsLater(fixture, 1_000)).toEqual([])
})

test('a gateway whose key is temporary sends nothing before its first capture', async () => {
  const fixture = await startCaptureFixture({ captureKey: undefined })
  const { another, simulator, timers, later } = fixture
  const own = another({ captureExpiry: true })
  timers.advance(3 * hour)
  await settled()
  expect(simulator.calls).toEqual([])
  await captured(own, { leaseSeconds: 60 })
  const reads = () => countOf(own, 'RetrievePropertiesEx')
  const before = reads()
  timers.advance(hour)
  await expect.poll(reads).toBeGreaterThan(before)
  later(2 * minute)
  await expect.poll(() => snapshotsLater(fixture, 1_000)).toEqual([])
})

test('a gateway without the key, or with a clock of its own that is fast, removes nothing', async () => {
  const { gateway, another, machine, timers } = await startCaptureFixture()
  await captured(gateway, { leaseSeconds: 60 })
  another({ captureExpiry: true, captureKey: 'another secret with enough characters' })
  another({ captureExpiry: true })
  timers.advance(30_000)
  await settled()
  timers.advance(30 * hour)
  await settled()
  expect(snapshotsIn(machine)).toHaveLength(1)
})

test('the next capture of the machine removes it first, with any key', async () => {
  const { gateway, machine, later } = await startCaptureFixture()
  const first = await captured(gateway, { leaseSeconds: 60 })
  later(2 * minute)
  const second = await captured(gateway, { leaseSeconds: 60 })
  expect(second.snapshot.moid).not.toBe(first.snapshot.moid)
  later(2 * minute)
  await captured(gateway, { idempotencyKey: 'other' })
  expect(snapshotsIn(machine)).toHaveLength(1)
})

test('a snapshot whose description was changed, or whose marker was copied, stays', async () => {
  const { gateway, machine, later } = await startCaptureFixture()
  await captured(gateway, { leaseSeconds: 60 })
  await captured(gateway, { idempotencyKey: 'other', leaseSeconds: 60 })
  const [kept, copied] = snapshotsIn(machine)
  describeSnapshot(machine, kept, 'keep this')
  takeWithout(machine, 'copy', copied?.description)
  later(2 * minute)
  await captured(gateway, { idempotencyKey: 'third' })
  expect(snapshotsIn(machine)).toHaveLength(4)
  expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(0)
})

test('a snapshot stays while its areas are read', async () => {
  const fixture = await startCaptureFixture()
  const { gateway, another, machine, timers, later, simulator } = fixture
  const own = another({ captureExpiry: true })
  timers.advance(30_000)
  const { disks } = await captured(own, { leaseSeconds: 60 })
  const paused = simulator.faults.pause({ method: 'QueryChangedDiskAreas' })
  const areas = own.execute(
    'query ($id: ID!) { node(id: $id) { ... on VirtualDisk { allocatedAreas { totalCount } } } }',
    {
      id: disks[0]?.disk.id,
    },
  )
  await paused.waitFor()
  later(2 * minute)
  timers.advance(2 * minute)
  await settled()
  expect(snapshotsIn(machine)).toHaveLength(1)
  // Nor does a repeated request take another one meanwhile.
  expect((await capture(own, { leaseSeconds: 60 })).reported).toMatchObject([
    { code: 'CONFLICT', state: 'expired', retryable: true },
  ])
  paused.release()
  expect((await areas).errors).toBeUndefined()
  await expect.poll(() => snapshotsLater(fixture, minute)).toEqual([])
  expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
})

test('a removal that fails is tried again', async () => {
  const fixture = await startCaptureFixture()
  const { another, machine, timers, later, simulator } = fixture
  const own = another({ captureExpiry: true })
  timers.advance(30_000)
  await captured(own, { leaseSeconds: 60 })
  simulator.faults.taskFault('RemoveSnapshot_Task', 'SnapshotFault')
  later(2 * minute)
  timers.advance(2 * minute)
  await expect.poll(() => own.lines).toContainEqual(expect.stringContaining('has not been removed yet'))
  expect(snapshotsIn(machine)).toHaveLength(1)
  await expect.poll(() => snapshotsLater(fixture, minute)).toEqual([])
})

test('a released capture has no timer left', async () => {
  const { another, simulator, timers, later } = await startCaptureFixture()
  const own = another({ captureExpiry: true })
  const { snapshot } = await captured(own, { leaseSeconds: 60 })
  await release(own, snapshot.id)
  simulator.calls.length = 0
  later(2 * minute)
  timers.advance(2 * minute)
  await settled()
  expect(simulator.calls.filter(({ method }) => method === 'CurrentTime')).toEqual([])
})

test('a repeated request does not extend the lease', async () => {
  const { gateway, another, machine, later } = await startCaptureFixture()
  const first = await captured(gateway, { leaseSeconds: 120 })
  later(minute)
  const again = await captured(another(), { leaseSeconds: 120 })
  expect(again.leaseExpiresAt).toBe(first.leaseExpiresAt)
  later(minute + 1_000)
  const next = await captured(gateway, { leaseSeconds: 120 })
  expect(next.snapshot.moid).not.toBe(first.snapshot.moid)
  expect(snapshotsIn(machine)).toHaveLength(1)
})

test('the scan removes a capture whose timer is late because the clock of the vCenter was set forward', async () => {
  const fixture = await startCaptureFixture()
  const { another, timers, later } = fixture
  const own = another({ captureExpiry: true })
  timers.advance(30_000)
  await captured(own, { leaseSeconds: 604_800 })
  later(8 * 24 * hour)
  await expect.poll(() => snapshotsLater(fixture, hour)).toEqual([])
})

test('a clock of the vCenter that was set back by a year does not let the timer run again at once', async () => {
  const delays: number[] = []
  const { another, machine, timers, later } = await startCaptureFixture()
  const captureClock = {
    schedule(afterMs: number, callback: () => void) {
      delays.push(afterMs)
      return timers.schedule(afterMs, callback)
    },
  }
  const own = another({ captureExpiry: true, captureClock })
  await captured(own, { leaseSeconds: 60 })
  later(-365 * 24 * hour)
  timers.advance(2 * minute)
  await expect.poll(() => delays).toContain(7 * 24 * hour)
  // Node fires a timer that is longer after a millisecond.
  expect(Math.max(...delays)).toBeLessThan(2 ** 31)
  expect(snapshotsIn(machine)).toHaveLength(1)
})

test('a removal whose disk files cannot be merged is complete, and is logged', async () => {
  const { another, machine, timers, later, simulator } = await startCaptureFixture()
  const own = another({ captureExpiry: true })
  timers.advance(30_000)
  await captured(own, { leaseSeconds: 60 })
  simulator.faults.taskFault('RemoveSnapshot_Task', 'FileLocked')
  // Before the timer of the task that has just started.
  simulator.objects.on('changed', function removeMeanwhile({ ref }) {
    if (ref.type !== 'Task') return
    simulator.objects.off('changed', removeMeanwhile)
    setImmediate(() => removeWithout(machine, snapshotsIn(machine)[0] as Snapshot, false))
  })
  later(2 * minute)
  timers.advance(2 * minute)
  await expect.poll(() => own.lines).toContainEqual(expect.stringContaining('run consolidateDisks'))
  expect(own.lines).not.toContainEqual(expect.stringContaining('has not been removed'))
  // The next capture says so too.
  expect((await capture(own)).reported).toMatchObject([{ blockers: [{ code: 'CONSOLIDATION_NEEDED' }] }])
})

describe('a server', () => {
  /** Starts a server beside the vCenter of a fixture, with the clock of its timers. */
  async function startServer(flags: readonly string[]) {
    const fixture = await startCaptureFixture()
    const directory = await mkdtemp(join(tmpdir(), 'captures-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const keyFile = join(directory, 'keys.txt')
    await writeFile(keyFile, captureKey, { mode: 0o600 })
    const { url } = await fixture.simulator.listen()
    const server = await startTestServer(
      ['--url', url, '--capture-key-file', keyFile, ...flags],
      flags.includes('vsphere') ? {} : { VSPHERE_USERNAME: 'user', VSPHERE_PASSWORD: 'pass' },
      undefined,
      { captureClock: fixture.timers },
    )
    return { ...fixture, server }
  }

  test.each([
    ['removes the captures that other gateways left behind', [], 0],
    ['that is read-only removes nothing', ['--read-only'], 1],
    ['with one session per user removes nothing by itself', ['--auth', 'vsphere'], 1],
  ])('%s', async (_what, flags, left) => {
    const fixture = await startServer(flags)
    const { gateway, simulator, machine, timers, later } = fixture
    await captured(gateway, { leaseSeconds: 60 })
    await gateway.close()
    later(2 * hour)
    if (left === 0) await expect.poll(() => snapshotsLater(fixture, 2 * hour)).toEqual([])
    else {
      timers.advance(2 * hour)
      await settled()
      expect(snapshotsIn(machine)).toHaveLength(left)
      expect(simulator.live.tasks).toBe(0)
    }
  })
})
