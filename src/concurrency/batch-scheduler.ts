// Keeps the batches of an operation whole although its steps share the event loop: a step that yields continues in another turn, and what
// it then loads belongs to the batch of the others.

import { yieldToEventLoop } from './event-loop.ts'

/** Schedules the batch loads of one operation. */
export class BatchScheduler {
  /** Number of steps that have yielded and not continued. */
  #waiting = 0
  #dispatches: (() => void)[] = []

  /** Waits for another turn of the event loop; see `yieldToEventLoop`. What continues may add to its batch in that turn. */
  async yieldToEventLoop(): Promise<void> {
    this.#waiting += 1
    await yieldToEventLoop()
    this.#waiting -= 1
    if (this.#waiting > 0) return
    for (const dispatch of this.#dispatches.splice(0)) this.schedule(dispatch)
  }

  /**
   * Delays a batch load until the tick has ended and no step is waiting, so that one retrieval serves all of them. A DataLoader
   * `batchScheduleFn`.
   */
  readonly schedule = (dispatch: () => void): void => {
    setImmediate(() => {
      if (this.#waiting === 0) dispatch()
      else this.#dispatches.push(dispatch)
    })
  }
}
