// Limits what runs concurrently. Each caller has a queue of its own, and the queues are served round-robin, so that a caller
// with 500 requests does not delay a caller with one. It serves the reads of a vCenter, the logins, and the operations.

import { type Clock, systemClock } from './clock.ts'

export interface FairQueueOptions {
  /** Limit of the total weight in flight. */
  readonly capacity: number
  /** The same for each known caller, and for a single request. @default capacity */
  readonly maxPerCaller?: number
  /** Limit of the number of queued requests. @default none */
  readonly maxQueued?: number
  /** The same for each caller. Unknown callers count as one. @default none */
  readonly maxQueuedPerCaller?: number
  /** Limit of the time in the queue. @default none */
  readonly queueTimeoutMs?: number
  readonly clock?: Clock
}

export interface SlotRequest {
  /** A name, or an object that is unique to the caller. Unknown callers share one queue. */
  readonly caller?: unknown
  /** Cancels the wait. */
  readonly signal?: AbortSignal | undefined
  /** @default 1 */
  readonly weight?: number
  /** Whether it precedes the requests without priority. */
  readonly isHighPriority?: boolean | undefined
  /** Whether it may only run while at least half of the capacity remains free. It is never queued. */
  readonly onlyIfIdle?: boolean | undefined
}

/** Releases the slot. Calling it again has no effect. */
export type Release = () => void

/** The queue is full, the request was queued for too long, or it may only run while the queue is idle. */
export class NoCapacityError extends Error {
  override name = 'NoCapacityError' as const
}

interface Weighted {
  readonly caller: unknown
  readonly weight: number
}

interface QueuedRequest extends Weighted {
  /** How often a later request was admitted because this one lacked capacity. */
  overtaken: number
  readonly admit: (release: Release) => void
}

const highPriority = Symbol('high priority')

export class FairQueue {
  readonly #options: FairQueueOptions
  /** By caller; the first is served next. */
  readonly #queues = new Map<unknown, Set<QueuedRequest>>()
  readonly #usedByCaller = new Map<unknown, number>()
  #used = 0
  #inFlight = 0
  #queued = 0

  constructor(options: FairQueueOptions) {
    this.#options = options
  }

  get capacity(): number {
    return this.#options.capacity
  }

  /** Limit of the weight of one known caller. */
  get maxPerCaller(): number {
    return this.#options.maxPerCaller ?? this.capacity
  }

  /** Total weight in flight. */
  get used(): number {
    return this.#used
  }

  /** Number of requests that occupy a slot, regardless of their weights. */
  get inFlight(): number {
    return this.#inFlight
  }

  get queued(): number {
    return this.#queued
  }

  /**
   * Starts the work when there is a slot, and releases the slot when the promise of the work settles.
   * @throws NoCapacityError, or the signal's reason if it is aborted while the request is queued
   */
  async run<T>(request: SlotRequest, work: () => Promise<T>): Promise<T> {
    if (request.onlyIfIdle) this.#assertIdle(request)
    const release = this.#tryOccupy(request) ?? (await this.#enqueue(request))
    try {
      return await work()
    } finally {
      release()
    }
  }

  /** Acquires a slot like `run`, for a caller that releases it. */
  async acquire(request: SlotRequest): Promise<Release> {
    return this.#tryOccupy(request) ?? this.#enqueue(request)
  }

  /** Throws if a request waits, or if less than half of the capacity would remain free. */
  #assertIdle({ weight = 1 }: SlotRequest): void {
    if (this.#queued > 0 || this.#used + weight > this.capacity / 2)
      throw new NoCapacityError('the queue is not idle')
  }

