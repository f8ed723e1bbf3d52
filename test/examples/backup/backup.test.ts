// Tests the example backup program: incremental generations, the reasons of full copies, runs that are disturbed, and the end of captures.

import { describe, expect, test } from 'vitest'
import type { HttpResponse } from '../../../examples/backup/http.ts'
import { verify } from '../../../examples/backup/storage/verify.ts'
import { createRandom } from '../../../src/simulator/random.ts'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { removeWithout, snapshotsIn, takeWithout } from '../../schema/captures/capture-fixture.ts'
import { addMachine } from '../../schema/changed-areas/changed-areas-fixture.ts'
import { type BackupFixture, startBackupFixture } from './backup-fixture.ts'
import { addDisk, growDisk, removeDisk, resetTracking, revertLab } from './disk-changes.ts'

const random = createRandom('backup')
const KiB = 1024

const count = ({ simulator }: BackupFixture, method: string) =>
  simulator.calls.filter((call) => call.method === method).length

describe('a generation', () => {
  test('has everything in use at first, and then only what has changed', async () => {
    const fixture = await startBackupFixture()
    const { lines } = await fixture.run()
    expect(lines.join('')).toContain('Hard disk 1, in full: NO_TOKEN')
    expect(await fixture.bases()).toEqual({ 2000: 'NO_TOKEN', 2001: 'NO_TOKEN', 2002: 'NO_TOKEN' })
    fixture.write(1, 64 * KiB)
    await fixture.run()
    expect(await fixture.bases()).toEqual({ 2000: 'CHANGES', 2001: 'CHANGES', 2002: 'CHANGES' })
    const [, second] = await fixture.check()
    expect(second?.disks.map(({ bytes }) => bytes)).toEqual([0, 64 * KiB, 0])
    expect(snapshotsIn(fixture.machine)).toEqual([])
  })

  test.each([
    ['DISK_RESIZED', ({ machine }: BackupFixture) => growDisk(machine, 0, random)],
    [
      'DISK_REPLACED',
      ({ machine }: BackupFixture) => {
        removeDisk(machine, 0)
        addDisk(machine, random)
      },
    ],
    ['CHANGE_ID_STALE', (fixture: BackupFixture) => resetTracking(fixture)],
    ['CHANGE_ID_STALE', (fixture: BackupFixture) => revertLab(fixture, () => fixture.write(0, 0))],
  ])('has a disk in full because of %s', async (reason, change) => {
    const fixture = await startBackupFixture()
    await fixture.run()
    await change(fixture)
    fixture.write(0, 64 * KiB)
    await fixture.run()
    expect(await fixture.bases()).toMatchObject({ 2000: reason })
  })

  test('has an added disk in full, and no longer a removed one', async () => {
    const fixture = await startBackupFixture()
    await fixture.run()
    addDisk(fixture.machine, random)
    removeDisk(fixture.machine, 1)
    await fixture.run()
    expect(await fixture.bases()).toEqual({ 2000: 'CHANGES', 2002: 'CHANGES', 2003: 'NO_TOKEN' })
  })

  test('has a disk in full if only vSphere finds that its changes are not known', async () => {
    const fixture = await startBackupFixture()
    await fixture.run()
    fixture.simulator.faults.fault('FileFault', { method: 'QueryChangedDiskAreas' })
    const { lines } = await fixture.run()
    const bases = Object.values(await fixture.bases()).sort()
    expect(bases).toEqual(['CHANGES', 'CHANGES', 'CHANGE_ID_STALE'])
    expect(lines.join('')).toContain('in full: CHANGE_ID_STALE')
  })

  test('leaves out an independent disk, and says so', async () => {
    const fixture = await startBackupFixture({
      disks: [{ capacity: 256 * KiB }, { capacity: 256 * KiB, independent: true }],
    })
    const { lines } = await fixture.run()
    expect(lines.join('')).toMatch(/left out: .*Hard disk 2/)
    expect(await fixture.bases()).toEqual({ 2000: 'NO_TOKEN' })
    const [generation] = await fixture.check()
    expect(generation?.leftOut).toEqual([expect.stringContaining('Hard disk 2')])
    expect((await verify(fixture.repository)).leftOut).toEqual([
      expect.stringMatching(/^000001: .*Hard disk 2/),
    ])
  })

  test('is copied from three disks at a time', async () => {
    const disks = Array.from({ length: 5 }, () => ({ capacity: 256 * KiB }))
    const fixture = await startBackupFixture({ disks })
    let most = 0
    await fixture.run({
      async beforeRead(_count, running) {
        most = Math.max(most, running)
        // The first reads wait for each other.
        while (most < 3) await new Promise(setImmediate)
      },
    })
    expect(most).toBe(3)
    await fixture.check()
  })
})

