// The orders that pages were cut from, kept for a short time: the next page scans nothing again and comes from the same
// order as the one before, whatever was renamed or read by others since. Never values, only which objects stand where; a
// page without a cursor always reads the inventory again.

import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { OrderedObjects, Standing } from './page.ts'

/** How long after its scan an order is continued: how stale the order of a later page can be. */
export const walkMs = 30_000

/** Of all orders together. */
const maxBytes = 96 * 1024 * 1024
const maxOrders = 1_000

/** An object with a reference and a key, without the characters of the key. */
const bytesPerStanding = 200

interface Kept {
  readonly ordered: OrderedObjects
  /** Of the session, when the scan began. */
  readonly generation: number
  /** Whose order it is: the connection, its filter and its parent. */
  readonly walk: string
  readonly session: number
}

/** The memory for orders: all sessions with a vCenter share it, so that many of them need no more than one. */
export class WalkRoom {
  readonly #kept: LRUCache<string, Kept>
  /** The id of the order of each walk that was kept last. */
  readonly #latest = new Map<string, string>()
  #sessions = 0

  constructor(clock: { now(): number } = performance) {
    this.#kept = new LRUCache({
      max: maxOrders,
      maxSize: maxBytes,
      sizeCalculation: sizeOf,
      ttl: walkMs,
      ttlResolution: 0,
      perf: clock,
      dispose: ({ ordered, walk, session }, _key, reason) => {
        const own = ownKey(session, walk)
        if (reason !== 'set' && this.#latest.get(own) === ordered.id) this.#latest.delete(own)
      },
    })
  }

  /** A part of it that no other session can read. */
  part(): Walks {
    this.#sessions += 1
    return new Walks(this.#kept, this.#latest, this.#sessions)
  }
}

/** The orders of one session: what one person may see, another may not. */
export class Walks {
  readonly #kept: LRUCache<string, Kept>
  readonly #latest: Map<string, string>
  readonly #session: number

  constructor(kept: LRUCache<string, Kept>, latest: Map<string, string>, session: number) {
    this.#kept = kept
    this.#latest = latest
    this.#session = session
  }

  /** Gives an order its id: that of the walk's last order if nothing has changed since, so that first pages that repeat take no memory. */
  identify(walk: string, standings: readonly Standing[]): OrderedObjects {
    const id = this.#latest.get(ownKey(this.#session, walk))
    const last = id === undefined ? undefined : this.#kept.peek(ownKey(this.#session, id))?.ordered
    // Another gateway, or this one after a restart, must not take its cursors for those of an order of its own.
    return last && isSame(last.standings, standings)
      ? last
      : { id: randomBytes(9).toString('base64url'), standings }
  }

  keep(walk: string, ordered: OrderedObjects, generation: number): void {
    this.#kept.purgeStale()
    const session = this.#session
    this.#kept.set(ownKey(session, ordered.id), { ordered, generation, walk, session })
    if (this.#kept.has(ownKey(session, ordered.id))) this.#latest.set(ownKey(session, walk), ordered.id)
  }

  /** The first of these orders that is kept; undefined too when the session has changed something since its scan began. */
  find(walk: string, ids: readonly string[], generation: number): OrderedObjects | undefined {
    for (const id of ids) {
      const own = ownKey(this.#session, id)
      const kept = this.#kept.get(own)
      if (kept && kept.generation !== generation) this.#kept.delete(own)
      else if (kept?.walk === walk) return kept.ordered
    }
    return undefined
  }
}

const ownKey = (session: number, key: string): string => `${session} ${key}`

const isSame = (some: readonly Standing[], others: readonly Standing[]): boolean =>
  some.length === others.length &&
  some.every(({ key, moid }, index) => key === others[index]?.key && moid === others[index]?.moid)

/** In bytes, an upper bound: a character takes one or two. */
function sizeOf({ ordered, walk }: Kept): number {
  let size = 1_000 + 4 * walk.length
  for (const { key } of ordered.standings)
    size += bytesPerStanding + (typeof key === 'string' ? 2 * key.length : 0)
  return size
}
