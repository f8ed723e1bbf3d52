// Restores a generation to raw images, and verifies what is stored.

import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { DamagedError } from './chunks.ts'
import { syncFolder } from './files.ts'
import type { Layer, Repository } from './repository.ts'

/**
 * Writes each disk of a generation to `<key>.img` in a folder. Existing images are not replaced.
 * @returns the paths of the images
 * @throws DamagedError if anything that a disk is restored from is damaged; then its image does not exist
 */
export async function restore(repository: Repository, id: string, folder: string): Promise<string[]> {
  const { files } = repository
  const { generations } = await repository.scan()
  const generation = generations.find((each) => each.id === id)
  if (!generation) throw new Error(`there is no undamaged generation ${id}`)
  await files.mkdir(folder, { recursive: true })
  const existing = await files.readdir(folder)
  const images = generation.disks.map(({ key }) => ({ key, name: `${key}.img` }))
  for (const { name } of images)
    if (existing.includes(name)) throw new Error(`${join(folder, name)} exists; restore to another folder`)
  for (const { key, name } of images) {
    const chain = repository.chainOf(generations, id, key)
    const partial = join(folder, `${name}.partial`)
    const image = await files.open(partial, 'w')
    try {
      await writeImage(repository, chain, image)
      await image.sync()
    } finally {
      await image.close()
    }
    await files.rename(partial, join(folder, name))
  }
  await syncFolder(files, folder)
  return images.map(({ name }) => join(folder, name))
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

export interface Verification {
  /** In bytes. */
  readonly verified: number
  /** What is damaged or missing. */
  readonly problems: readonly string[]
}

/** Reads everything that is stored, and compares it with its checksums. */
export async function verify(repository: Repository): Promise<Verification> {
  const { generations, damaged } = await repository.scan()
  const problems = damaged.map((id) => `${repository.pathOf(id, 'generation.json')} is damaged`)
  let verified = 0
  const check = async (work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      const isMissing = (error as { readonly code?: string }).code === 'ENOENT'
      if (!(error instanceof DamagedError) && !isMissing) throw error
      problems.push((error as Error).message)
    }
  }
  for (const { id, disks } of generations)
    for (const disk of disks)
      await check(async () => {
        repository.chainOf(generations, id, disk.key)
        for await (const { bytes } of repository.read({ id, disk })) verified += bytes.length
      })
  return { verified, problems }
}
