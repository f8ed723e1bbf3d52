// Retention: deletes old generations. The disks of a kept generation that are based on a deleted one are stored in full before.

import { type Area, totalOf, union } from '../map.ts'
import { ChunkWriter, defaultChunkBytes, sha256Of, split } from './chunks.ts'
import type { Generation, StoredDisk } from './generation.ts'
import type { Layer, Repository } from './repository.ts'
import { writeImage } from './restore.ts'

/**
 * Keeps the newest generations, and deletes the others. Must run under the lock of the repository.
 * @returns the ids of those that were deleted
 */
export async function keepNewest(
  repository: Repository,
  count: number,
  chunkBytes = defaultChunkBytes,
): Promise<string[]> {
  const all = [...(await repository.generations())]
  const removed = all.slice(0, Math.max(0, all.length - count)).map(({ id }) => id)
  try {
    await mergeRemoved(repository, all, removed, chunkBytes)
  } catch (error) {
    // Such as a full disk: what was stored until then takes its space, and is not used.
    await repository.sweep().catch(() => {})
    throw error
  }
  // The newest first, so that each one that is left can still be restored if the run ends here.
  for (const id of removed.toReversed()) await repository.remove(id)
  return removed
}

/** Stores the disks in full that are kept and based on generations to be removed. */
async function mergeRemoved(
  repository: Repository,
  all: Generation[],
  removed: readonly string[],
  chunkBytes: number,
): Promise<void> {
  for (const generation of all.slice(removed.length)) {
    const needs = ({ key }: StoredDisk) =>
      repository.chainOf(all, generation.id, key).some(({ id }) => removed.includes(id))
    if (!generation.disks.some(needs)) continue
    const disks: StoredDisk[] = []
    for (const disk of generation.disks)
      disks.push(
        needs(disk)
          ? await mergeChain(repository, repository.chainOf(all, generation.id, disk.key), chunkBytes)
          : disk,
      )
    await replaceDisks(repository, generation, disks)
    // Those after it are now based on its full copy.
    all[all.indexOf(generation)] = { ...generation, disks }
  }
}

/** Stores a disk in full, beside its changes. @throws DamagedError if anything that it is made from is damaged */
async function mergeChain(
  repository: Repository,
  chain: readonly Layer[],
  chunkBytes: number,
): Promise<StoredDisk> {
  const { files } = repository
  const { id, disk } = chain.at(-1) as Layer
  const name = `${disk.key}-full`
  const path = repository.pathOf(id, name)
  for (const suffix of ['.image', '.data', '.index']) await files.rm(`${path}${suffix}`, { force: true })
  const areas = union((await Promise.all(chain.map((layer) => repository.index(layer)))).flat())
  const chunks = split(areas, chunkBytes)
  await copyImage(repository, chain, path, chunks)
  await files.rm(`${path}.image`)
  const sha256 = sha256Of(await files.readFile(`${path}.index`, 'utf8'))
  return { ...disk, basis: 'FULL', fullReason: 'RETENTION', name, bytes: totalOf(chunks), sha256 }
}

/** Restores a disk to `<path>.image`, and stores chunks of it in `<path>.data` and `<path>.index`. */
async function copyImage(
  repository: Repository,
  chain: readonly Layer[],
  path: string,
  chunks: readonly Area[],
): Promise<void> {
  const { files } = repository
  const image = await files.open(`${path}.image`, 'w+')
  try {
    await writeImage(repository, chain, image)
    const writer = await ChunkWriter.open(files, path)
    try {
      for (const chunk of chunks) {
        const bytes = Buffer.alloc(chunk.length)
        const { bytesRead } = await image.read(bytes, 0, chunk.length, chunk.start)
        if (bytesRead !== chunk.length) throw new Error(`${path}.image is too short`)
        await writer.write(chunk, bytes)
      }
      await writer.sync()
    } finally {
      await writer.close()
    }
  } finally {
    await image.close()
  }
}

/** From the one write on, the generation has the new disks; before, the old ones. The next sweep removes what is unused. */
async function replaceDisks(
  repository: Repository,
  generation: Generation,
  disks: readonly StoredDisk[],
): Promise<void> {
  await repository.describe(repository.pathOf(generation.id), { ...generation, disks })
  await repository.sweep()
}
