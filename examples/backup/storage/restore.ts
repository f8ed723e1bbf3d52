// Restores a generation to raw images.

import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { namingFullFolder, syncFolder } from './files.ts'
import type { Generation } from './generation.ts'
import type { Layer, Repository } from './repository.ts'

export interface Restored {
  readonly generation: Generation
  /** The paths of the images. */
  readonly images: readonly string[]
}

/**
 * Writes each disk of a generation to `<key>.img` in a folder: all of them, or none. Existing images are not replaced.
 * @throws DamagedError if anything that a disk is restored from is damaged
 */
export const restore = (repository: Repository, id: string, folder: string): Promise<Restored> =>
  namingFullFolder(folder, () => restoreTo(folder, repository, id))

async function restoreTo(folder: string, repository: Repository, id: string): Promise<Restored> {
  const { files } = repository
  const { generations } = await repository.scan()
  const generation = generations.find((each) => each.id === id)
  if (!generation) throw new Error(`there is no undamaged generation ${id}`)
  const chains = generation.disks.map(({ key }) => repository.chainOf(generations, id, key))
  await files.mkdir(folder, { recursive: true })
  const existing = await files.readdir(folder)
  const names = generation.disks.map(({ key }) => `${key}.img`)
  for (const name of names)
    if (existing.includes(name)) throw new Error(`${join(folder, name)} exists; restore to another folder`)
  const images = names.map((name) => join(folder, name))
  const partialOf = (image: string) => `${image}.partial`
  try {
    for (const [index, image] of images.entries()) {
      const file = await files.open(partialOf(image), 'w')
      try {
        await writeImage(repository, chains[index] ?? [], file)
        await file.sync()
      } finally {
        await file.close()
      }
    }
  } catch (error) {
    // Such as a full disk, whose space they would take.
    for (const image of images) await files.rm(partialOf(image), { force: true })
    throw error
  }
  for (const image of images) await files.rename(partialOf(image), image)
  await syncFolder(files, folder)
  return { generation, images }
}

/** Writes a disk to an empty file: first the full copy, then each change over it. */
export async function writeImage(
  repository: Repository,
  chain: readonly Layer[],
  image: Pick<FileHandle, 'truncate' | 'write'>,
): Promise<void> {
  // What was never written reads as zeros.
  await image.truncate(chain.at(-1)?.disk.capacity)
  for (const layer of chain)
    for await (const { chunk, bytes } of repository.read(layer)) {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await image.write(bytes, done, bytes.length - done, chunk.start + done)
        done += bytesWritten
      }
    }
}
