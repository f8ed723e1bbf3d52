// Places for those who may do something at the same time. Who finds none waits in line for a while, if there is one and it is not
// full; else it is turned away. What is large takes several. Where callers are known, one of them has at most half of the places,
// so that others have some too.

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
  readonly wanted: number
  readonly go: () => void
}

export class Places {
  readonly places: number
  readonly #line: number
  readonly #waitMs: number
  readonly #share: number
  readonly #ofCaller = new Map<string | undefined, number>()
  #taken = 0
  #inside = 0
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

  /** How many have places, however many each has. */
  get inside(): number {
    return this.#inside
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Takes a place, or several.
   * @param caller who takes it; undefined where callers are not told apart, who may then have all of them
   * @param signal ends the waiting, which then was in vain
   * @param part how much it takes of what one caller may have, from 0 to 1; one place at least
   * @returns undefined when there is none
   */
  async take(caller: string | undefined, signal: AbortSignal, part = 0): Promise<Leave | undefined> {
    const wanted = Math.max(1, Math.floor(part * this.#share))
    if (this.#hasPlaces(caller, wanted)) return this.#enter(caller, wanted)
    if (signal.aborted || this.#waiting.size >= this.#line) return undefined
    return new Promise((resolve) => {
      const settle = (leave: Leave | undefined) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        this.#waiting.delete(waiting)
        resolve(leave)
      }
      const giveUp = () => settle(undefined)
      const waiting: Waiting = { caller, wanted, go: () => settle(this.#enter(caller, wanted)) }
      const timer = setTimeout(giveUp, this.#waitMs)
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.add(waiting)
    })
  }

  #hasPlaces(caller: string | undefined, wanted: number): boolean {
    if (this.#taken + wanted > this.places) return false
    return caller === undefined || (this.#ofCaller.get(caller) ?? 0) + wanted <= this.#share
  }

  #enter(caller: string | undefined, wanted: number): Leave {
    this.#note(caller, wanted)
    this.#inside += 1
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      this.#note(caller, -wanted)
      this.#inside -= 1
      // Who came first, of those who may.
      for (const waiting of this.#waiting) if (this.#hasPlaces(waiting.caller, waiting.wanted)) waiting.go()
    }
  }

  #note(caller: string | undefined, more: number): void {
    this.#taken += more
    const own = (this.#ofCaller.get(caller) ?? 0) + more
    if (own === 0) this.#ofCaller.delete(caller)
    else this.#ofCaller.set(caller, own)
  }
}
