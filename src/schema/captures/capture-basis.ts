// Decides for each disk of a capture whether its changes since the last capture are known, or everything in use has to be copied.

import { mappedCapacityOf } from '../changed-areas/area-page.ts'
import { endPointChangeId, startingPointChangeId } from '../changed-areas/starting-point.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors/api-error.ts'
import { backingOf, type Disk } from '../virtual-machine/disks/disk.ts'
import type { CaptureHistory } from './capture-history.ts'
import type { MarkedMachine } from './capture-marker.ts'
import { type CaptureToken, encodeToken } from './capture-token.ts'

/** Why everything in use is to be copied. */
export type CaptureFullReason =
  | 'NO_TOKEN'
  | 'DISK_REPLACED'
  | 'DISK_RESIZED'
  | 'CHANGE_ID_STALE'
  | 'HISTORY_UNKNOWN'

/** A disk in a capture, with what to copy of it. */
export interface CapturedDisk {
  readonly disk: Disk
  /** Its own changeId. */
  readonly changeId: string
  /** The changeId since which it changed; `*` for everything in use. */
  readonly since: string
  readonly fullReason: CaptureFullReason | null
  /** The token for the next capture. */
  readonly token: string
}

/**
 * Returns what to copy of a disk.
 * @param given the token of the disk from an earlier capture
 */
export async function capturedDisk(
  disk: Disk,
  given: CaptureToken | undefined,
  machine: MarkedMachine,
  history: CaptureHistory,
  context: Context,
): Promise<CapturedDisk> {
  const changeId = endPointChangeId(disk)
  // A disk without a UUID is never recognized again.
  const { uuid = '', diskMode = '' } = backingOf(disk)
  const capacity = mappedCapacityOf(disk)
  // What is written to such a disk may be discarded when its machine is powered off, which leaves no task of its own.
  const known = /nonpersistent|undoable/.test(diskMode) ? undefined : history
  const task = known?.task
  const token = encodeToken({ ...machine, key: disk.device.key, uuid, capacity, changeId, task })
  const fullReason = await fullReasonOf(disk, given, { uuid, capacity, changeId }, known, context)
  return { disk, changeId, since: fullReason ? '*' : (given as CaptureToken).changeId, fullReason, token }
}

async function fullReasonOf(
  disk: Disk,
  given: CaptureToken | undefined,
  { uuid, capacity, changeId }: Pick<CaptureToken, 'uuid' | 'capacity' | 'changeId'>,
  history: CaptureHistory | undefined,
  context: Context,
): Promise<CaptureFullReason | null> {
  if (!given) return 'NO_TOKEN'
  if (uuid === '' || given.uuid !== uuid) return 'DISK_REPLACED'
  if (given.capacity !== capacity) return 'DISK_RESIZED'
  try {
    await startingPointChangeId(disk, changeId, { changeId: given.changeId }, context)
  } catch (error) {
    const isStale = error instanceof ApiError && ['CHANGE_ID_STALE', 'CHANGE_ID_INVALID'].includes(error.code)
    if (isStale) return 'CHANGE_ID_STALE'
    throw error
  }
  const wasReverted = history?.wasRevertedSince(given)
  if (wasReverted === undefined) return 'HISTORY_UNKNOWN'
  return wasReverted ? 'CHANGE_ID_STALE' : null
}
