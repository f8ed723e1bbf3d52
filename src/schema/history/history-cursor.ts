// Cursors of events and tasks: the position of an item among those of all vCenters, and a digest of the arguments that select the items.

import { createHash } from 'node:crypto'
import { canonicalJson } from '../../text/canonical-json.ts'
import { decodeOpaque, encodeOpaque } from '../../text/opaque-string.ts'
import type { HistoryPosition } from '../../vim25/history/history-search.ts'
import { badInput } from '../errors/api-error.ts'

/** A position in the order of all items: by time, then by the name of the vCenter, then by key. */
export interface PagePosition extends HistoryPosition {
  readonly vcenter: string
}

/** Compares positions: negative if the first one comes first. The newest item comes first. */
export const comparePagePositions = (one: PagePosition, other: PagePosition): number =>
  other.createdAt - one.createdAt ||
  (one.vcenter < other.vcenter ? -1 : one.vcenter > other.vcenter ? 1 : 0) ||
  other.key - one.key

/** Returns the position after which a vCenter continues a page that ended at a position, which may be in another vCenter. */
export function positionIn(vcenter: string, { createdAt, key, ...end }: PagePosition): HistoryPosition {
  if (vcenter === end.vcenter) return { createdAt, key }
  // Of items of the same time, those of the vCenters that come later follow.
  return { createdAt, key: vcenter > end.vcenter ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY }
}

/** Returns a digest of the arguments that select events or tasks. */
export const digestOf = (args: readonly unknown[]): string =>
  createHash('sha256').update(canonicalJson(args)).digest('base64url').slice(0, 16)

/** What a page has. A cursor of one kind is not valid for the other. */
export type HistoryKindName = 'events' | 'tasks'

export const encodeHistoryCursor = (
  kind: HistoryKindName,
  digest: string,
  { createdAt, vcenter, key }: PagePosition,
): string => encodeOpaque([kind, digest, createdAt, vcenter, key])

/** @throws ApiError BAD_USER_INPUT if the cursor is malformed, or belongs to another kind or another filter */
export function decodeHistoryCursor(
  kind: HistoryKindName,
  cursor: string,
  expectedDigest: string,
): PagePosition {
  const [kindOfCursor, digest, createdAt, vcenter, key, ...others] = decodeOpaque(cursor) ?? []
  if (
    kindOfCursor !== kind ||
    !isTime(createdAt) ||
    typeof vcenter !== 'string' ||
    !Number.isSafeInteger(key) ||
    others.length > 0
  )
    throw badInput(`after is not a cursor of ${kind}`, 'Start again without after.')
  if (digest !== expectedDigest)
    throw badInput(
      `after is a cursor of ${kind} with another filter`,
      'Repeat the filter of that page, or start again without after.',
    )
  return { createdAt, vcenter, key: key as number }
}

/** The cursors of clients may have any value, but SOAP cannot express years after 9999. */
const maxTime = Date.UTC(9999, 0)

/** Whether a value is the time of an item, in milliseconds since 1970. */
export const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < maxTime
