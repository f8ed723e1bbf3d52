// Cursors of changed areas: an offset, and a digest of the list that it belongs to. Opaque to clients.

import { createHash } from 'node:crypto'
import { decodeOpaque, encodeOpaque } from '../../text/opaque-string.ts'
import { badInput } from '../errors/api-error.ts'
import { diskChangedError } from './area-source.ts'

/** Identifies the list of areas that a cursor belongs to. */
export interface MapKey {
  /** Digest of the disk, the starting point and mergeGapsUpTo. A cursor with another digest is rejected. */
  readonly points: string
  /** Digest of the state of a live disk; null for a disk in a snapshot, which cannot change. */
  readonly state: string | null
}

export const digest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16)

export const encodeCursor = ({ points, state }: MapKey, offset: number): string =>
  encodeOpaque(state === null ? [points, offset] : [points, offset, state])

/**
 * Returns the offset of a cursor, in bytes.
 * @throws ApiError BAD_USER_INPUT for a cursor of another list; CONFLICT if the disk has changed since the cursor was issued
 */
export function decodeCursor(cursor: string, key: MapKey): number {
  const [points, offset, state = null] = decodeOpaque(cursor) ?? []
  if (typeof points !== 'string' || !Number.isSafeInteger(offset) || (offset as number) < 0)
    throw badInput('after is not a cursor of changed areas', 'Start again without after.')
  if (points !== key.points)
    throw badInput(
      'after is a cursor for another disk, starting point or mergeGapsUpTo',
      'Start again without after.',
    )
  if (state !== key.state) throw diskChangedError()
  return offset as number
}