describe('a run', () => {
  /** Runs the program while another client removes the snapshot, after it has written and done something else. */
  const runWhileRemoved = (fixture: BackupFixture, before: () => unknown = () => {}) =>
    fixture.run({
      beforeRead(number) {
        if (number !== 4) return
        const [snapshot] = snapshotsIn(fixture.machine)
        for (const offset of [0, 960 * KiB]) fixture.write(0, offset)
        before()
        removeWithout(fixture.machine, snapshot as NonNullable<typeof snapshot>)
      },
    })

  test.each<[string, (fixture: BackupFixture) => unknown]>([
    ['removes the snapshot', () => {}],
    [
      'powers the machine off and removes the snapshot, so that newer data is served',
      ({ machine }) => setPower(machine, 'poweredOff', new Date()),
    ],
  ])('discards what it has copied and begins again when another client %s', async (_title, first) => {
    const fixture = await startBackupFixture()
    const { lines } = await runWhileRemoved(fixture, () => first(fixture))
    expect(lines.join('')).toContain('The snapshot was removed before it was copied')
    expect(count(fixture, 'CreateSnapshot_Task')).toBe(2)
    expect(await fixture.check()).toHaveLength(1)
    expect(snapshotsIn(fixture.machine)).toEqual([])
  })

  test('discards what it has copied, and fails, when another client replaces the snapshot by one of its own', async () => {
    const fixture = await startBackupFixture()
    const { machine } = fixture
    const outcome = runWhileRemoved(fixture, () => takeWithout(machine, 'other'))
    // After the other snapshot, the data is in files that cannot be read.
    await expect(outcome).rejects.toThrow('the virtual machine has other snapshots')
    const left = snapshotsIn(machine)
    expect(left.map(({ name }) => name)).toEqual(['other'])
    for (const snapshot of left) removeWithout(machine, snapshot)
    await fixture.run()
    expect(await fixture.check()).toHaveLength(1)
  })

  test.each([
    ['JSON', '{"message":"An invalid response was received from the upstream server"}'],
    ['HTML', '<html>Bad Gateway</html>'],
  ])('commits nothing when a proxy responds with %s whether the snapshot is held', async (_title, text) => {
    const fixture = await startBackupFixture()
    const response: HttpResponse = { status: 502, headers: {}, body: Buffer.from(text) }
    const outcome = fixture.run({
      beforeRead(number) {
        if (number !== 1) return
        const [snapshot] = snapshotsIn(fixture.machine)
        for (const offset of [0, 192 * KiB]) fixture.write(0, offset)
        takeWithout(fixture.machine, 'other')
        removeWithout(fixture.machine, snapshot as NonNullable<typeof snapshot>)
      },
      proxy: (request) => (request.includes('IsHeld') ? response : undefined),
    })
    await expect(outcome).rejects.toThrow('responded with status 502')
    expect(await fixture.check()).toEqual([])
  })

  test('goes on when a proxy fails for a moment', async () => {
    const fixture = await startBackupFixture()
    const failed = new Set<string>()
    await fixture.run({
      proxy(request) {
        const [operation = ''] = /^\/areas|(?:query|mutation) \w+/.exec(request) ?? []
        if (failed.has(operation)) return undefined
        failed.add(operation)
        return { status: 502, headers: {}, body: Buffer.from('<html>Bad Gateway</html>') }
      },
    })
    expect(failed.size).toBeGreaterThanOrEqual(4)
    expect(await fixture.check()).toHaveLength(1)
  })

  test('goes on when the session of the vCenter is lost', async () => {
    const fixture = await startBackupFixture()
    const { simulator } = fixture
    await fixture.run({ beforeRead: (number) => number === 4 && simulator.faults.expireSessions() })
    expect(await fixture.check()).toHaveLength(1)
    expect(count(fixture, 'CreateSnapshot_Task')).toBe(1)
  })

  test('ends its session when the first logout fails', async () => {
    const fixture = await startBackupFixture()
    const undo = fixture.simulator.faults.unavailable({ method: 'Logout', times: 2 })
    // Fails if the session is left.
    await fixture.run()
    undo()
    expect(count(fixture, 'Logout')).toBe(1)
  })

  test('goes on when the gateway is restarted', async () => {
    const fixture = await startBackupFixture()
    await fixture.run({ beforeRead: (number) => number === 4 && fixture.restartGateway() })
    expect(await fixture.check()).toHaveLength(1)
    expect(snapshotsIn(fixture.machine)).toEqual([])
  })

  test('that was killed is continued from the same snapshot, without a second read of what is safe', async () => {
    const fixture = await startBackupFixture()
    let reads = 0
    const beforeRead = () => {
      reads += 1
    }
    const whole = await fixture.run({ beforeRead })
    const all = reads
    await resetTracking(fixture)
    reads = 0
    // Near the end of the copy.
    const killed = await fixture.run({ killAt: whole.operations - 40, beforeRead })
    expect([killed.id, snapshotsIn(fixture.machine).length]).toEqual([undefined, 1])
    expect(await fixture.check()).toHaveLength(1)
    const before = reads
    fixture.simulator.calls.length = 0
    const { lines } = await fixture.run({ beforeRead })
    expect(lines[0]).toMatch(/^Continuing the backup that was begun at /)
    expect(before).toBeGreaterThan(all / 2)
    // What was read last may not have been stored.
    expect(reads).toBeLessThanOrEqual(all + 3)
    expect(count(fixture, 'CreateSnapshot_Task')).toBe(0)
    expect(await fixture.check()).toHaveLength(2)
  })

  test('stores nothing when a disk cannot be read, and is continued later', async () => {
    const fixture = await startBackupFixture()
    const failing = fixture.run({
      beforeRead: (number) => {
        if (number === 12) throw new Error('the storage failed')
      },
    })
    await expect(failing).rejects.toThrow('the storage failed')
    expect(await fixture.check()).toEqual([])
    expect(snapshotsIn(fixture.machine)).toHaveLength(1)
    await fixture.run()
    expect(await fixture.check()).toHaveLength(1)
    expect(count(fixture, 'CreateSnapshot_Task')).toBe(1)
  })

  test('takes no snapshot, and logs in once, when the password is wrong', async () => {
    const fixture = await startBackupFixture()
    await expect(fixture.run({ password: 'wrong' })).rejects.toThrow('rejected the login of user')
    const logins = fixture.simulator.calls.filter(({ method }) => method === 'Login')
    expect(logins).toHaveLength(1)
    expect(count(fixture, 'CreateSnapshot_Task')).toBe(0)
  })

  test('is rejected for another machine than that of the repository', async () => {
    const fixture = await startBackupFixture()
    await fixture.run({ killAt: 60 })
    await expect(fixture.run({ machine: 'web-01' })).rejects.toThrow(/a backup of lab .*is in progress/)
    await fixture.run()
    await expect(fixture.run({ machine: 'web-01' })).rejects.toThrow('this repository holds backups of lab')
  })
})

