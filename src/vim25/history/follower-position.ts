// Positions among the events of one vCenter, and whether the events that were read continue at one. Keys grow within a database of
// events. A vCenter that was installed again, or whose database was restored, begins with other events under the same keys.

import type { VimEvent } from './event-collector.ts'
import { positionOf } from './event-search.ts'
import { type HistoryPosition, maxPageSize } from './history-search.ts'

/** Where a follower is: behind this event, or behind all events of that time if none matched the filter. */
export interface FollowerPosition extends HistoryPosition {
  /** Whether an event at or before the position has matched the filter, so that it can be found again. */
  readonly isAnchored: boolean
  /** The identity of the vCenter that recorded the event. Unknown in cursors of earlier versions. */
  readonly identity: string | undefined
}

export interface FollowedEvents {
  /** The events, in the order of their keys. */
  readonly events: readonly VimEvent[]
  /** The position behind them. */
  readonly position: FollowerPosition
  /** Whether events before these are lost: purged, more than are read back, or in a database that was replaced. */
  readonly gap: boolean
  readonly error?: undefined
}

/** Events cannot be read at present. What a follower yields afterwards continues at the same position. */
export interface EventsUnavailable {
  readonly error: Error
  /** Undefined if the follower has not begun. */
  readonly position: FollowerPosition | undefined
}

export const byKey = (events: readonly VimEvent[]): readonly VimEvent[] =>
  [...events].sort((a, b) => a.key - b.key)

export const newestOf = (events: readonly VimEvent[]): VimEvent | undefined => byKey(events).at(-1)

export const positionBehind = (
  event: VimEvent | undefined,
  isAnchored: boolean,
  identity: string | undefined,
): FollowerPosition => ({
  ...(event ? positionOf(event) : { createdAt: 0, key: 0 }),
  isAnchored,
  identity,
})

/** Returns events as a batch. Without events, the position stays. */
export function batchOf(
  events: readonly VimEvent[],
  position: FollowerPosition,
  gap: boolean,
): FollowedEvents {
  const sorted = byKey(events)
  const last = sorted.at(-1)
  return { events: sorted, position: last ? positionBehind(last, true, position.identity) : position, gap }
}

/** Divides a batch. Returns at least one. */
export function* inBatches(
  { events, position, gap }: FollowedEvents,
  size: number,
): Generator<FollowedEvents> {
  let start = 0
  do {
    const part = events.slice(start, start + size)
    const isLast = start + size >= events.length
    yield {
      events: part,
      position: isLast ? position : positionBehind(part.at(-1), true, position.identity),
      gap: gap && start === 0,
    }
    start += size
  } while (start < events.length)
}

/** Whether a page has all events that are later than the position. */
export function isContinuous(events: readonly VimEvent[], position: FollowerPosition): boolean {
  if (events.some(({ key }) => key <= position.key)) return true
  if (position.isAnchored || events.length >= maxPageSize) return false
  // Keys are shared by all events: so few of them cannot have filled the page with events that may not be seen.
  const newest = newestOf(events)
  return newest === undefined || newest.key - position.key <= maxPageSize
}

/** Whether the event of a position is among these. One with its key and another time is of another database. */
export const hasEventOf = (events: readonly VimEvent[], { key, createdAt }: FollowerPosition): boolean =>
  events.some((event) => event.key === key && event.createdTime.getTime() === createdAt)
