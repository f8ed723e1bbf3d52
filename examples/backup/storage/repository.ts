// A repository of one virtual machine: a folder with numbered generations. A generation is complete, and listed, once its folder has its
// name, which it gets last and at once.
//
//   000001/       generation.json, and for each disk 2000.data and 2000.index
//   in-progress/  state.json, and what an interrupted backup has copied, which the next run continues
//   removed-…/    a generation that is being deleted
//   lock-…        a run that uses the repository

import { join } from 'node:path'
import { type Chunk, DamagedError, parseIndex, readChunks, sha256Of } from './chunks.ts'
import { type Files, localFiles, readIfExists, syncFolder, writeDurably } from './files.ts'

export interface StoredDisk {
  readonly key: number
  readonly label: string
  /** In bytes. */
  readonly capacity: number
  /** For the next capture. It belongs to exactly this data. */
  readonly token: string
  /** FULL: everything in use. CHANGES: what changed since the previous generation. */
  readonly basis: 'CHANGES' | 'FULL'
  readonly fullReason: string | null
  /** Of its files: `<name>.data` and `<name>.index`. */
  readonly name: string
  /** Of the data file, in bytes. */
  readonly bytes: number
  /** Of the index, which has those of the data. */
  readonly sha256: string
}

export interface Generation {
  /** Its number, with leading zeros; also the name of its folder. */
  readonly id: string
  readonly startedAt: string
  readonly machine: string
  /** The generation that the changes are based on; null for the first one. */
  readonly previous: string | null
  /** Global id of the snapshot, which is removed after the backup. */
  readonly snapshot: string
  readonly disks: readonly StoredDisk[]
}

/** A disk in a generation. */
export interface Layer {
  readonly id: string
  readonly disk: StoredDisk
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
  async generations(): Promise<Generation[]> {
    const { generations, damaged } = await this.scan()
    if (damaged[0] === undefined) return generations
    throw new DamagedError(
      `generation ${damaged[0]} is damaged: move its folder away; those that are based on it cannot be restored`,
    )
  }

  /** Returns the complete generations, oldest first, and the ids of those whose description is damaged. */
  async scan(): Promise<{ readonly generations: Generation[]; readonly damaged: string[] }> {
    const generations: Generation[] = []
    const damaged: string[] = []
    for (const id of (await this.names()).filter((name) => /^\d{6}$/.test(name))) {
      const generation = await this.#read(id)
      if (generation) generations.push(generation)
      else damaged.push(id)
    }
    return { generations, damaged }
  }

  async names(): Promise<string[]> {
    return (await this.files.readdir(this.folder)).sort()
  }

  async #read(id: string): Promise<Generation | undefined> {
    const text = await readIfExists(this.files, this.pathOf(id, 'generation.json'))
    try {
      const { sha256, ...generation } = JSON.parse(text ?? '') as Generation & { readonly sha256: string }
      return generation.id === id && sha256 === sha256Of(JSON.stringify(generation)) ? generation : undefined
    } catch {
      return undefined
    }
  }

  /** Replaces the description of a generation, or writes that of one in progress. */
  async describe(folder: string, generation: Generation): Promise<void> {
    const sha256 = sha256Of(JSON.stringify(generation))
    const text = `${JSON.stringify({ ...generation, sha256 }, undefined, 2)}\n`
    await writeDurably(this.files, join(folder, 'generation.json'), text)
  }

  /** Makes the backup in progress a generation. Its data has been synchronized. */
  async commit(generation: Generation): Promise<void> {
    await this.describe(this.inProgress, generation)
    await this.files.rename(this.inProgress, this.pathOf(generation.id))
    await syncFolder(this.files, this.folder)
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
    for (const name of names.filter((each) => each.startsWith('removed-')))
      await this.files.rm(this.pathOf(name), { recursive: true })
    for (const { id, disks } of (await this.scan()).generations) {
      const used = new Set([
        'generation.json',
        ...disks.flatMap(({ name }) => [`${name}.data`, `${name}.index`]),
      ])
      for (const name of await this.files.readdir(this.pathOf(id)))
        if (!used.has(name)) await this.files.rm(this.pathOf(id, name))
    }
  }

  /**
   * Returns what a disk of a generation is restored from: its last full copy, and the changes after it.
   * @throws if one of them is missing
   */
  chainOf(generations: readonly Generation[], id: string, key: number): Layer[] {
    const chain: Layer[] = []
    for (let at: string | null = id; ; ) {
      const generation = generations.find((each) => each.id === at)
      const disk = generation?.disks.find((each) => each.key === key)
      if (!generation || !disk) throw new DamagedError(`disk ${key} is missing in generation ${at}`)
      chain.unshift({ id: generation.id, disk })
      if (disk.basis === 'FULL') return chain
      at = generation.previous
    }
  }

  /** Returns the chunks of a disk. @throws DamagedError if the index does not match its checksum */
  async index({ id, disk }: Layer): Promise<Chunk[]> {
    const path = this.pathOf(id, `${disk.name}.index`)
    const text = await readIfExists(this.files, path)
    if (text === undefined || sha256Of(text) !== disk.sha256) throw new DamagedError(`${path} is damaged`)
    return parseIndex(text)
  }

  /** Yields the chunks of a disk with their bytes. @throws DamagedError if anything does not match its checksum */
  async *read(layer: Layer): AsyncGenerator<{ readonly chunk: Chunk; readonly bytes: Buffer }> {
    const path = this.pathOf(layer.id, `${layer.disk.name}.data`)
    yield* readChunks(this.files, path, await this.index(layer))
  }
}
