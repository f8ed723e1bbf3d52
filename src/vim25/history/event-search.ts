// Reads the events of one vCenter backwards in time, until there are enough. Collectors cut their pages before they drop the events
// that may not be seen, so a short or an empty page does not prove that there are no older ones.
//
//   collector: latest page --full--> ReadPrevious, until a page has nothing new --> a further collector
//                          --short--> a further collector, which ends at the oldest event that was read
//                          --nothing new--> ReadNext from the oldest event on --nothing new--> the end
//                                                                             --older ones--> ReadPrevious, over empty pages

import type { CallOptions } from '../session/call-options.ts'
import {
  createEventCollector,
  type EventFilterSpec,
  eventsOf,
  maxPageSize,
  type VimEvent,
} from './event-collector.ts'
import type { HistoryCollectors, LeasedCollector } from './history-collectors.ts'

/** The position of an event: the time in milliseconds since 1970, then the key, which grows within a vCenter. */
export interface EventPosition {
  readonly createdAt: number
  readonly key: number
}

export interface EventSearch {
  /** Criteria without `time` and `maxCount`. */
  readonly filter: EventFilterSpec
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Only events that come after this one in the order of the search, thus older ones. */
  readonly after?: EventPosition | undefined
  /** Number of events to find. */
  readonly count: number
  /** Decides on the events that were read. @default accepts all */
  readonly accepts?: ((event: VimEvent) => boolean) | undefined
  /** How many events may be read. */
  readonly maxEvents: number
  /** Whether the server has no events but those of the latest page, as an ESXi host. */
  readonly hasLatestPageOnly: boolean
}

export interface FoundEvents {
  /** The events, the newest first; more than `count` if more were read. */
  readonly events: readonly VimEvent[]
  /** Why the search ended. `limit`: the most events were read. `hidden`: it is not known whether there are older ones. */
  readonly end: 'enough' | 'oldest' | 'limit' | 'hidden'
  /** The oldest event that was read, accepted or not. */
  readonly oldest: EventPosition | undefined
}

/** The smallest page that is requested. It leaves room for events whose times are not in the order of their keys. */
const minPageSize = 200

/** How many collectors are created at most, and how many empty pages are read in a row when there are older events. */
const maxCollectors = 10
const maxEmptyPages = 20

export const positionOf = ({ createdTime, key }: VimEvent): EventPosition => ({
  createdAt: createdTime.getTime(),
  key,
})

/** Compares positions: negative if the first one comes first, thus is newer. */
export const comparePositions = (one: EventPosition, other: EventPosition): number =>
  other.createdAt - one.createdAt || other.key - one.key

export async function searchEvents(
  collectors: HistoryCollectors,
  search: EventSearch,
  callOptions: CallOptions,
): Promise<FoundEvents> {
  const found = new EventsRead(search)
  const { until, after } = search
  const size = search.accepts ? maxPageSize : Math.min(maxPageSize, Math.max(minPageSize, 2 * search.count))
  // Times have microseconds on the server: the next millisecond includes all events of the last one.
  let endTime = earliest(until, after && new Date(after.createdAt + 1))
  for (let attempt = 1; attempt <= maxCollectors; attempt += 1) {
    const filter = {
      ...search.filter,
      time: { ...(search.since && { beginTime: search.since }), ...(endTime && { endTime }) },
      // Unset, it suppresses the message according to the API reference.
      disableFullMessage: false,
      maxCount: attempt === 1 && !search.hasLatestPageOnly ? size : maxPageSize,
    }
    const end = await collectors.lease(createEventCollector(filter), callOptions, (collector) =>
      readBackwards(collector, found, filter.maxCount, search),
    )
    if (end !== 'unknown') return found.result(end)
    endTime = earliest(until, found.oldest && new Date(found.oldest.createdAt + 1))
  }
  return found.result('limit')
}

/** Reads one collector. Returns `unknown` if its end may not be that of the events. */
async function readBackwards(
  collector: LeasedCollector,
  found: EventsRead,
  pageSize: number,
  { hasLatestPageOnly }: EventSearch,
): Promise<FoundEvents['end'] | 'unknown'> {
  const page = eventsOf(await collector.latestPage())
  const isNew = found.add(page)
  if (hasLatestPageOnly) return page.length < pageSize ? 'oldest' : 'hidden'
  if (found.isEnough) return found.isLimitReached ? 'limit' : 'enough'
  let emptyPages = 0
  if (!isNew) {
    // The position of a new collector is before the oldest event.
    const first = eventsOf(await collector.read('ReadNextEvents', maxPageSize))
    if (!first.some((event) => found.lacks(event))) return 'oldest'
    emptyPages = maxEmptyPages
  } else if (page.length < pageSize) return 'unknown'
  await collector.reset()
  for (;;) {
    const events = eventsOf(await collector.read('ReadPreviousEvents', maxPageSize))
    if (found.add(events)) emptyPages = 0
    else if (emptyPages === 0) return found.oldest ? 'unknown' : 'hidden'
    else if (--emptyPages === 0) return 'hidden'
    if (found.isEnough) return found.isLimitReached ? 'limit' : 'enough'
  }
}

/** The events that a search has read so far. */
class EventsRead {
  readonly #search: EventSearch
  readonly #accepted = new Map<number, VimEvent>()
  readonly #keys = new Set<number>()
  #oldest: EventPosition | undefined

  constructor(search: EventSearch) {
    this.#search = search
  }

  get oldest(): EventPosition | undefined {
    return this.#oldest
  }

  get isLimitReached(): boolean {
    return this.#accepted.size <= this.#search.count && this.#keys.size >= this.#search.maxEvents
  }

  /** Whether no more need to be read: one more than wanted, so that it is known whether there is a next page. */
  get isEnough(): boolean {
    return this.#accepted.size > this.#search.count || this.isLimitReached
  }

  /** Whether an event is in the range of the search and was not read before. */
  lacks(event: VimEvent): boolean {
    const { after } = this.#search
    return !this.#keys.has(event.key) && (!after || comparePositions(positionOf(event), after) > 0)
  }

  /**
   * Adds the events of a page that are in the range of the search.
   * @returns whether any of them was not read before
   */
  add(events: readonly VimEvent[]): boolean {
    const { accepts = () => true } = this.#search
    const sizeBefore = this.#keys.size
    for (const event of events) {
      if (!this.lacks(event)) continue
      const position = positionOf(event)
      this.#keys.add(event.key)
      if (!this.#oldest || comparePositions(position, this.#oldest) > 0) this.#oldest = position
      if (accepts(event)) this.#accepted.set(event.key, event)
    }
    return this.#keys.size > sizeBefore
  }

  result(end: FoundEvents['end']): FoundEvents {
    const events = [...this.#accepted.values()].sort((a, b) => comparePositions(positionOf(a), positionOf(b)))
    return { events, end, oldest: this.#oldest }
  }
}

const earliest = (...times: readonly (Date | undefined)[]): Date | undefined =>
  times.filter((time) => time !== undefined).sort((a, b) => a.getTime() - b.getTime())[0]
