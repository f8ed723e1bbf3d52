// How many reads a vCenter is given at the same time, and whose comes next: each caller has a line of its own and the lines
// are served in turn, so that who asks for five hundred things does not hold up who asks for one.

import type { Caller, CallScope } from './call-options.ts'

export interface CallQueue {
  /** Makes the call when its turn has come; the turn ends when the call's promise settles. Who gives up leaves at once. */
  run<T>(scope: CallScope, call: () => Promise<T>): Promise<T>
  /** Calls whose turn it is. */
  readonly running: number
  /** Calls that wait for theirs. */
  readonly waiting: number
}

/** Those who wait, in their order; each is called when its turn has come. */
type Line = Set<() => void>

const ahead = Symbol('the line that is served before all others')

/** At most so many calls at once, for all sessions that share the queue. */
export function createCallQueue(most: number): CallQueue {
  let underWay = 0
  // The line that is served next comes first. Calls of nobody stand in one line too.
  const lines = new Map<Caller | typeof ahead | undefined, Line>()

  function wait({ caller, signal }: CallScope): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const key = caller?.first ? ahead : caller
      const line = lines.get(key) ?? new Set()
      lines.set(key, line)
      const leave = () => {
        line.delete(turn)
        if (line.size === 0) lines.delete(key)
        signal?.removeEventListener('abort', abort)
      }
      const abort = () => {
        leave()
        reject(signal?.reason)
      }
      const turn = () => {
        leave()
        resolve()
      }
      line.add(turn)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Hands the place of a call that is over to the next, which nobody who comes meanwhile can take from it. */
  function handOver(): void {
    const key = lines.has(ahead) ? ahead : lines.keys().next().value
    const line = lines.get(key)
    const turn = line?.values().next().value
    if (!line || !turn) {
      underWay -= 1
      return
    }
    turn()
    if (!lines.delete(key)) return
    lines.set(key, line)
  }

  return {
    get running() {
      return underWay
    },
    get waiting() {
      return [...lines.values()].reduce((sum, { size }) => sum + size, 0)
    },
    async run(scope, call) {
      if (underWay < most) underWay += 1
      else await wait(scope)
      try {
        return await call()
      } finally {
        handOver()
      }
    },
  }
}
