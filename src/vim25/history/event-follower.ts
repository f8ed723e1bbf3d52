// Follows the events of one vCenter: the latest page of a collector, which an update stream reports whenever it changes. Events that
// have left the page before it was read are searched for; if they are not found, the batch says that there is a gap.
//
//   collector -> filter on latestPage -> page --has the last event--> the events after it
//                                             --does not----------> search back to the last event --not found--> gap

import { delay } from '../../concurrency/timing.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { TransportError } from '../../transport/transport-error.ts'
import type { CallOptions } from '../session/call-options.ts'
import { CircuitOpenError } from '../session/circuit-breaker.ts'
import type { Login } from '../session/login.ts'
import { Signal } from '../updates/signal.ts'
import type { UpdateStream } from '../updates/update-stream.ts'
import { type ObjectUpdate, UnwatchableError } from '../updates/update-subscription.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import {
  createEventCollector,
  type EventFilterSpec,
  eventManagerOf,
  eventsOf,
  isEntityRemoved,
  type VimEvent,
} from './event-collector.ts'
import { eventsWith, positionOf } from './event-search.ts'
import { type HistoryCollectors, readLatestPage, readProperty } from './history-collectors.ts'
import { type HistoryPosition, maxPageSize, searchHistory } from './history-search.ts'

/** Where a follower is: behind this event, or behind all events of that time if none matched the filter. */
export interface FollowerPosition extends HistoryPosition {
  /** Whether an event at or before the position has matched the filter, so that it can be found again. */
  readonly isAnchored: boolean
}

export interface FollowedEvents {
  /** The events, in the order of their keys. */
  readonly events: readonly VimEvent[]
  /** The position behind them. */
  readonly position: FollowerPosition
  /** Whether events before these are lost: purged, or more than are read back. */
  readonly gap: boolean
}

/**
 * Number of collectors that followers of a session hold. After an outage those from before it may exist for a while: twice as many,
 * and the 8 of queries, are the 32 that a vCenter allows.
 */
const maxFollowers = 12

/** How many events are read back at most. */
const maxReadBack = 20_000

/** How much earlier than the last event the search begins: the times of events are not always in the order of their keys. */
const marginMs = 10 * 60_000

/** When a page is read again after a call failed. */
const retryMs = 1_000

/** The limit of followers is reached. It protects the vCenter. */
export class TooManyFollowersError extends Error {
  override name = 'TooManyFollowersError' as const
  readonly actual = maxFollowers + 1
  readonly limit = maxFollowers
}

/** The latest page of an open collector; undefined if it must be read. */
interface OpenPage {
  readonly login: Login
  readonly read: () => Promise<readonly unknown[]>
}

/** The followers of one session. */
export class EventFollowers {
  readonly #updates: UpdateStream
  readonly #collectors: HistoryCollectors
  #count = 0

  constructor(updates: UpdateStream, collectors: HistoryCollectors) {
    this.#updates = updates
    this.#collectors = collectors
  }

