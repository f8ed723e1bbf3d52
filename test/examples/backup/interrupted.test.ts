// Tests that the example backup program uses nothing damaged of what an interrupted run has left.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatChecked, parseChecked } from '../../../examples/backup/storage/checked-json.ts'
import { removeWithout, snapshotsIn } from '../../schema/captures/capture-fixture.ts'
import { type BackupFixture, startBackupFixture } from './backup-fixture.ts'
import { flipBit } from './flip-bit.ts'

const KiB = 1024

/** A backup, and one of the changes after it that has failed after two areas. */
async function startInterrupted(): Promise<BackupFixture> {
  const fixture = await startBackupFixture({ disks: [{ capacity: 1024 * KiB }] })
  await fixture.run()
  for (const area of [1, 3, 5, 7]) fixture.write(0, area * 64 * KiB)
  const beforeRead = (count: number) => {
    if (count === 3) throw new Error('the storage failed')
  }
  await expect(fixture.run({ beforeRead })).rejects.toThrow('the storage failed')
  return fixture
}

/** Changes one byte of a map, so that it is still valid. */
async function moveArea(path: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace(/(?<="start": ?)65536/, '65535'))
}

/** Makes a map that of another disk, with a valid checksum. */
async function changeCapacity(path: string): Promise<void> {
  const map = parseChecked<{ readonly capacity: number }>(await readFile(path, 'utf8')) ?? { capacity: 0 }
  await writeFile(path, formatChecked({ ...map, capacity: map.capacity / 2 }))
}

describe('a backup that is continued', () => {
  test.each<[string, string, (path: string) => Promise<void>]>([
    ['2000.map', 'lists another area', moveArea],
    ['2000.map', 'has no content', (path) => writeFile(path, '')],
    ['2000.map', 'is that of another disk', changeCapacity],
    ['2000.data', 'has a wrong bit', flipBit],
    ['2000.index', 'has a wrong bit', flipBit],
  ])('is that of the disk if %s %s', async (name, _title, damage) => {
    const fixture = await startInterrupted()
    const path = join(fixture.repository.inProgress, name)
    const before = await readFile(path)
    await damage(path)
    expect(before.equals(await readFile(path))).toBe(false)
    const { id, lines } = await fixture.run()
    expect([id, lines[0]]).toEqual(['000002', expect.stringMatching(/^Continuing the backup/)])
    expect(await fixture.check()).toHaveLength(2)
  })
})

describe('a damaged state.json', () => {
  const stateOf = ({ repository }: BackupFixture) => join(repository.inProgress, 'state.json')

  test.each<[string, (path: string) => Promise<void>]>([
    ['has a wrong bit', flipBit],
    ['is not JSON', (path) => writeFile(path, '{"startedAt"')],
    ['is empty', (path) => writeFile(path, '')],
  ])('that %s is named by a backup, which changes nothing', async (_title, damage) => {
    const fixture = await startInterrupted()
    const path = stateOf(fixture)
    await damage(path)
    const before = await readFile(path)
    await expect(fixture.run()).rejects.toThrow(
      `${path} is damaged: give up the backup in progress with "discard"`,
    )
    expect([await readFile(path), snapshotsIn(fixture.machine)]).toEqual([before, [expect.anything()]])
  })

  test.each<[string, RegExp, string, number]>([
    ['elsewhere, and then its snapshot is removed', /(?<="startedAt": ?"2)/, '9', 0],
    ['in the id of the snapshot, which is removed when its lease ends', /(?<="snapshot": ?".{20})./, '~', 1],
    ['so that it has no id of the snapshot', /"snapshot"/, '"snapshut"', 1],
  ])('can be discarded if it is damaged %s', async (_title, pattern, replacement, left) => {
    const fixture = await startInterrupted()
    const { machine, repository } = fixture
    const path = stateOf(fixture)
    const text = await readFile(path, 'utf8')
    expect(text).toMatch(pattern)
    await writeFile(path, text.replace(pattern, replacement))
    const lines = await fixture.discard()
    expect(await repository.names()).not.toContain('in-progress')
    expect(snapshotsIn(machine)).toHaveLength(left)
    const message = 'The snapshot of the discarded backup is not known.'
    expect(lines).toEqual(left === 0 ? [] : [expect.stringContaining(message)])
    for (const snapshot of snapshotsIn(machine)) removeWithout(machine, snapshot)
    await fixture.run()
    expect(await fixture.check()).toHaveLength(2)
  })
})
