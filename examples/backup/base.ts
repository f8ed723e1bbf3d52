// What the changes of a backup are based on: the last generation. A disk that could not be restored from it is copied in full.

import { DamagedError } from './storage/chunks.ts'
import { type Generation, type GenerationRef, isSame, refOf, type StoredDisk } from './storage/generation.ts'
import type { Repository } from './storage/repository.ts'

export interface Base {
  readonly previous: GenerationRef | null
  /** Its disks that the changes can be based on. */
  readonly disks: readonly StoredDisk[]
}

/** @param report is called with each reason for which a disk cannot be based on the last generation */
export async function findBase(repository: Repository, report: (line: string) => void): Promise<Base> {
  const { generations, damaged } = await repository.scan()
  const last = generations.at(-1)
  const lost = damaged.at(-1)
  if (lost !== undefined && lost > (last?.id ?? '')) {
    report(`Generation ${lost} is damaged, so everything is copied. Move its folder away.`)
    return { previous: last ? refOf(last) : null, disks: [] }
  }
  if (!last) return { previous: null, disks: [] }
  const disks: StoredDisk[] = []
  for (const disk of last.disks) {
    const problem = await problemOf(repository, generations, last, disk.key)
    if (problem === undefined) disks.push(disk)
    else report(`${problem}, so ${disk.label} is copied in full.`)
  }
  return { previous: refOf(last), disks }
}

/** Returns why the changes of a backup in progress can no longer be applied. */
export async function baseProblem(
  repository: Repository,
  { previous, keys }: { readonly previous: GenerationRef | null; readonly keys: readonly number[] },
): Promise<string | undefined> {
  const { generations } = await repository.scan()
  const last = generations.at(-1)
  if (!isSame(last ? refOf(last) : null, previous))
    return `generation ${previous?.id ?? last?.id} is no longer the last undamaged one`
  for (const key of keys) {
    const problem = last && (await problemOf(repository, generations, last, key))
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Checks the descriptions and the indexes, but not the data, which is as much as is stored. */
async function problemOf(
  repository: Repository,
  generations: readonly Generation[],
  { id }: Generation,
  key: number,
): Promise<string | undefined> {
  try {
    for (const layer of repository.chainOf(generations, id, key)) await repository.index(layer)
    return undefined
  } catch (error) {
    if (error instanceof DamagedError) return error.message
    throw error
  }
}
