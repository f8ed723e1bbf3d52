// Limits the number of concurrent reads of a vCenter. Each caller has a queue of its own, and the queues are served round-robin,
// so that a caller with 500 calls does not delay a caller with one.

import type { Caller, CallOptions } from './call-options.ts'

export interface FairQueue {
  /**
   * Makes the call when a slot is free, and releases the slot when the call's promise settles.
   * @throws the signal's reason if it is aborted while the call is queued
   */
  run<T>(callOptions: CallOptions, call: () => Promise<T>): Promise<T>
  /** Number of calls that occupy a slot. */
  readonly inFlight: number
  /** Number of calls that wait for a slot. */
  readonly queued: number
}

/** The start functions of waiting calls, in order. */
type CallerQueue = Set<() => void>

const highPriority = Symbol('high priority')

/** @param maxConcurrent limit of concurrent calls, for all sessions that share the queue */
export function createFairQueue(maxConcurrent: number): FairQueue {
  let inFlight = 0
  // The first entry is served next. Calls without a caller share one queue.
  const queues = new Map<Caller | typeof highPriority | undefined, CallerQueue>()

  function enqueue({ caller, signal }: CallOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const key = caller?.isHighPriority ? highPriority : caller
      const queue = queues.get(key) ?? new Set()
      queues.set(key, queue)
      const dequeue = () => {
        queue.delete(start)
        if (queue.size === 0) queues.delete(key)
        signal?.removeEventListener('abort', abort)
      }
      const abort = () => {
        dequeue()
        reject(signal?.reason)
      }
      const start = () => {
        dequeue()
        resolve()
      }
      queue.add(start)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Passes the slot of a finished call directly to the next waiting call, so that no newer call can take it first. */
  function dispatchNext(): void {
    const key = queues.has(highPriority) ? highPriority : queues.keys().next().value
    const queue = queues.get(key)
    const start = queue?.values().next().value
    if (!queue || !start) {
      inFlight -= 1
      return
    }
    start()
    if (!queues.delete(key)) return
    queues.set(key, queue)
  }

  return {
    get inFlight() {
      return inFlight
    },
    get queued() {
      return [...queues.values()].reduce((sum, { size }) => sum + size, 0)
    },
    async run(callOptions, call) {
      if (inFlight < maxConcurrent) inFlight += 1
      else await enqueue(callOptions)
      try {
        return await call()
      } finally {
        dispatchNext()
      }
    },
  }
}
