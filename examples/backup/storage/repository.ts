// A repository of one virtual machine: a folder with numbered generations. A generation is complete, and listed, once its folder has its
// name, which it gets last and at once.
//
//   000001/          generation.json, and for each disk 2000.data and 2000.index
//   in-progress/     state.json, and what an interrupted backup has copied, which the next run continues
//   removed-000001/  a generation that is being deleted
//   repository.json  the last number that was given to a generation; none is given twice
//   lock-…           a run that uses the repository

import { join } from 'node:path'
import { type Chunk, DamagedError, parseIndex, readChunks, sha256Of } from './chunks.ts'
import { type Files, localFiles, readIfExists, syncFolder, writeDurably } from './files.ts'
import { formatGeneration, type Generation, isSame, parseGeneration, type StoredDisk } from './generation.ts'

/** A disk in a generation. */
export interface Layer {
  readonly id: string
  readonly disk: StoredDisk
}

export interface Scan {
  /** The complete generations, oldest first. */
  readonly generations: readonly Generation[]
  /** The ids of those whose description is damaged. */
  readonly damaged: readonly string[]
}

/** The files that this program has in the folder of a generation, and none that a user may have put there. */
const ownFile = /^(generation\.json|state\.json|\d+\.map|\d+(-full)?\.(data|index|image))(\.new)?$/

/** Returns the last number that repository.json has; undefined if it is missing or damaged: the folders have numbers as well. */
function lastIdIn(text: string): string | undefined {
  try {
    const { lastId } = JSON.parse(text)
    return /^\d{6}$/.test(lastId) ? lastId : undefined
  } catch {
    return undefined
  }
}

export class Repository {
  readonly folder: string
  readonly files: Files

  constructor(folder: string, files: Files = localFiles) {
    this.folder = folder
    this.files = files
  }

  get inProgress(): string {
    return join(this.folder, 'in-progress')
  }

  pathOf(...names: readonly string[]): string {
    return join(this.folder, ...names)
  }

  /** Returns the complete generations, oldest first. @throws DamagedError if the description of one is damaged */
  async generations(): Promise<readonly Generation[]> {
    const { generations, damaged } = await this.scan()
    if (damaged[0] === undefined) return generations
    throw new DamagedError(
      `generation ${damaged[0]} is damaged: move its folder away; those that are based on it cannot be restored`,
    )
  }

  /** Reads the descriptions of the generations. Needs no lock: what is deleted meanwhile is not in the result. */
  async scan(): Promise<Scan> {
    const generations: Generation[] = []
    const damaged: string[] = []
    for (const id of (await this.names()).filter((name) => /^\d{6}$/.test(name))) {
      const text = await readIfExists(this.files, this.pathOf(id, 'generation.json'))
      const generation = parseGeneration(id, text ?? '')
      if (generation) generations.push(generation)
      else if (text !== undefined || (await this.names()).includes(id)) damaged.push(id)
    }
    return { generations, damaged }
  }

  async names(): Promise<string[]> {
    return (await this.files.readdir(this.folder)).sort()
  }

  /** Replaces the description of a generation, or writes that of one in progress. */
  async describe(folder: string, generation: Generation): Promise<void> {
    await writeDurably(this.files, join(folder, 'generation.json'), formatGeneration(generation))
  }

  /** Makes the backup in progress a generation. Its data has been synchronized. @returns its id @throws DamagedError if it could not be restored */
  async commit(content: Omit<Generation, 'id'>): Promise<string> {
    const id = await this.#nextId()
    const generation = { id, ...content }
    const all = [...(await this.scan()).generations, generation]
    for (const { key } of generation.disks) this.chainOf(all, id, key)
    await this.describe(this.inProgress, generation)
    await this.files.rename(this.inProgress, this.pathOf(id))
    await syncFolder(this.files, this.folder)
    return id
  }

