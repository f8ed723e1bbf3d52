// How many reads a vCenter is given at the same time, and whose comes next: each caller has a line of its own and the lines
// are served in turn, so that who asks for five hundred things does not hold up who asks for one.

import type { Caller, CallOptions } from './call-options.ts'

export interface FairQueue {
  /** Makes the call when its turn has come; the turn ends when the call's promise settles. Who gives up leaves at once. */
  run<T>(callOptions: CallOptions, call: () => Promise<T>): Promise<T>
  /** Calls whose turn it is. */
  readonly inFlight: number
  /** Calls that wait for theirs. */
  readonly queued: number
}

/** Those who wait, in their order; each is called when its turn has come. */
type CallerQueue = Set<() => void>

const highPriority = Symbol('the line that is served before all others')

/** At most so many calls at once, for all sessions that share the queue. */
export function createFairQueue(maxConcurrent: number): FairQueue {
  let inFlight = 0
  // The line that is served next comes first. Calls of nobody stand in one line too.
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

  /** Hands the place of a call that is over to the next, which nobody who comes meanwhile can take from it. */
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
