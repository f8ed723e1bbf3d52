// Compares everything that is stored with its checksums. Needs no lock: a backup or a retention may run at the same time.

import { DamagedError } from './chunks.ts'
import type { Generation, StoredDisk } from './generation.ts'
import type { Repository } from './repository.ts'

export interface Verification {
  /** In bytes. */
  readonly verified: number
  /** What is damaged or missing. */
  readonly problems: readonly string[]
  /** The disks that were left out. */
  readonly leftOut: readonly string[]
}

export async function verify(repository: Repository): Promise<Verification> {
  const { generations, damaged } = await repository.scan()
  const problems = damaged.map((id) => `${repository.pathOf(id, 'generation.json')} is damaged`)
  let verified = 0
  for (const { id, disks } of generations)
    for (const disk of disks) {
      const { bytes, problem } = await verifyDisk(repository, generations, id, disk)
      verified += bytes
      if (problem !== undefined) problems.push(problem)
    }
  const leftOut = generations.flatMap((each) => each.leftOut.map((message) => `${each.id}: ${message}`))
  return { verified, problems, leftOut }
}

interface Outcome {
  readonly bytes: number
  readonly problem?: string
}

async function verifyDisk(
  repository: Repository,
  generations: readonly Generation[],
  id: string,
  disk: StoredDisk,
): Promise<Outcome> {
  let bytes = 0
  try {
    repository.chainOf(generations, id, disk.key)
    for await (const chunk of repository.read({ id, disk })) bytes += chunk.bytes.length
    return { bytes }
  } catch (error) {
    const isMissing = (error as { readonly code?: string }).code === 'ENOENT'
    if (!(error instanceof DamagedError) && !isMissing) throw error
    // A retention may have deleted the generation meanwhile, or stored the disk in full.
    const now = await repository.scan()
    const generation = now.generations.find((each) => each.id === id)
    const stored = generation?.disks.find(({ key }) => key === disk.key)
    if (!generation && !now.damaged.includes(id)) return { bytes }
    if (stored && stored.name !== disk.name) return verifyDisk(repository, now.generations, id, stored)
    return { bytes, problem: (error as Error).message }
  }
}

/** Returns why a generation cannot be restored, as far as the descriptions show it. */
export function problemOf(
  repository: Repository,
  generations: readonly Generation[],
  { id, disks }: Generation,
): string | undefined {
  try {
    for (const { key } of disks) repository.chainOf(generations, id, key)
    return undefined
  } catch (error) {
    if (error instanceof DamagedError) return error.message
    throw error
  }
}