  /** Occupies a slot at once if there is one and no request waits. */
  #tryOccupy({ caller, weight = 1 }: SlotRequest): Release | undefined {
    const isFree = this.#queued === 0 && this.#used + weight <= this.capacity
    return isFree && this.#isWithinCallerLimit({ caller, weight })
      ? this.#occupy({ caller, weight })
      : undefined
  }

  #enqueue({ caller, signal, weight = 1, isHighPriority }: SlotRequest): Promise<Release> {
    const { maxQueued = Infinity, maxQueuedPerCaller = Infinity, queueTimeoutMs, clock } = this.#options
    return new Promise((resolve, reject) => {
      if (weight > Math.min(this.capacity, this.maxPerCaller))
        throw new RangeError(`a request of weight ${weight} would wait forever`)
      signal?.throwIfAborted()
      const key = isHighPriority ? highPriority : caller
      const queue = this.#queues.get(key) ?? new Set()
      const dequeue = () => {
        queue.delete(queued)
        this.#queued -= 1
        if (queue.size === 0) this.#queues.delete(key)
        signal?.removeEventListener('abort', abort)
        cancelTimeout?.()
      }
      const leave = (reason: unknown) => {
        dequeue()
        reject(reason)
        // Others may have waited for this request.
        this.#admitQueued()
      }
      const abort = () => leave(signal?.reason)
      let cancelTimeout: (() => void) | undefined
      const queued: QueuedRequest = {
        caller,
        weight,
        overtaken: 0,
        admit(release) {
          dequeue()
          resolve(release)
        },
      }
      this.#queues.set(key, queue.add(queued))
      this.#queued += 1
      this.#admitQueued()
      if (!queue.has(queued)) return
      if (this.#queued > maxQueued || queue.size > maxQueuedPerCaller)
        return leave(new NoCapacityError(`${this.#queued - 1} requests are queued already`))
      signal?.addEventListener('abort', abort, { once: true })
      if (queueTimeoutMs !== undefined)
        cancelTimeout = (clock ?? systemClock).schedule(queueTimeoutMs, () =>
          leave(new NoCapacityError(`no slot was free within ${queueTimeoutMs} ms`)),
        )
    })
  }

  /** Admits queued requests as long as there is capacity. */
  #admitQueued(): void {
    while (this.#used < this.capacity && this.#admitNext());
  }

  /**
   * Admits the next queued request for which there is capacity. It may overtake larger ones, each of them as often as the
   * capacity; then the larger one is next, so that it does not wait forever.
   * @returns false if none can be admitted
   */
  #admitNext(): boolean {
    const overtaken: QueuedRequest[] = []
    const isWaiting = (queued: QueuedRequest) => this.#used + queued.weight > this.capacity
    for (const [key, queue] of this.#inTurn()) {
      for (const queued of queue) {
        if (!this.#isWithinCallerLimit(queued)) continue
        if (isWaiting(queued)) {
          if (queued.overtaken >= this.capacity) return false
          overtaken.push(queued)
          continue
        }
        for (const each of overtaken) each.overtaken += 1
        queued.admit(this.#occupy(queued))
        // The caller's next turn comes after those of all others.
        if (this.#queues.delete(key)) this.#queues.set(key, queue)
        return true
      }
    }
    return false
  }

  *#inTurn(): Generator<[key: unknown, queue: Set<QueuedRequest>]> {
    const first = this.#queues.get(highPriority)
    if (first) yield [highPriority, first]
    for (const entry of this.#queues) if (entry[0] !== highPriority) yield entry
  }

  #isWithinCallerLimit({ caller, weight }: Weighted): boolean {
    return caller === undefined || (this.#usedByCaller.get(caller) ?? 0) + weight <= this.maxPerCaller
  }

  #occupy({ caller, weight }: Weighted): Release {
    this.#adjustUsage(caller, weight)
    this.#inFlight += 1
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#adjustUsage(caller, -weight)
      this.#inFlight -= 1
      // Before any newer request can take the capacity.
      this.#admitQueued()
    }
  }

  #adjustUsage(caller: unknown, delta: number): void {
    this.#used += delta
    const usedByCaller = (this.#usedByCaller.get(caller) ?? 0) + delta
    if (usedByCaller === 0) this.#usedByCaller.delete(caller)
    else this.#usedByCaller.set(caller, usedByCaller)
  }
}
