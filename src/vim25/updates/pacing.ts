// Limits the rate of a request loop, so that a server that responds at once does not make it a busy loop: after an attempt that
// failed or returned nothing, the next one waits.

import { delay } from '../../concurrency/timing.ts'

/** The source of time; tests replace it. */
export interface Clock {
  /** Milliseconds on a monotonic clock. */
  now(): number
  /** Resolves after the given time, or as soon as the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, { signal }),
}

/** Keeps a minimum interval between the attempts of one loop. */
export class Pacer {
  readonly #clock: Clock
  readonly #intervalMs: number
  #startedAt = Number.NEGATIVE_INFINITY

  constructor(intervalMs: number, clock: Clock) {
    this.#intervalMs = intervalMs
    this.#clock = clock
  }

  /** Records the start of an attempt. */
  start(): void {
    this.#startedAt = this.#clock.now()
  }

  /** Waits until the interval since the last start has passed. Returns at once if the attempt took longer. */
  async pause(signal: AbortSignal): Promise<void> {
    const ms = this.#startedAt + this.#intervalMs - this.#clock.now()
    if (ms > 0) await this.#clock.sleep(ms, signal)
  }
}
