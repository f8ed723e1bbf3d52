// Executes long lists in chunks. An executor completes a list and everything selected on its objects synchronously: 100,000 objects
// block the event loop for more than a second, and even probes get no response. So the executor receives a long list as an async
// iterable, which yields to the event loop whenever the current time slice is used up.

import type { BatchScheduler } from '../../concurrency/batch-scheduler.ts'
import { isOverBudget } from '../../concurrency/event-loop.ts'

/** Lists longer than this are always chunked. */
const largeListLength = 100

/** If the time slice is used up, as by many nested short lists, lists of at least this length are chunked too. */
const smallListLength = 10

/** The chunked lists of one operation. */
export class ChunkedLists {
  readonly #scheduler: BatchScheduler

  constructor(scheduler: BatchScheduler) {
    this.#scheduler = scheduler
  }

  /** Returns a list in the form that the executor should iterate: itself, or as an async iterable. */
  chunk<T>(items: readonly T[]): readonly T[] | AsyncIterable<T> {
    const isChunked = items.length > largeListLength || (items.length >= smallListLength && isOverBudget())
    return isChunked ? { [Symbol.asyncIterator]: () => this.#iterate(items) } : items
  }

  #iterate<T>(items: readonly T[]): AsyncIterator<T, undefined> {
    let index = 0
    let isAbandoned = false
    let abandon = () => {}
    const abandoned = new Promise<void>((resolve) => {
      abandon = resolve
    })
    const done: IteratorReturnResult<undefined> = { done: true, value: undefined }
    return {
      next: async () => {
        // The executor handles items that fail only when the list has ended. So a list that it abandons ends in the same turn of the
        // event loop in which the operation is aborted: items that fail by then would be unhandled rejections, which end the process.
        if (!isAbandoned && isOverBudget())
          await Promise.race([this.#scheduler.yieldToEventLoop(), abandoned])
        if (index >= items.length) return done
        index += 1
        return { done: false, value: items[index - 1] as T }
      },
      return: async () => {
        index = items.length
        isAbandoned = true
        abandon()
        return done
      },
    }
  }
}
