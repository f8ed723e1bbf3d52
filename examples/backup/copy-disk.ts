// Copies one disk of a capture: downloads its map, and reads what the map lists, except what an interrupted run has already copied of
// the same snapshot.

import { join } from 'node:path'
import type { Capture, CapturedDisk, Gateway } from './gateway.ts'
import { type DiskMap, parseMap, totalOf } from './map.ts'
import type { Progress } from './progress.ts'
import { ReportedError } from './retry.ts'
import { ChunkWriter, parseIndex, sha256Of, split, validChunks } from './storage/chunks.ts'
import { readIfExists, writeDurably } from './storage/files.ts'
import type { StoredDisk } from './storage/generation.ts'
import type { Repository } from './storage/repository.ts'
import type { VCenter } from './vcenter.ts'

export interface CopyTools {
  readonly gateway: Gateway
  readonly vcenter: VCenter
  readonly repository: Repository
  readonly progress: Progress
  /** The most that is read at once. */
  readonly chunkBytes: number
}

/** @param isCancelled whether the copy of another disk has failed */
export async function copyDisk(
  disk: CapturedDisk,
  { datacenter }: Pick<Capture, 'datacenter'>,
  tools: CopyTools,
  isCancelled: () => boolean,
): Promise<StoredDisk> {
  const { vcenter, repository, progress, chunkBytes } = tools
  const { files, inProgress } = repository
  const { key, label, uuid, capacity, fileName, token } = disk
  const map = await mapOf(disk, tools)
  const basis = map.isFull ? 'FULL' : 'CHANGES'
  // Only when it computed the map, vSphere may have found that the changes are not known.
  const fullReason = map.isFull ? (disk.fullReason ?? 'CHANGE_ID_STALE') : null

  const path = join(inProgress, String(key))
  const wanted = split(map.areas, chunkBytes)
  const valid = await validChunks(files, path, wanted)
  const bar = progress.add(
    map.isFull ? `${label}, in full: ${fullReason}` : `${label}, changes`,
    totalOf(wanted),
    totalOf(wanted.slice(0, valid)),
  )
  const writer = await ChunkWriter.open(files, path)
  try {
    for (const chunk of wanted.slice(valid)) {
      if (isCancelled()) throw new Error('cancelled')
      await writer.write(chunk, await vcenter.read({ fileName, capacity, datacenter, ...chunk }))
      bar.advance(chunk.length)
    }
    await writer.sync()
  } finally {
    await writer.close()
  }
  const index = await files.readFile(`${path}.index`, 'utf8')
  if (parseIndex(index).length !== wanted.length)
    throw new Error(`${path}.index was changed by another program`)
  const bytes = totalOf(wanted)
  const name = String(key)
  return { key, label, uuid, capacity, token, basis, fullReason, name, bytes, sha256: sha256Of(index) }
}

/** Returns the map of a disk, which is kept for the next run if this one is interrupted. */
async function mapOf(disk: CapturedDisk, { gateway, repository }: CopyTools): Promise<DiskMap> {
  const { files, inProgress } = repository
  const path = join(inProgress, `${disk.key}.map`)
  const kept = await readIfExists(files, path)
  if (kept !== undefined) return parseMap(kept)
  const { text, map } = await gateway.map(disk.mapPath).catch((error: unknown) => {
    const isStale = error instanceof ReportedError && error.code === 'CHANGE_ID_STALE'
    if (!isStale || disk.basis === 'FULL') throw error
    return gateway.map(disk.fullMapPath)
  })
  if (map.capacity !== disk.capacity) throw new Error(`the map of ${disk.label} is that of another disk`)
  if (disk.basis === 'FULL' && !map.isFull) throw new Error(`the map of ${disk.label} lists only changes`)
  await writeDurably(files, path, text)
  return map
}
