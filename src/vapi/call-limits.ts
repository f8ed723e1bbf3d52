// Limits the vAPI calls to one vCenter, over all its sessions: how many run at once, and how many start in a second. A vCenter rejects
// more than about 360 tagging calls a second from all its clients.

import { type MonotonicClock, systemClock } from '../concurrency/clock.ts'
import { FairQueue, type SlotRequest } from '../concurrency/fair-queue.ts'

const maxConcurrent = 4
const maxPerSecond = 50

export class VapiCallLimits {
  readonly clock: MonotonicClock
  readonly #queue = new FairQueue({ capacity: maxConcurrent })
  /** The start times of the latest calls, oldest first. */
  readonly #startedAt: number[] = []

  constructor(clock: MonotonicClock = systemClock) {
    this.clock = clock
  }

  /** Starts a call when both limits allow it. */
  run<T>(slot: SlotRequest, call: () => Promise<T>): Promise<T> {
    return this.#queue.run(slot, async () => {
      await this.#nextStart(slot.signal)
      return call()
    })
  }

  async #nextStart(signal: AbortSignal | undefined): Promise<void> {
    const now = this.clock.now()
    const before = this.#startedAt.length < maxPerSecond ? undefined : this.#startedAt.shift()
    const startAt = Math.max(now, (before ?? Number.NEGATIVE_INFINITY) + 1_000)
    this.#startedAt.push(startAt)
    if (startAt > now) await this.#wait(startAt - now, signal)
  }

  #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        cancel()
        reject(signal?.reason)
      }
      const cancel = this.clock.schedule(ms, () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      })
      if (signal?.aborted) abort()
      else signal?.addEventListener('abort', abort, { once: true })
    })
  }
}
