// Remembers how many objects collections had when last counted, to recognize windows that hold everything in
// advance.

import { LRUCache } from 'lru-cache'

/** Entries expire, so that deleted parents are not kept forever. */
const ttlMs = 10 * 60_000
const maxParents = 10_000

export class SizeHints {
  /** By collection, then by the parent's moid ('' for the whole inventory). */
  readonly #collections = new Map<string, LRUCache<string, number>>()

  record(collection: string, parent: string, count: number): void {
    let counts = this.#collections.get(collection)
    if (!counts) {
      // Not `max`, which allocates memory for all entries up front: each session has its own counts.
      counts = new LRUCache({ maxSize: maxParents, sizeCalculation: () => 1, ttl: ttlMs })
      this.#collections.set(collection, counts)
    }
    counts.set(parent, count)
  }

  /** Returns the largest recorded count of one parent; undefined if the collection has not been counted yet. */
  maxOf(collection: string): number | undefined {
    const counts = this.#collections.get(collection)
    if (!counts) return undefined
    let max = 0
    for (const count of counts.values()) if (count > max) max = count
    return max
  }
}
