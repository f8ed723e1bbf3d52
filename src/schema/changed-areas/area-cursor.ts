// Cursors of changed areas: an offset, and of which map. Opaque to clients.

import { createHash } from 'node:crypto'
import { badInput } from '../errors/api-error.ts'
import { diskChangedError } from './area-source.ts'

/** Which map a cursor goes on in. */
export interface MapKey {
  /** Disk, starting point, and how areas are merged: a cursor of others is refused. */
  readonly points: string
  /** The state of a disk that can change: null for one that cannot. */
  readonly state: string | null
}

export const digest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16)

export const encodeCursor = ({ points, state }: MapKey, offset: number): string =>
  Buffer.from(JSON.stringify(state === null ? [points, offset] : [points, offset, state])).toString(
    'base64url',
  )

/** @throws ApiError BAD_USER_INPUT for a cursor of another map; CONFLICT where the disk has changed since it was given. */
export function decodeCursor(cursor: string, key: MapKey): number {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    parts = undefined
  }
  const [points, offset, state = null] = Array.isArray(parts) ? (parts as unknown[]) : []
  if (typeof points !== 'string' || !Number.isSafeInteger(offset) || (offset as number) < 0)
    throw badInput('after is not a cursor of changed areas')
  if (points !== key.points)
    throw badInput(
      'after is a cursor of another disk, another starting point, or another mergeGapsUpTo',
      'Begin again without after.',
    )
  if (state !== key.state) throw diskChangedError()
  return offset as number
}
