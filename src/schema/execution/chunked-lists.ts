// Lists that are executed a part at a time. An executor goes through a list in one go, and through all that is selected of each
// object in it: through 100,000 objects in more than a second, in which a process answers nobody else, not even a probe. So it is
// given a long list as one that arrives: item by item, and when the event loop has been held for a while, in another turn of it.

import { isOverBudget, yieldToEventLoop } from './event-loop.ts'

/** Longer lists arrive. */
const largeListLength = 100

/** So long are those that arrive where the loop is held already: of many short ones that stand in each other. */
const smallListLength = 10

/** Those of one operation. */
export class ChunkedLists {
  /** Those that wait for another turn. One that an executor has left without a word does not. */
  #waiting = 0
  #dispatches: (() => void)[] = []

  /** A list as its executor is to take it. */
  chunk<T>(items: readonly T[]): readonly T[] | AsyncIterable<T> {
    const isChunked = items.length > largeListLength || (items.length >= smallListLength && isOverBudget())
    return isChunked ? { [Symbol.asyncIterator]: () => this.#iterate(items) } : items
  }

  #iterate<T>(items: readonly T[]): AsyncIterator<T, undefined> {
    let index = 0
    const done: IteratorReturnResult<undefined> = { done: true, value: undefined }
    return {
      next: async () => {
        if (isOverBudget()) await this.#yieldOnce()
        if (index >= items.length) return done
        index += 1
        return { done: false, value: items[index - 1] as T }
      },
      return: async () => {
        index = items.length
        return done
      },
    }
  }

  /** An executor that goes on asks for the next item before this turn is over. */
  async #yieldOnce(): Promise<void> {
    this.#waiting += 1
    await yieldToEventLoop()
    this.#waiting -= 1
    if (this.#waiting > 0) return
    for (const dispatch of this.#dispatches.splice(0)) this.schedule(dispatch)
  }

  /**
   * When what the objects of a list ask for is retrieved: once the lists that arrive are through, as it is one retrieval for all
   * of them. A DataLoader's `batchScheduleFn`, which waits for the end of the tick by itself.
   */
  readonly schedule = (dispatch: () => void): void => {
    setImmediate(() => {
      if (this.#waiting === 0) dispatch()
      else this.#dispatches.push(dispatch)
    })
  }
}
