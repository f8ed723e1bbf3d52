// The data of a disk in a generation: a data file with the bytes of its areas, one after the other, and an index file with a line for
// each chunk of them: its place on the disk, and the SHA-256 of its bytes. The index of an unfinished copy shows what of it is valid.

import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { Area } from '../map.ts'
import { type Files, readIfExists } from './files.ts'

export interface Chunk extends Area {
  readonly sha256: string
}

/** What is stored does not match its checksum. */
export class DamagedError extends Error {}

export const defaultChunkBytes = 4 * 1024 * 1024

export const sha256Of = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

/** Divides areas into chunks. No chunk spans two areas. */
export const split = (areas: readonly Area[], chunkBytes: number): Area[] =>
  areas.flatMap(({ start, length }) =>
    Array.from({ length: Math.ceil(length / chunkBytes) }, (_, index) => ({
      start: start + index * chunkBytes,
      length: Math.min(chunkBytes, length - index * chunkBytes),
    })),
  )

const lineOf = ({ start, length, sha256 }: Chunk): string => `${JSON.stringify({ start, length, sha256 })}\n`

/** The most that a chunk may have: each is held in memory. */
const maxChunkBytes = 64 * 1024 * 1024

/** Reads the complete lines of an index, up to the first one that is not a chunk after the one before. */
export function parseIndex(text: string): Chunk[] {
  const chunks: Chunk[] = []
  let end = 0
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const chunk = parseChunk(line)
    if (!chunk || chunk.start < end) break
    end = chunk.start + chunk.length
    chunks.push(chunk)
  }
  return chunks
}

function parseChunk(line: string): Chunk | undefined {
  const [, start, length, sha256 = ''] =
    /^\{"start":(\d+),"length":(\d+),"sha256":"([0-9a-f]{64})"\}$/.exec(line) ?? []
  const chunk = { start: Number(start), length: Number(length), sha256 }
  const isValid =
    Number.isSafeInteger(chunk.start + chunk.length) && chunk.length > 0 && chunk.length <= maxChunkBytes
  return isValid ? chunk : undefined
}

/** Writes chunks to the end of the two files. */
export class ChunkWriter {
  readonly #data: FileHandle
  readonly #index: FileHandle

  private constructor(data: FileHandle, index: FileHandle) {
    this.#data = data
    this.#index = index
  }

  static async open(files: Files, path: string): Promise<ChunkWriter> {
    const data = await files.open(`${path}.data`, 'a')
    try {
      return new ChunkWriter(data, await files.open(`${path}.index`, 'a'))
    } catch (error) {
      await data.close()
      throw error
    }
  }

  async write({ start, length }: Area, bytes: Buffer): Promise<void> {
    await this.#data.appendFile(bytes)
    await this.#index.appendFile(lineOf({ start, length, sha256: sha256Of(bytes) }))
  }

  async sync(): Promise<void> {
    await this.#data.sync()
    await this.#index.sync()
  }

  async close(): Promise<void> {
    await Promise.all([this.#data.close(), this.#index.close()])
  }
}

/** Yields chunks of a data file with their bytes. @throws DamagedError at the first one that does not match its checksum */
export async function* readChunks(
  files: Files,
  path: string,
  chunks: readonly Chunk[],
): AsyncGenerator<{ readonly chunk: Chunk; readonly bytes: Buffer }> {
  const source = await files.open(path, 'r')
  try {
    let position = 0
    for (const chunk of chunks) {
      const bytes = Buffer.alloc(chunk.length)
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await source.read(bytes, done, bytes.length - done, position + done)
        if (bytesRead === 0) throw new DamagedError(`${path} ends too early, at byte ${position + done}`)
        done += bytesRead
      }
      if (sha256Of(bytes) !== chunk.sha256)
        throw new DamagedError(`${path} is damaged in the ${chunk.length} bytes from byte ${position} on`)
      position += chunk.length
      yield { chunk, bytes }
    }
  } finally {
    await source.close()
  }
}

/**
 * Removes what an interrupted run has not written completely, so that the copy can be continued.
 * @param wanted the chunks of the whole copy
 * @returns how many of them are there
 */
export async function validChunks(files: Files, path: string, wanted: readonly Area[]): Promise<number> {
  const index = parseIndex((await readIfExists(files, `${path}.index`)) ?? '')
  const different = index.findIndex(
    ({ start, length }, at) => start !== wanted[at]?.start || length !== wanted[at]?.length,
  )
  const candidates = different < 0 ? index : index.slice(0, different)
  let valid = 0
  let bytes = 0
  if (candidates.length > 0)
    try {
      for await (const { chunk } of readChunks(files, `${path}.data`, candidates)) {
        valid += 1
        bytes += chunk.length
      }
    } catch (error) {
      // The index was written, and the data was lost when the machine failed.
      const isMissing = (error as { readonly code?: string }).code === 'ENOENT'
      if (!(error instanceof DamagedError) && !isMissing) throw error
    }
  await files.writeFile(`${path}.index`, candidates.slice(0, valid).map(lineOf).join(''))
  await (await files.open(`${path}.data`, 'a')).close()
  await files.truncate(`${path}.data`, bytes)
  return valid
}
