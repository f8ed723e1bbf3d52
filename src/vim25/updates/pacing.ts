// Keeps a loop that a server drives from running as fast as the server answers: after an attempt that failed or brought nothing,
// the next one waits.

import { setTimeout } from 'node:timers/promises'

/** Replaced in tests. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number
  /** Resolves when the time has passed, or as soon as the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => {}),
}

/** Spaces out the attempts of one loop. */
export class Pacer {
  readonly #clock: Clock
  readonly #intervalMs: number
  #startedAt = Number.NEGATIVE_INFINITY

  constructor(intervalMs: number, clock: Clock) {
    this.#intervalMs = intervalMs
    this.#clock = clock
  }

  /** Notes that an attempt starts. */
  start(): void {
    this.#startedAt = this.#clock.now()
  }

  /** Waits until the interval since the last start has passed: not at all after an attempt that took longer. */
  async pause(signal: AbortSignal): Promise<void> {
    const ms = this.#startedAt + this.#intervalMs - this.#clock.now()
    if (ms > 0) await this.#clock.sleep(ms, signal)
  }
}