  /** Returns a number that no generation has had, also if its folder was moved away, and records that it is used. */
  async #nextId(): Promise<string> {
    const path = this.pathOf('repository.json')
    const recorded = lastIdIn((await readIfExists(this.files, path)) ?? '')
    const used = (await this.names()).map((name) => /^(?:removed-)?(\d{6})$/.exec(name)?.[1])
    const last = Math.max(...[recorded, ...used].map((id) => Number(id ?? 0)))
    const lastId = String(last + 1).padStart(6, '0')
    await writeDurably(this.files, path, `${JSON.stringify({ lastId })}\n`)
    return lastId
  }

  /** Removes a generation. It is no longer listed from the first step on. */
  async remove(id: string): Promise<void> {
    const removed = this.pathOf(`removed-${id}`)
    await this.files.rename(this.pathOf(id), removed)
    await syncFolder(this.files, this.folder)
    await this.files.rm(removed, { recursive: true })
  }

  /** Removes what interrupted runs have left behind, except the backup in progress. */
  async sweep(): Promise<void> {
    const names = await this.names()
    for (const name of names.filter((each) => /^removed-\d{6}$/.test(each)))
      await this.files.rm(this.pathOf(name), { recursive: true })
    for (const { id, disks } of (await this.scan()).generations)
      await this.deleteOwnFiles(this.pathOf(id), [
        'generation.json',
        ...disks.flatMap(({ name }) => [`${name}.data`, `${name}.index`]),
      ])
  }

  /** Deletes the files of this program in a folder, except some. */
  async deleteOwnFiles(folder: string, kept: readonly string[]): Promise<void> {
    for (const name of await this.files.readdir(folder))
      if (ownFile.test(name) && !kept.includes(name)) await this.files.rm(join(folder, name))
  }

  /**
   * Returns what a disk of a generation is restored from: its last full copy, and the changes after it.
   * @throws DamagedError if one of them is missing, or is not the one that the changes are based on
   */
  chainOf(generations: readonly Generation[], id: string, key: number): readonly Layer[] {
    const find = (wanted: string) => generations.find((each) => each.id === wanted)
    const chain: Layer[] = []
    for (let generation = find(id); ; ) {
      const disk = generation?.disks.find((each) => each.key === key)
      if (!generation || !disk) throw new DamagedError(`generation ${id} has no disk ${key}`)
      const above = chain[0]
      chain.unshift({ id: generation.id, disk })
      if (above && (above.disk.uuid !== disk.uuid || above.disk.capacity !== disk.capacity))
        throw new DamagedError(`disk ${key} of generation ${above.id} is another disk in ${generation.id}`)
      if (disk.basis === 'FULL') return chain
      const { previous } = generation
      const below = previous ? find(previous.id) : undefined
      // Of its own number or a later one, it could not end.
      if (!below || !isSame(below, previous) || below.id >= generation.id)
        throw new DamagedError(
          `disk ${key} of generation ${generation.id} is based on generation ${previous?.id}, which is missing, damaged or another one`,
        )
      generation = below
    }
  }

  /** Returns the chunks of a disk. @throws DamagedError if the index does not match its checksum, or the disk */
  async index({ id, disk }: Layer): Promise<readonly Chunk[]> {
    const path = this.pathOf(id, `${disk.name}.index`)
    const text = await readIfExists(this.files, path)
    const chunks = text !== undefined && sha256Of(text) === disk.sha256 ? parseIndex(text) : undefined
    const end = chunks?.at(-1)
    const isIntact =
      chunks?.reduce((sum, { length }) => sum + length, 0) === disk.bytes &&
      (!end || end.start + end.length <= disk.capacity)
    if (!chunks || !isIntact) throw new DamagedError(`${path} is damaged`)
    return chunks
  }

  /** Yields the chunks of a disk with their bytes. @throws DamagedError if anything does not match its checksum */
  async *read(layer: Layer): AsyncGenerator<{ readonly chunk: Chunk; readonly bytes: Buffer }> {
    const path = this.pathOf(layer.id, `${layer.disk.name}.data`)
    yield* readChunks(this.files, path, await this.index(layer))
  }
}
