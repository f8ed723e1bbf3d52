// Reads the events or the tasks of one vCenter backwards in time, until there are enough. Collectors cut their pages before they drop
// the items that may not be seen, so a short or an empty page does not prove that there are no older ones.
//
//   collector: latest page --full--> ReadPrevious, until a page has nothing new --> a further collector
//                          --short--> a further collector, which ends at the oldest item that was read
//                          --nothing new--> ReadNext from the oldest item on --nothing new--> the end
//                                                                             --older ones--> ReadPrevious, over empty pages

import type { CallOptions } from '../session/call-options.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import {
  type CreateCollector,
  type HistoryCollectors,
  type LeasedCollector,
  type ReadMethod,
  readProperty,
} from './history-collectors.ts'

/** The largest page that a vCenter accepts. */
export const maxPageSize = 1000

/** The position of an item: the time in milliseconds since 1970, then the key, which grows within a vCenter. */
export interface HistoryPosition {
  readonly createdAt: number
  readonly key: number
}

/** What is searched: events or tasks that meet criteria. */
export interface HistoryKind<T> {
  /** @param time both ends are included */
  create(time: { readonly beginTime?: Date; readonly endTime?: Date }, pageSize: number): CreateCollector
  /** Called with a new collector, before its latest page is read. */
  prepare?(collector: LeasedCollector, pageSize: number): Promise<unknown>
  /**
   * Returns the elements of a page as items.
   *
   * @throws SoapError if one has no position among the others: it must not be left out
   */
  itemsOf(page: readonly unknown[]): readonly T[]
  positionOf(item: T): HistoryPosition
  readonly readNext: ReadMethod
  readonly readPrevious: ReadMethod
}

export interface HistorySearch<T> {
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Only items that come after this position in the order of the search, thus older ones. */
  readonly after?: HistoryPosition | undefined
  /** Number of items to find. */
  readonly count: number
  /** Decides on the items that were read. @default accepts all */
  readonly accepts?: ((item: T) => boolean) | undefined
  /** Checks items that the server should have selected already. @default trusts the server */
  readonly verifies?: ((item: T) => boolean) | undefined
  /** How many items may be read. */
  readonly maxItems: number
  /** Whether the server has no items but those of the latest page, as an ESXi host. @default false */
  readonly hasLatestPageOnly?: boolean
}

export interface FoundHistory<T> {
  /** The items, the newest first; more than `count` if more were read. */
  readonly items: readonly T[]
  /** Why the search ended. `limit`: the most items were read. `hidden`: it is not known whether there are older ones. */
  readonly end: 'enough' | 'oldest' | 'limit' | 'hidden'
  /** The oldest item that was read, accepted or not. */
  readonly oldest: HistoryPosition | undefined
}

/** The smallest page that is requested. It leaves room for items whose times are not in the order of their keys. */
const minPageSize = 200

/** How many collectors are created at most, and how many empty pages are read in a row when there are older items. */
const maxCollectors = 10
const maxEmptyPages = 20

/** Compares positions: negative if the first one comes first, thus is newer. */
export const comparePositions = (one: HistoryPosition, other: HistoryPosition): number =>
  other.createdAt - one.createdAt || other.key - one.key

export async function searchHistory<T>(
  kind: HistoryKind<T>,
  collectors: HistoryCollectors,
  search: HistorySearch<T>,
  callOptions: CallOptions,
): Promise<FoundHistory<T>> {
  const found = new ItemsRead(kind, search)
  const { since, until, after } = search
  const size = search.accepts ? maxPageSize : Math.min(maxPageSize, Math.max(minPageSize, 2 * search.count))
  // Times have microseconds on the server: the next millisecond includes all items of the last one.
  let endTime = earliest(until, after && new Date(after.createdAt + 1))
  // A window of the last seconds moves on while a client reads its pages: what is older than its begin is not on a page any more.
  if (since && endTime && endTime < since) return found.result('oldest')
  for (let attempt = 1; attempt <= maxCollectors; attempt += 1) {
    const pageSize = attempt === 1 && !search.hasLatestPageOnly ? size : maxPageSize
    // When the work is repeated, what it has read is not read again.
    const create: CreateCollector = (...request) => {
      const until = earliest(endTime, found.end)
      return kind.create(
        { ...(since && { beginTime: since }), ...(until && { endTime: until }) },
        pageSize,
      )(...request)
    }
    const end = await collectors.lease(create, callOptions, async (collector) => {
      await kind.prepare?.(collector, pageSize)
      const end = await readBackwards(kind, collector, found, pageSize, search)
      // Pages of hidden items are as empty as those of a history without matches.
      const isProven = end !== 'oldest' || found.hasKnown || (await mayReadAll(collector, callOptions))
      return isProven ? end : 'hidden'
    })
    if (end !== 'unknown') return found.result(end)
    endTime = earliest(until, found.end)
  }
  return found.result('limit')
}

