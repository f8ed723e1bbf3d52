// A semaphore with weights, a bounded queue with a timeout, and a limit of half the capacity per known
// caller.

interface WeightedSemaphoreOptions {
  readonly capacity: number
  /** Maximum number of queued requests. @default 0 */
  readonly queueLimit?: number
  /** Maximum wait in the queue. */
  readonly queueTimeoutMs?: number
}

/** Releases the capacity. Calling it again has no effect. */
export type Release = () => void

interface QueuedRequest {
  readonly caller: string | undefined
  readonly weight: number
  readonly admit: () => void
}

export class WeightedSemaphore {
  readonly capacity: number
  readonly maxPerCaller: number
  readonly #queueLimit: number
  readonly #queueTimeoutMs: number
  readonly #usedByCaller = new Map<string | undefined, number>()
  #used = 0
  #inFlight = 0
  readonly #queue = new Set<QueuedRequest>()

  constructor({ capacity, queueLimit = 0, queueTimeoutMs = 0 }: WeightedSemaphoreOptions) {
    this.capacity = capacity
    this.#queueLimit = queueLimit
    this.#queueTimeoutMs = queueTimeoutMs
    this.maxPerCaller = Math.ceil(capacity / 2)
  }

  get used(): number {
    return this.#used
  }

  /** Number of holders, regardless of their weights. */
  get inFlight(): number {
    return this.#inFlight
  }

  get queued(): number {
    return this.#queue.size
  }

  /**
   * Acquires capacity, waiting in the queue if necessary.
   * @param caller the caller; undefined if callers are not known, which then have no individual limit
   * @param signal cancels the wait
   * @param share weight as a share of the limit per caller, from 0 to 1; the weight is at least one
   * @returns undefined if the queue is full, the wait timed out, or the signal aborted
   */
  async acquire(caller: string | undefined, signal: AbortSignal, share = 0): Promise<Release | undefined> {
    const weight = Math.max(1, Math.floor(share * this.maxPerCaller))
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
    return caller === undefined || (this.#usedByCaller.get(caller) ?? 0) + weight <= this.maxPerCaller
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
      // In the order of arrival, skipping requests whose weight still exceeds the free capacity.
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