describe('a run is rejected before it takes a snapshot', () => {
  const snapshotCalls = ({ simulator }: BackupFixture) =>
    simulator.calls.filter(({ method }) => /Snapshot.*_Task$/.test(method)).map(({ method }) => method)

  test('when the data is of another vCenter, also when it is continued', async () => {
    const fixture = await startBackupFixture()
    const { repository, simulator } = fixture
    const other = { vcenterUuid: '00000000-0000-0000-0000-000000000000' }
    await expect(fixture.run(other)).rejects.toThrow('is connected to the vCenter')
    await expect(fixture.run({ vcenterUuid: '' })).rejects.toThrow('not connected to a vCenter')
    expect([snapshotCalls(fixture), await repository.names()]).toEqual([[], []])
    await fixture.run({ killAt: 60 })
    simulator.calls.length = 0
    let reads = 0
    const beforeRead = () => {
      reads += 1
    }
    await expect(fixture.run({ ...other, beforeRead })).rejects.toThrow('is connected to the vCenter')
    expect([snapshotCalls(fixture), reads]).toEqual([[], 0])
    await fixture.run()
    expect(await fixture.check()).toHaveLength(1)
  })

  test('when the virtual machine has snapshots', async () => {
    const fixture = await startBackupFixture()
    takeWithout(fixture.machine, 'other')
    await expect(fixture.run()).rejects.toThrow('the virtual machine has other snapshots')
    expect(snapshotCalls(fixture)).toEqual([])
  })

  test('when its request is invalid, and the next run is not bound to it', async () => {
    const fixture = await startBackupFixture()
    await expect(fixture.run({ machine: 'lba' })).rejects.toThrow(/lba/)
    await expect(fixture.run({ leaseSeconds: 200 * 3600 })).rejects.toThrow(/leaseSeconds/)
    expect(await fixture.repository.names()).toEqual([])
    expect(snapshotCalls(fixture)).toEqual([])
    expect((await fixture.run()).id).toBe('000001')
  })
})

