// How many objects collections had when they were last counted: what tells a window that holds everything without asking.

import { LRUCache } from 'lru-cache'

/** Parents that are gone must not be remembered for good. */
const ttlMs = 10 * 60_000
const maxParents = 10_000

export class SizeHints {
  /** By collection, then by the parent's moid ('' for the whole inventory). */
  readonly #collections = new Map<string, LRUCache<string, number>>()

  record(collection: string, parent: string, count: number): void {
    let counts = this.#collections.get(collection)
    if (!counts) {
      // Not `max`, which takes room for all of them at once: each session has counts of its own.
      counts = new LRUCache({ maxSize: maxParents, sizeCalculation: () => 1, ttl: ttlMs })
      this.#collections.set(collection, counts)
    }
    counts.set(parent, count)
  }

  /** The most that one parent had; undefined when nothing of the collection was counted yet. */
  maxOf(collection: string): number | undefined {
    const counts = this.#collections.get(collection)
    if (!counts) return undefined
    let max = 0
    for (const count of counts.values()) if (count > max) max = count
    return max
  }
}
