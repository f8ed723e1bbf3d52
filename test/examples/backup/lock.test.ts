// Tests the lock of the example backup program.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withLock } from '../../../examples/backup/storage/lock.ts'
import { Repository } from '../../../examples/backup/storage/repository.ts'

function emptyRepository(): Repository {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return new Repository(folder)
}

/** Returns the name that the lock of a process on this system has, or on another one. */
async function lockOf(pid: number, system?: string): Promise<string> {
  const repository = emptyRepository()
  const [own = ''] = await withLock(repository, () => repository.names())
  const [, id, ours] = /^lock-\d+-(.{36})-(.+)$/.exec(own) ?? []
  return `lock-${pid}-${id}-${system ?? ours}`
}

const otherSystem = '0123456789abcdef'

test('is released at the end, also of a run that fails', async () => {
  const repository = emptyRepository()
  await expect(withLock(repository, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  expect(await withLock(repository, () => repository.names())).toHaveLength(1)
  expect(await repository.names()).toEqual([])
})

test.each([
  ['of a process that runs', () => lockOf(process.ppid)],
  // Its process number may be that of any process here, or of none.
  ['of another computer or container', () => lockOf(2 ** 30, otherSystem)],
  ['that cannot be read', async () => 'lock-x'],
])('%s rejects a run, which changes nothing', async (_title, nameOf) => {
  const repository = emptyRepository()
  const name = await nameOf()
  await writeFile(repository.pathOf(name), '')
  await expect(withLock(repository, async () => {})).rejects.toThrow('another run uses this repository')
  expect(await repository.names()).toEqual([name])
})

test.each([
  ['of a process that has ended', () => lockOf(2 ** 30), 0],
  [
    'of another system that has not touched it for an hour',
    () => lockOf(process.ppid, otherSystem),
    3_600_000,
  ],
])('%s is removed', async (_title, nameOf, age) => {
  const repository = emptyRepository()
  const path = repository.pathOf(await nameOf())
  await writeFile(path, '')
  const time = new Date(Date.now() - age)
  await utimes(path, time, time)
  await withLock(repository, async () => {})
  expect(await repository.names()).toEqual([])
})

test.runIf(process.platform === 'linux')('of a process that has ended as a zombie is removed', async () => {
  // The shell replaces itself by a program that does not wait for the child.
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'])
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [output] = await once(parent.stdout, 'data')
  const pid = Number(String(output))
  const statOf = (of?: number) => readFile(`/proc/${of}/stat`, 'utf8')
  while (!(await statOf(parent.pid)).includes(' (sleep) ')) await new Promise(setImmediate)
  process.kill(pid, 'SIGKILL')
  while (!(await statOf(pid)).includes(' (sleep) Z ')) await new Promise(setImmediate)
  const repository = emptyRepository()
  await writeFile(repository.pathOf(await lockOf(pid)), '')
  await withLock(repository, async () => {})
  expect(await repository.names()).toEqual([])
})

test('of a long run is touched', async () => {
  const repository = emptyRepository()
  await withLock(repository, async (lock) => {
    const [name = ''] = await repository.names()
    const path = repository.pathOf(name)
    await utimes(path, 0, 0)
    await lock.touch()
    const other = await lockOf(process.ppid, otherSystem)
    await rename(path, repository.pathOf(other))
    await expect(withLock(repository, async () => {})).rejects.toThrow('another run uses this repository')
  })
})

test('that another run has removed ends the run before it changes anything', async () => {
  const repository = emptyRepository()
  await withLock(repository, async (lock) => {
    await lock.assertHeld()
    for (const name of await readdir(repository.folder)) await rm(repository.pathOf(name))
    await expect(lock.assertHeld()).rejects.toThrow('another run has taken the lock')
  })
})