/**
 * Whether the account may read the root folder, so that usually no item is hidden from it: permissions apply to what is below, unless an
 * object below has others.
 */
async function mayReadAll({ login }: LeasedCollector, callOptions: CallOptions): Promise<boolean> {
  try {
    // Needs System.Read; the name of a folder does not.
    await readProperty(login, login.content.rootFolder, 'disabledMethod', callOptions)
    return true
  } catch (error) {
    if (error instanceof VimFaultError) return false
    throw error
  }
}

/** Reads one collector. Returns `unknown` if its end may not be that of the history. */
async function readBackwards<T>(
  { itemsOf, readNext, readPrevious }: HistoryKind<T>,
  collector: LeasedCollector,
  found: ItemsRead<T>,
  pageSize: number,
  { hasLatestPageOnly }: HistorySearch<T>,
): Promise<FoundHistory<T>['end'] | 'unknown'> {
  const page = itemsOf(await collector.latestPage())
  const isNew = found.add(page)
  if (hasLatestPageOnly) return page.length < pageSize ? 'oldest' : 'hidden'
  if (found.isEnough) return found.isLimitReached ? 'limit' : 'enough'
  let emptyPages = 0
  if (!isNew) {
    // The position of a new collector is before the oldest item.
    const first = itemsOf(await collector.read(readNext, maxPageSize))
    // An empty page without the items that are known to be there has only hidden ones.
    if (!first.some((item) => found.lacks(item)) && (first.length > 0 || !found.hasKnown)) return 'oldest'
    emptyPages = maxEmptyPages
  } else if (page.length < pageSize) return 'unknown'
  await collector.reset()
  for (;;) {
    const older = itemsOf(await collector.read(readPrevious, maxPageSize))
    if (found.add(older)) emptyPages = 0
    else if (emptyPages === 0) return found.oldest ? 'unknown' : 'hidden'
    else if (--emptyPages === 0) return 'hidden'
    if (found.isEnough) return found.isLimitReached ? 'limit' : 'enough'
  }
}

/** The items that a search has read so far. */
class ItemsRead<T> {
  readonly #kind: HistoryKind<T>
  readonly #search: HistorySearch<T>
  readonly #accepted = new Map<number, T>()
  readonly #keys = new Set<number>()
  #oldest: HistoryPosition | undefined

  constructor(kind: HistoryKind<T>, search: HistorySearch<T>) {
    this.#kind = kind
    this.#search = search
  }

  get oldest(): HistoryPosition | undefined {
    return this.#oldest
  }

  /** The end of a range that begins with the oldest item. */
  get end(): Date | undefined {
    return this.#oldest && new Date(this.#oldest.createdAt + 1)
  }

  /** Whether it is known that the range has an item: one that was read, or that of the position after which it begins. */
  get hasKnown(): boolean {
    return this.#oldest !== undefined || Number.isFinite(this.#search.after?.key)
  }

  get isLimitReached(): boolean {
    return this.#accepted.size <= this.#search.count && this.#keys.size >= this.#search.maxItems
  }

  /** Whether no more need to be read: one more than wanted, so that it is known whether there is a next page. */
  get isEnough(): boolean {
    return this.#accepted.size > this.#search.count || this.isLimitReached
  }

  /** Whether an item is in the range of the search and was not read before. */
  lacks(item: T): boolean {
    const { after } = this.#search
    const position = this.#kind.positionOf(item)
    return !this.#keys.has(position.key) && (!after || comparePositions(position, after) > 0)
  }

  /**
   * Adds the items of a page that are in the range of the search.
   * @returns whether any of them was not read before
   */
  add(items: readonly T[]): boolean {
    const { accepts = () => true, verifies = () => true } = this.#search
    const sizeBefore = this.#keys.size
    for (const item of items) {
      if (!this.lacks(item)) continue
      const position = this.#kind.positionOf(item)
      this.#keys.add(position.key)
      if (!this.#oldest || comparePositions(position, this.#oldest) > 0) this.#oldest = position
      if (verifies(item) && accepts(item)) this.#accepted.set(position.key, item)
    }
    return this.#keys.size > sizeBefore
  }

  result(end: FoundHistory<T>['end']): FoundHistory<T> {
    const { positionOf } = this.#kind
    const items = [...this.#accepted.values()].sort((a, b) => comparePositions(positionOf(a), positionOf(b)))
    return { items, end, oldest: this.#oldest }
  }
}

const earliest = (...times: readonly (Date | undefined)[]): Date | undefined =>
  times.filter((time) => time !== undefined).sort((a, b) => a.getTime() - b.getTime())[0]