test('a virtual machine whose name ends like that of a delta file is backed up', async () => {
  const fixture = await startBackupFixture({ disks: [{ capacity: 64 * KiB }] })
  const name = 'srv-100234'
  addMachine(fixture.simulator, name, {
    disks: [{ capacity: 64 * KiB }],
    changeTracking: 'active',
    powerState: 'poweredOn',
  })
  expect((await fixture.run({ machine: name })).id).toBe('000001')
})

describe('the capture of a run that is never continued', () => {
  test('ends with its lease, and the next run takes a new snapshot', async () => {
    const fixture = await startBackupFixture({ captureExpiry: true })
    const { machine, timers, later, write } = fixture
    await fixture.run({ killAt: 80 })
    expect(snapshotsIn(machine)).toHaveLength(1)
    write(0, 0)
    const hours = 2 * 3_600_000
    later(hours)
    timers.advance(hours)
    await expect.poll(() => snapshotsIn(machine)).toEqual([])
    await fixture.run()
    expect(await fixture.check()).toHaveLength(1)
  })

  test('ends with its lease while it is copied, which is not repeated', async () => {
    const fixture = await startBackupFixture({ captureExpiry: true })
    const { machine, timers, later, repository } = fixture
    const hours = 2 * 3_600_000
    const outcome = fixture.run({
      async beforeRead(number) {
        if (number !== 4) return
        later(hours)
        timers.advance(hours)
        await expect.poll(() => snapshotsIn(machine)).toEqual([])
      },
    })
    await expect(outcome).rejects.toThrow('the lease of 1 h ended before the disks were copied')
    expect(count(fixture, 'CreateSnapshot_Task')).toBe(1)
    expect(await repository.names()).toEqual([])
    await fixture.run()
    expect(await fixture.check()).toHaveLength(1)
  })

  test('keeps its lease when it is continued', async () => {
    const fixture = await startBackupFixture()
    await fixture.run({ killAt: 60 })
    const { lines } = await fixture.run({ leaseSeconds: 7200 })
    expect(lines).toContain('Its lease stays 1 h: --lease-hours is for new backups.')
  })

  test('ends when it is discarded, also if the run was killed before it knew the snapshot', async () => {
    const fixture = await startBackupFixture()
    const { machine } = fixture
    let killAt = 1
    while (snapshotsIn(machine).length === 0) {
      killAt += 1
      await fixture.run({ killAt })
    }
    await fixture.discard()
    expect(snapshotsIn(machine)).toEqual([])
    await expect(fixture.discard()).rejects.toThrow('no backup is in progress')
  })
})
