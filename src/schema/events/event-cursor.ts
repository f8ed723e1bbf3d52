// Cursors of events: the position of an event among those of all vCenters, and a digest of the arguments that select the events.

import { createHash } from 'node:crypto'
import { decodeOpaque, encodeOpaque } from '../../text/opaque-string.ts'
import type { EventPosition } from '../../vim25/history/event-search.ts'
import { badInput } from '../errors/api-error.ts'

/** A position in the order of all events: by time, then by the name of the vCenter, then by key. */
export interface PagePosition extends EventPosition {
  readonly vcenter: string
}

/** Compares positions: negative if the first one comes first. The newest event comes first. */
export const comparePagePositions = (one: PagePosition, other: PagePosition): number =>
  other.createdAt - one.createdAt ||
  (one.vcenter < other.vcenter ? -1 : one.vcenter > other.vcenter ? 1 : 0) ||
  other.key - one.key

/** Returns the position after which a vCenter continues a page that ended at a position, which may be in another vCenter. */
export function positionIn(vcenter: string, { createdAt, key, ...end }: PagePosition): EventPosition {
  if (vcenter === end.vcenter) return { createdAt, key }
  // Of events of the same time, those of the vCenters that come later follow.
  return { createdAt, key: vcenter > end.vcenter ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY }
}

/** Returns a digest of the arguments that select events. */
export const digestOf = (args: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(args)).digest('base64url').slice(0, 16)

export const encodeEventCursor = (digest: string, { createdAt, vcenter, key }: PagePosition): string =>
  encodeOpaque(['events', digest, createdAt, vcenter, key])

/** @throws ApiError BAD_USER_INPUT if the cursor is malformed, or belongs to events with another filter */
export function decodeEventCursor(cursor: string, expectedDigest: string): PagePosition {
  const [kind, digest, createdAt, vcenter, key, ...others] = decodeOpaque(cursor) ?? []
  if (
    kind !== 'events' ||
    !isTime(createdAt) ||
    typeof vcenter !== 'string' ||
    !Number.isSafeInteger(key) ||
    others.length > 0
  )
    throw badInput('after is not a cursor of events', 'Start again without after.')
  if (digest !== expectedDigest)
    throw badInput(
      'after is a cursor of events with another filter',
      'Repeat the filter of that page, or start again without after.',
    )
  return { createdAt, vcenter, key: key as number }
}

/** Whether a value is a time that a Date can represent. */
export const isTime = (value: unknown): value is number =>
  typeof value === 'number' && !Number.isNaN(new Date(value).getTime())
