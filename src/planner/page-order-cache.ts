// The orders that pages were cut from, kept for a short time: the next page scans nothing again and comes from the same
// order as the one before, whatever was renamed or read by others since. Never values, only which objects stand where; a
// page without a cursor always reads the inventory again.

import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { OrderedObjects, SortedRef } from './page.ts'

/** How long after its scan an order is continued: how stale the order of a later page can be. */
export const orderTtlMs = 30_000

/** Of all orders together. */
const maxBytes = 96 * 1024 * 1024
const maxOrders = 1_000

/** An object with a reference and a key, without the characters of the key. */
const bytesPerRef = 200

interface CachedOrder {
  readonly sorted: OrderedObjects
  /** Of the session, when the scan began. */
  readonly writeVersion: number
  /** Whose order it is: the connection, its filter and its parent. */
  readonly orderKey: string
  readonly session: number
}

/** The memory for orders: all sessions with a vCenter share it, so that many of them need no more than one. */
export class SharedPageOrderCache {
  readonly #orders: LRUCache<string, CachedOrder>
  /** The id of the order of each walk that was kept last. */
  readonly #latest = new Map<string, string>()
  #sessions = 0

  constructor(clock: { now(): number } = performance) {
    this.#orders = new LRUCache({
      max: maxOrders,
      maxSize: maxBytes,
      sizeCalculation: sizeOf,
      ttl: orderTtlMs,
      ttlResolution: 0,
      perf: clock,
      dispose: ({ sorted, orderKey, session }, _key, reason) => {
        const key = ownKey(session, orderKey)
        if (reason !== 'set' && this.#latest.get(key) === sorted.id) this.#latest.delete(key)
      },
    })
  }

  /** A part of it that no other session can read. */
  partition(): PageOrderCache {
    this.#sessions += 1
    return new PageOrderCache(this.#orders, this.#latest, this.#sessions)
  }
}

/** The orders of one session: what one person may see, another may not. */
export class PageOrderCache {
  readonly #orders: LRUCache<string, CachedOrder>
  readonly #latest: Map<string, string>
  readonly #session: number

  constructor(orders: LRUCache<string, CachedOrder>, latest: Map<string, string>, session: number) {
    this.#orders = orders
    this.#latest = latest
    this.#session = session
  }

  /** Gives an order its id: that of the walk's last order if nothing has changed since, so that first pages that repeat take no memory. */
  identify(orderKey: string, refs: readonly SortedRef[]): OrderedObjects {
    const id = this.#latest.get(ownKey(this.#session, orderKey))
    const last = id === undefined ? undefined : this.#orders.peek(ownKey(this.#session, id))?.sorted
    // Another gateway, or this one after a restart, must not take its cursors for those of an order of its own.
    return last && isSameOrder(last.refs, refs) ? last : { id: randomBytes(9).toString('base64url'), refs }
  }

  set(orderKey: string, sorted: OrderedObjects, writeVersion: number): void {
    this.#orders.purgeStale()
    const session = this.#session
    this.#orders.set(ownKey(session, sorted.id), { sorted, writeVersion, orderKey, session })
    if (this.#orders.has(ownKey(session, sorted.id))) this.#latest.set(ownKey(session, orderKey), sorted.id)
  }

  /** The first of these orders that is kept; undefined too when the session has changed something since its scan began. */
  get(orderKey: string, ids: readonly string[], writeVersion: number): OrderedObjects | undefined {
    for (const id of ids) {
      const key = ownKey(this.#session, id)
      const cached = this.#orders.get(key)
      if (cached && cached.writeVersion !== writeVersion) this.#orders.delete(key)
      else if (cached?.orderKey === orderKey) return cached.sorted
    }
    return undefined
  }
}

const ownKey = (session: number, key: string): string => `${session} ${key}`

const isSameOrder = (some: readonly SortedRef[], others: readonly SortedRef[]): boolean =>
  some.length === others.length &&
  some.every(({ key, moid }, index) => key === others[index]?.key && moid === others[index]?.moid)

/** In bytes, an upper bound: a character takes one or two. */
function sizeOf({ sorted, orderKey }: CachedOrder): number {
  let size = 1_000 + 4 * orderKey.length
  for (const { key } of sorted.refs) size += bytesPerRef + (typeof key === 'string' ? 2 * key.length : 0)
  return size
}
