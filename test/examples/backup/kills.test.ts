// Kills the example backup program at its operations, one after the other, in a backup and in a retention. BACKUP_EVERY=1 tests each
// operation; by default, each eighth one of the backup, and each second one of the retention.

import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Repository } from '../../../examples/backup/storage/repository.ts'
import { keepNewest } from '../../../examples/backup/storage/retention.ts'
import { createRandom } from '../../../src/simulator/random.ts'
import { snapshotsIn } from '../../schema/captures/capture-fixture.ts'
import { startBackupFixture } from './backup-fixture.ts'
import { Killed, Operations } from './crashing.ts'

const every = process.env.BACKUP_EVERY
// Ten minutes by default, and longer for more kills.
vi.setConfig({ testTimeout: 600_000 * Math.max(1, 8 / Number(every ?? 8)) })

const KiB = 1024
const disks = [{ capacity: 100 * KiB }]

test('a backup that is killed at any operation is continued by the next run, with the same snapshot', async () => {
  const fixture = await startBackupFixture({ disks })
  const { machine, write } = fixture
  const random = createRandom('kills')
  await fixture.run()
  for (let killAt = 1; ; killAt += Number(every ?? 8)) {
    write(0, 0)
    const { id } = await fixture.run({ killAt, random, powerFailure: killAt % 2 === 0, keep: 2 })
    const snapshots = snapshotsIn(machine)
    const last = (await fixture.check()).at(-1)?.id as string
    write(0, 0)
    fixture.simulator.calls.length = 0
    if (id !== undefined) break
    // It is committed already if only its snapshot was left, or nothing.
    const next = await fixture.run({ keep: 2 })
    // A number that was reserved before the kill is not used again.
    expect(Number(next.id)).toBeGreaterThan(Number(last))
    await fixture.check()
    const taken = fixture.simulator.calls.filter(({ method }) => method === 'CreateSnapshot_Task').length
    expect(taken, `snapshots that are taken after a kill at operation ${killAt}`).toBeLessThanOrEqual(1)
    if (taken === 0) expect(snapshots).toHaveLength(1)
    expect(snapshotsIn(machine)).toEqual([])
  }
})

test('a retention that is killed at any operation leaves only generations that can be restored', async () => {
  const fixture = await startBackupFixture({ disks })
  for (let count = 0; count < 3; count += 1) {
    fixture.write(0, 0)
    await fixture.run()
  }
  const folder = await mkdtemp(join(tmpdir(), 'retention-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const random = createRandom('retention')
  for (let killAt = 1; ; killAt += Number(every ?? 2)) {
    const copy = join(folder, String(killAt))
    await cp(fixture.repository.folder, copy, { recursive: true })
    const operations = new Operations({ random, killAt })
    const killed = await keepNewest(new Repository(copy, operations.files), 1, 96 * KiB).then(
      () => false,
      (error) => {
        if (error instanceof Killed) return true
        throw error
      },
    )
    await operations.end()
    const repository = new Repository(copy)
    expect((await fixture.check(repository)).at(-1)?.id).toBe('000003')
    await repository.sweep()
    await keepNewest(repository, 1)
    expect((await fixture.check(repository)).map(({ id }) => id)).toEqual(['000003'])
    if (!killed) break
  }
})
