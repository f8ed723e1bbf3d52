// Places for those who may do something at the same time. Who finds none waits in line for a while, if there is one and it is not
// full; else it is turned away. Where callers are known, one of them has at most half of the places, so that others have some too.

interface PlacesOptions {
  readonly places: number
  /** How many may wait. @default none */
  readonly line?: number
  /** How long each waits. */
  readonly waitMs?: number
}

/** Gives a place back. Once is enough, more do no harm. */
export type Leave = () => void

interface Waiting {
  readonly caller: string | undefined
  readonly go: () => void
}

export class Places {
  readonly places: number
  readonly #line: number
  readonly #waitMs: number
  readonly #share: number
  readonly #ofCaller = new Map<string | undefined, number>()
  #taken = 0
  readonly #waiting = new Set<Waiting>()

  constructor({ places, line = 0, waitMs = 0 }: PlacesOptions) {
    this.places = places
    this.#line = line
    this.#waitMs = waitMs
    this.#share = Math.ceil(places / 2)
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Takes a place.
   * @param caller who takes it; undefined where callers are not told apart, who may then have all of them
   * @param signal ends the waiting, which then was in vain
   * @returns undefined when there is none
   */
  async take(caller: string | undefined, signal: AbortSignal): Promise<Leave | undefined> {
    if (this.#hasPlace(caller)) return this.#enter(caller)
    if (signal.aborted || this.#waiting.size >= this.#line) return undefined
    return new Promise((resolve) => {
      const settle = (leave: Leave | undefined) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        this.#waiting.delete(waiting)
        resolve(leave)
      }
      const giveUp = () => settle(undefined)
      const waiting: Waiting = { caller, go: () => settle(this.#enter(caller)) }
      const timer = setTimeout(giveUp, this.#waitMs)
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.add(waiting)
    })
  }

  #hasPlace(caller: string | undefined): boolean {
    if (this.#taken >= this.places) return false
    return caller === undefined || (this.#ofCaller.get(caller) ?? 0) < this.#share
  }

  #enter(caller: string | undefined): Leave {
    this.#note(caller, 1)
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      this.#note(caller, -1)
      // Who came first, of those who may.
      for (const waiting of this.#waiting) if (this.#hasPlace(waiting.caller)) return waiting.go()
    }
  }

  #note(caller: string | undefined, more: 1 | -1): void {
    this.#taken += more
    const own = (this.#ofCaller.get(caller) ?? 0) + more
    if (own === 0) this.#ofCaller.delete(caller)
    else this.#ofCaller.set(caller, own)
  }
}
