// Tests that the example backup program names the folder that is full, and leaves nothing there that takes space without a use.

import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Files, localFiles } from '../../../examples/backup/storage/files.ts'
import { withLock } from '../../../examples/backup/storage/lock.ts'
import { Repository } from '../../../examples/backup/storage/repository.ts'
import { restore } from '../../../examples/backup/storage/restore.ts'
import { keepNewest } from '../../../examples/backup/storage/retention.ts'
import { snapshotsIn } from '../../schema/captures/capture-fixture.ts'
import { startBackupFixture, startWithGenerations } from './backup-fixture.ts'
import { noSpaceError } from './crashing.ts'

/** The repository, where files whose path ends with `name` cannot be written. */
function withoutSpaceFor(name: string, { folder }: Repository): Repository {
  const open = async (path: string, flags: string) => {
    if (path.endsWith(name)) throw noSpaceError()
    return localFiles.open(path, flags)
  }
  return new Repository(folder, { ...localFiles, open: open as Files['open'] })
}

test('a backup names the full repository, and is continued once there is space', async () => {
  const { repository, machine, run, check } = await startBackupFixture()
  const message = `there is no space left in ${repository.folder}: its disk is full`
  await expect(run({ noSpaceFor: '2000.data' })).rejects.toThrow(message)
  expect(snapshotsIn(machine)).toHaveLength(1)
  const { lines } = await run()
  expect(lines[0]).toMatch(/^Continuing the backup/)
  expect(await check()).toHaveLength(1)
})

test('a restore names its full target, not the repository, and removes the images', async () => {
  const { repository } = await startWithGenerations()
  const target = repository.pathOf('..', 'images')
  const full = withoutSpaceFor('2001.img.partial', repository)
  const restoring = withLock(full, () => restore(full, '000002', target))
  await expect(restoring).rejects.toThrow(`there is no space left in ${target}: its disk is full`)
  expect(await readdir(target)).toEqual([])
})

test('a retention names the full repository, and leaves none of its files behind', async () => {
  const { repository } = await startWithGenerations()
  const before = await readdir(repository.pathOf('000002'))
  const full = withoutSpaceFor('2001-full.data', repository)
  const message = `there is no space left in ${repository.folder}: its disk is full`
  await expect(withLock(full, () => keepNewest(full, 1))).rejects.toThrow(message)
  expect(await readdir(repository.pathOf('000002'))).toEqual(before)
})
