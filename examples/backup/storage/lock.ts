// The lock of a repository: a file that names the process of the run. A run first creates its own file, and then reads those of others,
// so of two runs at least one sees the other. The file of a process that has ended is removed: on the same system that is known at
// once; of another system or container, when its file has not been touched for ten minutes.

import { createHash, randomUUID } from 'node:crypto'
import * as nodeFiles from 'node:fs/promises'
import { hostname } from 'node:os'
import { namingFullFolder } from './files.ts'
import type { Repository } from './repository.ts'

const heartbeatMs = 30_000

/** Much longer than a heartbeat, since a computer that is suspended has none. */
const staleMs = 10 * 60_000

/** Runs work that nothing else may do in the repository at the same time. @throws if another run uses it, or its disk is full */
export const withLock = <T>(repository: Repository, work: (lock: Lock) => Promise<T>): Promise<T> =>
  namingFullFolder(repository.folder, () => runLocked(repository, work))

async function runLocked<T>(repository: Repository, work: (lock: Lock) => Promise<T>): Promise<T> {
  const { files } = repository
  const own = `lock-${process.pid}-${randomUUID()}-${await systemId()}`
  const path = repository.pathOf(own)
  await files.writeFile(path, '')
  const lock = new Lock(repository, own)
  const heartbeat = setInterval(() => void lock.touch(), heartbeatMs)
  heartbeat.unref()
  try {
    for (const name of await repository.names()) {
      if (!name.startsWith('lock-') || name === own) continue
      if (await isInUse(repository.pathOf(name), name, path))
        throw new Error(
          `another run uses this repository; if that is not so, remove ${repository.pathOf(name)}`,
        )
      await files.rm(repository.pathOf(name), { force: true })
    }
    return await work(lock)
  } finally {
    clearInterval(heartbeat)
    await files.rm(path, { force: true })
  }
}

export class Lock {
  readonly #repository: Repository
  readonly #name: string

  constructor(repository: Repository, name: string) {
    this.#repository = repository
    this.#name = name
  }

  /** Shows other systems that the run has not ended. */
  async touch(): Promise<void> {
    const now = new Date()
    // If it was removed, the run finds that before its commit.
    await nodeFiles.utimes(this.#repository.pathOf(this.#name), now, now).catch(() => {})
  }

  /** @throws if another run has removed the lock, since this one was suspended for too long */
  async assertHeld(): Promise<void> {
    if ((await this.#repository.names()).includes(this.#name)) return
    throw new Error('another run has taken the lock of this repository meanwhile; run this one again')
  }
}

/** @param ownPath a file that was just created: its time is that of the same file server */
async function isInUse(path: string, name: string, ownPath: string): Promise<boolean> {
  const [, pid = '', system = ''] = /^lock-(\d+)-[0-9a-f-]{36}-([0-9a-f]+)$/.exec(name) ?? []
  if (system !== (await systemId())) {
    const [own, other] = await Promise.all([ownPath, path].map((each) => mtimeOf(each)))
    return other !== undefined && (own ?? 0) - other < staleMs
  }
  // An earlier process had the same number.
  if (Number(pid) === process.pid) return false
  try {
    process.kill(Number(pid), 0)
    return !(await isZombie(pid))
  } catch (error) {
    return (error as { readonly code?: string }).code !== 'ESRCH'
  }
}

/** Whether a process has ended, and only its parent has not noticed yet, as in a container without an init process. */
async function isZombie(pid: string): Promise<boolean> {
  // Only Linux has this file. The state follows the name of the program, which may have parentheses itself.
  const stat = await nodeFiles.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return /^[ZX] /.test(stat.slice(stat.lastIndexOf(')') + 2))
}

const mtimeOf = (path: string): Promise<number | undefined> =>
  nodeFiles.stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )

/** Identifies the system whose process numbers this process sees: a container has its own, on the same host. */
async function systemId(): Promise<string> {
  const parts = await Promise.all([
    hostname(),
    nodeFiles.readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    nodeFiles.readlink('/proc/self/ns/pid').catch(() => ''),
  ])
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
