// Places for those who may do something at the same time. Who finds none waits in line for a while, if there is one and it is not
// full; else it is turned away. What is large takes several. Where callers are known, one of them has at most half of the places,
// so that others have some too.

interface WeightedSemaphoreOptions {
  readonly capacity: number
  /** How many may wait. @default none */
  readonly queueLimit?: number
  /** How long each waits. */
  readonly queueTimeoutMs?: number
}

/** Gives a place back. Once is enough, more do no harm. */
export type Release = () => void

interface QueuedRequest {
  readonly caller: string | undefined
  readonly weight: number
  readonly admit: () => void
}

export class WeightedSemaphore {
  readonly capacity: number
  readonly #queueLimit: number
  readonly #queueTimeoutMs: number
  readonly #maxPerCaller: number
  readonly #usedByCaller = new Map<string | undefined, number>()
  #used = 0
  #inFlight = 0
  readonly #queue = new Set<QueuedRequest>()

  constructor({ capacity, queueLimit = 0, queueTimeoutMs = 0 }: WeightedSemaphoreOptions) {
    this.capacity = capacity
    this.#queueLimit = queueLimit
    this.#queueTimeoutMs = queueTimeoutMs
    this.#maxPerCaller = Math.ceil(capacity / 2)
  }

  get used(): number {
    return this.#used
  }

  /** How many have places, however many each has. */
  get inFlight(): number {
    return this.#inFlight
  }

  get queued(): number {
    return this.#queue.size
  }

  /**
   * Takes a place, or several.
   * @param caller who takes it; undefined where callers are not told apart, who may then have all of them
   * @param signal ends the waiting, which then was in vain
   * @param share how much it takes of what one caller may have, from 0 to 1; one place at least
   * @returns undefined when there is none
   */
  async acquire(caller: string | undefined, signal: AbortSignal, share = 0): Promise<Release | undefined> {
    const weight = Math.max(1, Math.floor(share * this.#maxPerCaller))
    if (this.#hasCapacity(caller, weight)) return this.#admit(caller, weight)
    if (signal.aborted || this.#queue.size >= this.#queueLimit) return undefined
    return new Promise((resolve) => {
      const settle = (release: Release | undefined) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', cancel)
        this.#queue.delete(request)
        resolve(release)
      }
      const cancel = () => settle(undefined)
      const request: QueuedRequest = { caller, weight, admit: () => settle(this.#admit(caller, weight)) }
      const timer = setTimeout(cancel, this.#queueTimeoutMs)
      signal.addEventListener('abort', cancel, { once: true })
      this.#queue.add(request)
    })
  }

  #hasCapacity(caller: string | undefined, weight: number): boolean {
    if (this.#used + weight > this.capacity) return false
    return caller === undefined || (this.#usedByCaller.get(caller) ?? 0) + weight <= this.#maxPerCaller
  }

  #admit(caller: string | undefined, weight: number): Release {
    this.#adjustUsage(caller, weight)
    this.#inFlight += 1
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#adjustUsage(caller, -weight)
      this.#inFlight -= 1
      // Who came first, of those who may.
      for (const request of this.#queue)
        if (this.#hasCapacity(request.caller, request.weight)) request.admit()
    }
  }

  #adjustUsage(caller: string | undefined, delta: number): void {
    this.#used += delta
    const callerUsage = (this.#usedByCaller.get(caller) ?? 0) + delta
    if (callerUsage === 0) this.#usedByCaller.delete(caller)
    else this.#usedByCaller.set(caller, callerUsage)
  }
}
