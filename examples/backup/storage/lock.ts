// The lock of a repository: a file that names the process of the run. A run first creates its own file, and then reads those of others,
// so of two runs at least one sees the other. The file of a process that has ended is removed.

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Repository } from './repository.ts'

/** Runs work that nothing else may do in the repository at the same time. @throws if another run uses it */
export async function withLock<T>(repository: Repository, work: () => Promise<T>): Promise<T> {
  const { files } = repository
  const own = `lock-${process.pid}-${randomUUID()}-${encodeURIComponent(hostname())}`
  await files.writeFile(repository.pathOf(own), '')
  try {
    for (const name of await repository.names()) {
      if (!name.startsWith('lock-') || name === own) continue
      if (isRunning(name))
        throw new Error(
          `another run uses this repository; if that is not so, remove ${repository.pathOf(name)}`,
        )
      await files.rm(repository.pathOf(name), { force: true })
    }
    return await work()
  } finally {
    await files.rm(repository.pathOf(own), { force: true })
  }
}

function isRunning(name: string): boolean {
  const [, pid = '', host = ''] = /^lock-(\d+)-[0-9a-f-]{36}-(.+)$/.exec(name) ?? []
  // Of another computer, it is not known.
  if (host !== encodeURIComponent(hostname())) return true
  // An earlier process had the same number, as in a container.
  if (Number(pid) === process.pid) return false
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    return (error as { readonly code?: string }).code !== 'ESRCH'
  }
}
