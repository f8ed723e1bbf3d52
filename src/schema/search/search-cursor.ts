// The cursor of a search result: its position in the order of the results, and a digest of the arguments of its search.

import { createHash } from 'node:crypto'
import { compareText } from '../../planner/connections/sort.ts'
import { decodeOpaque, encodeOpaque } from '../../text/opaque-string.ts'
import { badInput } from '../errors/api-error.ts'

/** Where a result is in the order of the results. */
export interface SearchPosition {
  readonly rank: number
  readonly name: string
  readonly moid: string
}

/** Compares by rank, then by name without regard to case, then by moid. */
export function comparePositions(a: SearchPosition, b: SearchPosition): number {
  return a.rank - b.rank || compareText(a.name, b.name) || compareText(a.moid, b.moid)
}

/** Returns a digest of the arguments that select the results. */
export const digestOf = (args: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(args)).digest('base64url').slice(0, 16)

export const encodeSearchCursor = (digest: string, { rank, name, moid }: SearchPosition): string =>
  encodeOpaque(['search', digest, rank, name, moid])

/** @throws ApiError BAD_USER_INPUT if the cursor is malformed or belongs to another search */
export function decodeSearchCursor(cursor: string, expectedDigest: string): SearchPosition {
  const [kind, digest, rank, name, moid, ...others] = decodeOpaque(cursor) ?? []
  if (
    kind !== 'search' ||
    typeof rank !== 'number' ||
    typeof name !== 'string' ||
    typeof moid !== 'string' ||
    others.length > 0
  )
    throw badInput('after is not a cursor of a search', 'Start again without after.')
  if (digest !== expectedDigest)
    throw badInput(
      'after is a cursor of a search with other arguments',
      'Repeat text, types and in of that search, or start again without after.',
    )
  return { rank, name, moid }
}
