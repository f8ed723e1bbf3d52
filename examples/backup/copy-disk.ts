// Copies one disk of a capture: downloads its map, and reads what the map lists, except what an interrupted run has already copied of
// the same snapshot.

import { join } from 'node:path'
import type { Capture, CapturedDisk, Gateway } from './gateway.ts'
import { type DiskMap, totalOf } from './map.ts'
import type { Progress } from './progress.ts'
import { ReportedError } from './retry.ts'
import { formatChecked, parseChecked } from './storage/checked-json.ts'
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

/** Returns the map of a disk. It is kept for the next run, which downloads it again if it is damaged. */
async function mapOf(disk: CapturedDisk, { gateway, repository }: CopyTools): Promise<DiskMap> {
  const { files, inProgress } = repository
  const path = join(inProgress, `${disk.key}.map`)
  const text = await readIfExists(files, path)
  const kept = parseChecked<DiskMap>(text ?? '', (map) => mapProblem(map, disk) === undefined)
  if (kept) return kept
  const map = await gateway.map(disk.mapPath).catch((error: unknown) => {
    const isStale = error instanceof ReportedError && error.code === 'CHANGE_ID_STALE'
    if (!isStale || disk.basis === 'FULL') throw error
    return gateway.map(disk.fullMapPath)
  })
  const problem = mapProblem(map, disk)
  if (problem !== undefined) throw new Error(`the map of ${disk.label} ${problem}`)
  await writeDurably(files, path, formatChecked(map))
  return map
}

/** Returns why a map cannot be that of a disk. */
function mapProblem(map: DiskMap, { capacity, basis }: CapturedDisk): string | undefined {
  if (map.capacity !== capacity) return 'is that of another disk'
  return basis === 'FULL' && !map.isFull ? 'lists only changes' : undefined
}
