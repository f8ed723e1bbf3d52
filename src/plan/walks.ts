// The ordered keys of walks through pages, kept for a short time: going on to the next page scans nothing again. Never
// values, only which objects stand where; a page that begins anew always looks anew.

import { LRUCache } from 'lru-cache'
import type { Standing } from './page.ts'

/** How long after its scan a walk is gone on with: how stale the order of a later page can be. */
export const walkMs = 30_000

/** Of all walks together; a standing takes some 150 bytes. */
const mostStandings = 500_000

interface Walk {
  readonly standings: readonly Standing[]
  readonly generation: number
}

export class Walks {
  readonly #walks: LRUCache<string, Walk>

  constructor(clock: { now(): number } = performance) {
    this.#walks = new LRUCache({
      maxSize: mostStandings,
      // The key has the filter in it, which is as long as its writer likes.
      sizeCalculation: ({ standings }, key) => standings.length + Math.ceil(key.length / 100),
      ttl: walkMs,
      ttlResolution: 0,
      perf: clock,
    })
  }

  /** `generation`: of the session, when the scan began. */
  keep(key: string, standings: readonly Standing[], generation: number): void {
    this.#walks.purgeStale()
    this.#walks.set(key, { standings, generation })
  }

  /** Undefined too when the session has changed something since the scan began. */
  find(key: string, generation: number): readonly Standing[] | undefined {
    const walk = this.#walks.get(key)
    if (walk?.generation === generation) return walk.standings
    this.#walks.delete(key)
    return undefined
  }
}
