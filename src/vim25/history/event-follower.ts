// Follows the events of one vCenter: the latest page of a collector, which an update stream reports whenever it changes.
// later-events.ts finds the events of a page that are later than the position of the follower.

import { type Clock, systemClock } from '../../concurrency/clock.ts'
import type { CallOptions } from '../session/call-options.ts'
import { Signal } from '../updates/signal.ts'
import { isTransient, RereadDelays } from '../updates/transient-error.ts'
import type { UpdateStream } from '../updates/update-stream.ts'
import { type ObjectUpdate, UnwatchableError } from '../updates/update-subscription.ts'
import { createEventCollector, type EventFilterSpec, isEntityRemoved } from './event-collector.ts'
import {
  type EventsUnavailable,
  type FollowedEvents,
  type FollowerPosition,
  inBatches,
} from './follower-position.ts'
import { type HistoryCollectors, readLatestPage } from './history-collectors.ts'
import { maxPageSize } from './history-search.ts'
import { LaterEvents, type OpenPage } from './later-events.ts'

/**
 * Number of collectors that the subscriptions of a session hold. With the one that is reserved for alarms they are 12. After an outage
 * those from before it may exist for a while: twice as many, and the 8 of queries, are the 32 that a vCenter allows.
 */
const maxFollowers = 11

/** The limit of followers is reached. It protects the vCenter. */
export class TooManyFollowersError extends Error {
  override name = 'TooManyFollowersError' as const
  readonly actual = maxFollowers + 1
  readonly limit = maxFollowers
}

interface FollowerOptions {
  /** Delays before a failed read is repeated. @default defaultRereadDelays */
  readonly rereadDelays?: readonly number[] | undefined
  /** The clock of these delays. @default the system clock */
  readonly clock?: Clock | undefined
}

/** The followers of one session. */
export class EventFollowers {
  readonly #updates: UpdateStream
  readonly #collectors: HistoryCollectors
  readonly #options: FollowerOptions
  #count = 0

  constructor(updates: UpdateStream, collectors: HistoryCollectors, options: FollowerOptions = {}) {
    this.#updates = updates
    this.#collectors = collectors
    this.#options = options
  }

  /**
   * Yields the events after a position, as they happen. The first batch has the events that exist already, even if there are none.
   * When they cannot be read any more, the reason is yielded once, and the first batch afterwards even if it has no events.
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
  ): AsyncGenerator<FollowedEvents | EventsUnavailable, void> {
    if (this.#count >= maxFollowers)
      throw new TooManyFollowersError(`${maxFollowers} subscriptions follow events already`)
    this.#count += 1
    try {
      yield* this.followReserved(filter, after, batchSize, callOptions)
    } finally {
      this.#count -= 1
    }
  }

  /** Follows events without counting towards the limit, for the one follower of alarms. */
  async *followReserved(
    filter: EventFilterSpec,
    after: FollowerPosition | undefined,
    batchSize: number,
    callOptions: CallOptions,
  ): AsyncGenerator<FollowedEvents | EventsUnavailable, void> {
    const { rereadDelays, clock = systemClock } = this.#options
    const delays = new RereadDelays(rereadDelays)
    const laterEvents = new LaterEvents(this.#collectors, filter, callOptions)
    const changed = new Signal()
    const ignoreAbort = changed.failOnAbort(callOptions.signal)
    let cancelReread = () => {}
    let page: OpenPage | undefined
    let openError: unknown
    const setPage = (opened: OpenPage) => {
      page = opened
      openError = undefined
      changed.notify()
    }
    const unsubscribe = this.#updates.subscribe({
      open: async (login) => {
        const collector = await createEventCollector({
          ...filter,
          disableFullMessage: false,
          maxCount: maxPageSize,
        })(login, { onCall: callOptions.onCall }).catch((error) => {
          throw isEntityRemoved(error, filter) ? new UnwatchableError(error) : error
        })
        const readPage = () => readLatestPage(login, collector, callOptions)
        return {
          views: [],
          objects: [collector],
          propSet: [{ type: 'EventHistoryCollector', pathSet: ['latestPage'] }],
          onUpdates(updates) {
            const events = pageIn(updates)
            setPage({ login, read: events ? async () => events : readPage })
          },
          onStarted() {
            // A server may report nothing for an empty page.
            setPage(page ?? { login, read: readPage })
          },
          onEnd() {
            page = undefined
            login.discard('DestroyCollector', collector)
          },
        }
      },
      onUnavailable(error) {
        openError = error
        changed.notify()
      },
      onError: (error) => changed.fail(error),
    })
    try {
      let position = after
      // The first batch, and the first one after an error, are sent even if they have no events.
      let isDue = true
      let hasError = false
      for (;;) {
        await changed.wait()
        const current: OpenPage | undefined = page
        let batch: FollowedEvents | undefined
        let error = openError
        if (current)
          try {
            batch = await laterEvents.read(current, position)
          } catch (readError) {
            if (callOptions.signal?.aborted || !isTransient(readError) || isEntityRemoved(readError, filter))
              throw readError
            error = readError
            // The stream may open another collector and report its page. Otherwise this one is read again.
            cancelReread()
            cancelReread = clock.schedule(delays.after(readError), () => changed.notify())
          }
        if (batch) {
          delays.reset()
          if (isDue || batch.gap || batch.events.length > 0) yield* inBatches(batch, batchSize)
          isDue = false
          hasError = false
          position = batch.position
        } else if (error !== undefined && !hasError) {
          hasError = true
          isDue = true
          yield { position, error: error instanceof Error ? error : new Error(String(error)) }
        }
      }
    } finally {
      cancelReread()
      ignoreAbort()
      unsubscribe()
    }
  }
}

/** Returns the page in the updates; undefined if they do not have all of it. */
function pageIn(updates: readonly ObjectUpdate[]): readonly unknown[] | undefined {
  const changes = updates.flatMap(({ changeSet = [] }) => changeSet)
  const last = changes.at(-1)
  return changes.every(({ name }) => name === 'latestPage') && Array.isArray(last?.val) ? last.val : undefined
}
