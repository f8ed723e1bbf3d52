// Limits what runs concurrently. Each caller has a queue of its own, and the queues are served round-robin, so that a caller
// with 500 requests does not delay a caller with one. It serves the reads of a vCenter, the logins, and the operations.

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

interface Clock {
  /** Calls back once after the given time. Returns a function that cancels it. */
  schedule(afterMs: number, callback: () => void): () => void
}

const systemClock: Clock = {
  schedule(afterMs, callback) {
    const timer = setTimeout(callback, afterMs)
    return () => clearTimeout(timer)
  },
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
}

/** Releases the slot. Calling it again has no effect. */
export type Release = () => void

/** The queue is full, or the request was queued for too long. */
export class NoCapacityError extends Error {
  override name = 'NoCapacityError' as const
}

interface QueuedRequest extends SlotRequest {
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
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /**
   * Starts the work when there is a slot, and releases the slot when the promise of the work settles.
   * @throws NoCapacityError, or the signal's reason if it is aborted while the request is queued
   */
  async run<T>(request: SlotRequest, work: () => Promise<T>): Promise<T> {
    const release = this.#tryAdmit(request) ?? (await this.#enqueue(request))
    try {
      return await work()
    } finally {
      release()
    }
  }

  /** Acquires a slot like `run`, for a caller that releases it. */
  async acquire(request: SlotRequest): Promise<Release> {
    return this.#tryAdmit(request) ?? this.#enqueue(request)
  }

  #tryAdmit({ caller, weight = 1 }: SlotRequest): Release | undefined {
    const { capacity, maxPerCaller } = this
    const usedByCaller = caller === undefined ? 0 : (this.#usedByCaller.get(caller) ?? 0)
    if (this.#used + weight > capacity || usedByCaller + weight > maxPerCaller) return undefined
    this.#adjustUsage(caller, weight)
    this.#inFlight += 1
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#adjustUsage(caller, -weight)
      this.#inFlight -= 1
      // Before any newer request can take the capacity.
      while (this.#used < capacity && this.#admitNext());
    }
  }

  #adjustUsage(caller: unknown, delta: number): void {
    this.#used += delta
    const usedByCaller = (this.#usedByCaller.get(caller) ?? 0) + delta
    if (usedByCaller === 0) this.#usedByCaller.delete(caller)
    else this.#usedByCaller.set(caller, usedByCaller)
  }

  /** Admits the next queued request for which there is capacity; a smaller one may overtake. Returns false if there is none. */
  #admitNext(): boolean {
    const callers = [...this.#queues.keys()]
    if (this.#queues.has(highPriority)) callers.unshift(highPriority)
    for (const key of callers) {
      const queue = this.#queues.get(key) ?? new Set()
      for (const queued of queue) {
        const release = this.#tryAdmit(queued)
        if (!release) continue
        queued.admit(release)
        if (this.#queues.delete(key)) this.#queues.set(key, queue)
        return true
      }
    }
    return false
  }

  #enqueue(request: SlotRequest): Promise<Release> {
    const { maxQueued = Infinity, maxQueuedPerCaller = Infinity, queueTimeoutMs, clock } = this.#options
    const { caller, signal, isHighPriority } = request
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const key = isHighPriority ? highPriority : caller
      const queue = this.#queues.get(key) ?? new Set()
      if (this.queued >= maxQueued || queue.size >= maxQueuedPerCaller)
        throw new NoCapacityError(`${Math.min(this.queued, maxQueuedPerCaller)} requests are queued already`)
      const dequeue = () => {
        queue.delete(queued)
        if (queue.size === 0) this.#queues.delete(key)
        signal?.removeEventListener('abort', abort)
        cancelTimeout?.()
      }
      const leave = (reason: unknown) => {
        dequeue()
        reject(reason)
      }
      const abort = () => leave(signal?.reason)
      const queued: QueuedRequest = {
        ...request,
        admit(release) {
          dequeue()
          resolve(release)
        },
      }
      this.#queues.set(key, queue.add(queued))
      signal?.addEventListener('abort', abort, { once: true })
      const cancelTimeout =
        queueTimeoutMs === undefined
          ? undefined
          : (clock ?? systemClock).schedule(queueTimeoutMs, () =>
              leave(new NoCapacityError(`no slot was free within ${queueTimeoutMs} ms`)),
            )
    })
  }
}
