// Short-lived cache of the orders that pages were sliced from. The next page needs no new scan and comes from
// the same order as the previous one, even if objects were renamed since. Holds only references and sort
// keys, no other values. A page without a cursor always reads the inventory.

import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { OrderedObjects, SortedRef } from './page.ts'

/** How long after its scan an order can be continued. This bounds how stale the order of a later page can be. */
export const orderTtlMs = 30_000

/** Limit for all orders together. */
const maxBytes = 96 * 1024 * 1024
const maxOrders = 1_000

/** Memory estimate for a reference and its key, without the key's characters. */
const bytesPerRef = 200
/** The same for each further key. */
const bytesPerKey = 16

type Sorted = Omit<OrderedObjects, 'id'>

interface CachedOrder {
  readonly sorted: OrderedObjects
  /** Write version of the session when the scan began. */
  readonly writeVersion: number
  /** Identifies the connection, its filter and its parent. */
  readonly orderKey: string
  readonly session: number
}

/** Cache shared by all sessions with a vCenter, so that many sessions need no more memory than one. */
export class SharedPageOrderCache {
  readonly #orders: LRUCache<string, CachedOrder>
  /** ID of the most recently cached order for each order key. */
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
        const key = sessionKey(session, orderKey)
        if (reason !== 'set' && this.#latest.get(key) === sorted.id) this.#latest.delete(key)
      },
    })
  }

  /** Returns a partition that no other session can read. */
  partition(): PageOrderCache {
    this.#sessions += 1
    return new PageOrderCache(this.#orders, this.#latest, this.#sessions)
  }
}

/** Orders of one session. Sessions are kept apart because users can have different permissions. */
export class PageOrderCache {
  readonly #orders: LRUCache<string, CachedOrder>
  readonly #latest: Map<string, string>
  readonly #session: number

  constructor(orders: LRUCache<string, CachedOrder>, latest: Map<string, string>, session: number) {
    this.#orders = orders
    this.#latest = latest
    this.#session = session
  }

  /**
   * Assigns an ID to an order. Reuses the ID of the last order with this key if nothing has changed, so that
   * repeated first pages use no extra memory.
   */
  identify(orderKey: string, sorted: Sorted): OrderedObjects {
    const id = this.#latest.get(sessionKey(this.#session, orderKey))
    const last = id === undefined ? undefined : this.#orders.peek(sessionKey(this.#session, id))?.sorted
    // IDs are random: after a restart, or in another gateway, a cursor must not match an unrelated order.
    return last && isSameOrder(last, sorted) ? last : { id: randomBytes(9).toString('base64url'), ...sorted }
  }

  set(orderKey: string, sorted: OrderedObjects, writeVersion: number): void {
    this.#orders.purgeStale()
    const session = this.#session
    this.#orders.set(sessionKey(session, sorted.id), { sorted, writeVersion, orderKey, session })
    if (this.#orders.has(sessionKey(session, sorted.id)))
      this.#latest.set(sessionKey(session, orderKey), sorted.id)
  }

  /**
   * Returns the first of these orders that is cached; undefined if the session has changed anything since its
   * scan.
   */
  get(orderKey: string, ids: readonly string[], writeVersion: number): OrderedObjects | undefined {
    for (const id of ids) {
      const key = sessionKey(this.#session, id)
      const cached = this.#orders.get(key)
      if (cached && cached.writeVersion !== writeVersion) this.#orders.delete(key)
      else if (cached?.orderKey === orderKey) return cached.sorted
    }
    return undefined
  }
}

const sessionKey = (session: number, key: string): string => `${session} ${key}`

const isSameOrder = (one: Sorted, other: Sorted): boolean =>
  one.undecidedCount === other.undecidedCount &&
  one.unreadableCount === other.unreadableCount &&
  one.refs.length === other.refs.length &&
  one.refs.every(({ keys, moid }, index) => {
    const { moid: otherMoid, keys: otherKeys } = other.refs[index] as SortedRef
    return moid === otherMoid && keys.every((key, at) => key === otherKeys[at])
  })

/** Returns an upper bound in bytes: a character takes one or two. */
function sizeOf({ sorted, orderKey }: CachedOrder): number {
  let size = 1_000 + 4 * orderKey.length
  for (const { keys } of sorted.refs) {
    size += bytesPerRef
    for (const [index, key] of keys.entries())
      size += (index > 0 ? bytesPerKey : 0) + (typeof key === 'string' ? 2 * key.length : 0)
  }
  return size
}
