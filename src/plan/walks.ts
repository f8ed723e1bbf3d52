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

/** The room that walks take: all sessions with a vCenter have it together, so that many of them need no more than one. */
export class WalkRoom {
  readonly #walks: LRUCache<string, Walk>
  #sessions = 0

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

  /** A part of it that no other session can look into. */
  part(): Walks {
    this.#sessions += 1
    return new Walks(this.#walks, this.#sessions)
  }
}

/** The walks of one session: what one person may see, another may not. */
export class Walks {
  readonly #walks: LRUCache<string, Walk>
  readonly #session: number

  constructor(walks: LRUCache<string, Walk>, session: number) {
    this.#walks = walks
    this.#session = session
  }

  /** `generation`: of the session, when the scan began. */
  keep(key: string, standings: readonly Standing[], generation: number): void {
    this.#walks.purgeStale()
    this.#walks.set(this.#own(key), { standings, generation })
  }

  /** Undefined too when the session has changed something since the scan began. */
  find(key: string, generation: number): readonly Standing[] | undefined {
    const own = this.#own(key)
    const walk = this.#walks.get(own)
    if (walk?.generation === generation) return walk.standings
    this.#walks.delete(own)
    return undefined
  }

  #own = (key: string): string => `${this.#session} ${key}`
}