  /**
   * Yields the events after a position, as they happen. The first batch has the events that exist already, even if there are none.
   *
   * @param after - the position of the last event that was handled; undefined to begin now
   * @param batchSize - the most events of one batch
   * @throws TooManyFollowersError if the session follows too many
   */
  async *follow(
    filter: EventFilterSpec,
    after: FollowerPosition | undefined,
    batchSize: number,
    callOptions: CallOptions,
  ): AsyncGenerator<FollowedEvents, void> {
    const { signal } = callOptions
    const changed = new Signal()
    if (this.#count >= maxFollowers)
      throw new TooManyFollowersError(`${maxFollowers} subscriptions follow events already`)
    const ignoreAbort = changed.failOnAbort(signal)
    this.#count += 1
    let page: OpenPage | undefined
    const unsubscribe = this.#updates.subscribe({
      open: async (login) => {
        const collector = await createEventCollector({
          ...filter,
          disableFullMessage: false,
          maxCount: maxPageSize,
        })(login, { onCall: callOptions.onCall }).catch((error) => {
          throw isEntityRemoved(error, filter) ? new UnwatchableError(error) : error
        })
        return {
          views: [],
          objects: [collector],
          propSet: [{ type: 'EventHistoryCollector', pathSet: ['latestPage'] }],
          onUpdates(updates) {
            const events = pageIn(updates)
            const read = events ? async () => events : () => readLatestPage(login, collector, callOptions)
            page = { login, read }
            changed.notify()
          },
          onStarted() {
            // A server may report nothing for an empty page.
            page ??= { login, read: () => readLatestPage(login, collector, callOptions) }
            changed.notify()
          },
          onEnd() {
            page = undefined
            login.discard('DestroyCollector', collector)
          },
        }
      },
      onError: (error) => changed.fail(error),
    })
    try {
      let position = after
      let isFirst = true
      for (;;) {
        await changed.wait()
        const current: OpenPage | undefined = page
        if (!current) continue
        let batch: FollowedEvents
        try {
          batch = await this.#readOn(current, filter, position, callOptions)
        } catch (error) {
          if (signal?.aborted || !isTransient(error) || isEntityRemoved(error, filter)) throw error
          // The stream may open another collector and report its page. Otherwise this one is read again.
          void delay(retryMs, { signal, ref: false }).then(() => changed.notify())
          continue
        }
        if (isFirst || batch.gap || batch.events.length > 0) yield* inBatches(batch, batchSize)
        isFirst = false
        position = batch.position
      }
    } finally {
      this.#count -= 1
      ignoreAbort()
      unsubscribe()
    }
  }

  /** Returns the events after a position. */
  async #readOn(
    page: OpenPage,
    filter: EventFilterSpec,
    position: FollowerPosition | undefined,
    callOptions: CallOptions,
  ): Promise<FollowedEvents> {
    const events = eventsOf(await page.read())
    const newest = newestOf(events)
    if (!position) {
      const start = newest ?? (await latestEvent(page.login, callOptions))
      return { events: [], position: positionBehind(start, newest !== undefined), gap: false }
    }
    // The keys of a new database begin again.
    const latest = newest && newest.key >= position.key ? newest : await latestEvent(page.login, callOptions)
    if (latest && latest.key < position.key) {
      const later = events.filter(({ createdTime }) => createdTime.getTime() > position.createdAt)
      return { events: byKey(later), position: positionBehind(latest, newest !== undefined), gap: true }
    }
    const isAfter = ({ key }: VimEvent) => key > position.key
    if (isContinuous(events, position)) return batchOf(events.filter(isAfter), position, false)
    const { content } = page.login
    const search = {
      since: new Date(position.createdAt - marginMs),
      count: maxReadBack,
      maxItems: maxReadBack,
      hasLatestPageOnly: content.about.apiType === 'HostAgent',
    }
    const found = await searchHistory(eventsWith(filter), this.#collectors, search, callOptions)
    const isReached = found.items.some((event) => !isAfter(event))
    const isComplete = isReached || (found.end === 'oldest' && !position.isAnchored)
    const all = new Map([...found.items, ...events].map((event) => [event.key, event]))
    return batchOf([...all.values()].filter(isAfter), position, !isComplete)
  }
}

/** Whether a page has all events that are later than the position. */
function isContinuous(events: readonly VimEvent[], position: FollowerPosition): boolean {
  if (events.some(({ key }) => key <= position.key)) return true
  if (position.isAnchored || events.length >= maxPageSize) return false
  // Keys are shared by all events: so few of them cannot have filled the page with events that may not be seen.
  const newest = newestOf(events)
  return newest === undefined || newest.key - position.key <= maxPageSize
}

/** Whether the same read may succeed later, perhaps with another collector. */
const isTransient = (error: unknown): boolean =>
  error instanceof TransportError ||
  error instanceof CircuitOpenError ||
  (error instanceof VimFaultError && (error.is('NotAuthenticated') || error.is('ManagedObjectNotFound')))

const byKey = (events: readonly VimEvent[]): readonly VimEvent[] => [...events].sort((a, b) => a.key - b.key)

const newestOf = (events: readonly VimEvent[]): VimEvent | undefined => byKey(events).at(-1)

const positionBehind = (event: VimEvent | undefined, isAnchored: boolean): FollowerPosition => ({
  ...(event ? positionOf(event) : { createdAt: 0, key: 0 }),
  isAnchored,
})

function batchOf(events: readonly VimEvent[], position: FollowerPosition, gap: boolean): FollowedEvents {
  const sorted = byKey(events)
  const last = sorted.at(-1)
  return { events: sorted, position: last ? positionBehind(last, true) : position, gap }
}

function* inBatches({ events, position, gap }: FollowedEvents, size: number): Generator<FollowedEvents> {
  let start = 0
  do {
    const part = events.slice(start, start + size)
    const isLast = start + size >= events.length
    yield {
      events: part,
      position: isLast ? position : positionBehind(part.at(-1), true),
      gap: gap && start === 0,
    }
    start += size
  } while (start < events.length)
}

/** Returns the page in the updates; undefined if they do not have all of it. */
function pageIn(updates: readonly ObjectUpdate[]): readonly unknown[] | undefined {
  const changes = updates.flatMap(({ changeSet = [] }) => changeSet)
  const last = changes.at(-1)
  return changes.every(({ name }) => name === 'latestPage') && Array.isArray(last?.val) ? last.val : undefined
}

/** Reads the newest event of all; undefined if there is none, or it may not be read. */
const latestEvent = async (login: Login, callOptions: CallOptions): Promise<VimEvent | undefined> =>
  (await readProperty(login, eventManagerOf(login), 'latestEvent', callOptions)) as
    | DataObject<'Event'>
    | undefined
