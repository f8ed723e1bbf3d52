// Finds the events of a follower that are later than its position. Events that have left the latest page before it was read are
// searched for; if they are not found, the batch says that there is a gap.
//
//   page --has the last event--> the events after it
//        --does not----------> search back to the last event --not found--> gap
// After each login, the event of the position must still exist. Otherwise it was purged, or the database was replaced: a gap too.

import type { DataObject } from '../../soap/vim-types.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import {
  createEventCollector,
  type EventFilterSpec,
  eventManagerOf,
  eventsOf,
  type VimEvent,
} from './event-collector.ts'
import { eventsWith } from './event-search.ts'
import {
  batchOf,
  byKey,
  type FollowedEvents,
  type FollowerPosition,
  hasEventOf,
  isContinuous,
  newestOf,
  positionBehind,
} from './follower-position.ts'
import { type HistoryCollectors, readProperty } from './history-collectors.ts'
import { maxPageSize, searchHistory } from './history-search.ts'

/** How many events are read back at most. */
const maxReadBack = 20_000

/** How much earlier than the last event the search begins: the times of events are not always in the order of their keys. */
const marginMs = 10 * 60_000

/** How many of the latest events are read to find one at which a follower begins whose filter none has matched. */
const startPageSize = 100

/** The latest page of an open collector; undefined if it must be read. */
export interface OpenPage {
  readonly login: Login
  readonly read: () => Promise<readonly unknown[]>
}

/** The reads of one follower. */
export class LaterEvents {
  readonly #collectors: HistoryCollectors
  readonly #filter: EventFilterSpec
  readonly #callOptions: CallOptions
  /** The login with which the event of the position was found. */
  #verified: Login | undefined

  constructor(collectors: HistoryCollectors, filter: EventFilterSpec, callOptions: CallOptions) {
    this.#collectors = collectors
    this.#filter = filter
    this.#callOptions = callOptions
  }

  /** Returns the events after a position; none if the follower begins, which determines its position. */
  async read(page: OpenPage, position: FollowerPosition | undefined): Promise<FollowedEvents> {
    const batch = await this.#read(page, position)
    this.#verified = page.login
    return batch
  }

  async #read(page: OpenPage, position: FollowerPosition | undefined): Promise<FollowedEvents> {
    const { login } = page
    const events = eventsOf(await page.read())
    if (!position) return { events: [], position: await this.#positionOfStart(login, events), gap: false }
    const isAfter = ({ key }: VimEvent) => key > position.key
    const restart = async (all: readonly VimEvent[]): Promise<FollowedEvents> => ({
      events: byKey(all.filter(({ createdTime }) => createdTime.getTime() > position.createdAt)),
      position: await this.#positionOfStart(login, all),
      gap: true,
    })
    if (position.identity !== undefined && position.identity !== login.identity) return restart(events)
    // The keys of a new database begin again.
    const newest = newestOf(events)
    const latest =
      newest && !isBefore(newest, position) ? newest : await latestEvent(login, this.#callOptions)
    if (latest && isBefore(latest, position)) return restart(events)
    const known = { ...position, identity: login.identity }
    let all = events
    let isComplete = isContinuous(events, position)
    if (!isComplete) {
      const search = {
        since: new Date(position.createdAt - marginMs),
        count: maxReadBack,
        maxItems: maxReadBack,
        hasLatestPageOnly: login.content.about.apiType === 'HostAgent',
      }
      const found = await searchHistory(eventsWith(this.#filter), this.#collectors, search, this.#callOptions)
      all = [...new Map([...found.items, ...events].map((event) => [event.key, event])).values()]
      const isReached = found.items.some((event) => !isAfter(event))
      isComplete = isReached || (found.end === 'oldest' && !position.isAnchored)
    }
    if (isComplete && this.#verified !== login && !(await this.#exists(position, all))) return restart(all)
    return batchOf(all.filter(isAfter), known, !isComplete)
  }

  /** Returns the position behind all events: the newest that matches, else the newest that may be seen, else the newest of all. */
  async #positionOfStart(login: Login, events: readonly VimEvent[]): Promise<FollowerPosition> {
    const matching = newestOf(events)
    if (matching) return positionBehind(matching, true, login.identity)
    const seen = await this.#latestPage({}, startPageSize)
    const newest = newestOf(seen) ?? (await latestEvent(login, this.#callOptions))
    return positionBehind(newest, false, login.identity)
  }

  /** Whether the event of a position still exists. One that did not match the filter is searched for without it. */
  async #exists(position: FollowerPosition, events: readonly VimEvent[]): Promise<boolean> {
    // Position 0 is that of a vCenter without events.
    if (hasEventOf(events, position) || position.key === 0) return true
    if (position.isAnchored) return false
    const time = { beginTime: new Date(position.createdAt), endTime: new Date(position.createdAt + 1) }
    return hasEventOf(await this.#latestPage({ time }, maxPageSize), position)
  }

  async #latestPage(filter: EventFilterSpec, maxCount: number): Promise<readonly VimEvent[]> {
    const create = createEventCollector({ ...filter, disableFullMessage: true, maxCount })
    const lease = this.#collectors.lease(create, this.#callOptions, (collector) => collector.latestPage())
    return eventsOf(await lease)
  }
}

const isBefore = (event: VimEvent, { key }: FollowerPosition): boolean => event.key < key

/** Reads the newest event of all; undefined if there is none, or it may not be read. */
const latestEvent = async (login: Login, callOptions: CallOptions): Promise<VimEvent | undefined> =>
  (await readProperty(login, eventManagerOf(login), 'latestEvent', callOptions)) as
    | DataObject<'Event'>
    | undefined
