// Pauses the calls of a session after several failures in a row. Otherwise a vAPI that does not respond would hold each operation that
// selects tags until its calls have timed out, and the operations would pile up.

import type { MonotonicClock } from '../concurrency/clock.ts'
import { TransportError } from '../transport/transport-error.ts'
import { VapiError } from './vapi-error.ts'

/** It exceeds the calls that run at once: one broken connection is no outage. */
const maxFailures = 5
const firstWaitMs = 5_000
const maxWaitMs = 60_000

/** The wait after failures in a row, a number from 1 on: it doubles with each. */
export const backoffMs = (failures: number): number => Math.min(maxWaitMs, firstWaitMs * 2 ** (failures - 1))

export class FailurePause {
  readonly #clock: MonotonicClock
  #failures = 0
  #until = Number.NEGATIVE_INFINITY
  #reason = ''

  constructor(clock: MonotonicClock) {
    this.#clock = clock
  }

  /** @throws VapiError `UNAVAILABLE` during a pause; nothing was sent */
  assertOver(): void {
    if (this.#clock.now() >= this.#until) return
    throw new VapiError('UNAVAILABLE', `vAPI is not called for some seconds, after ${this.#reason}`)
  }

  /** Sends a call, and counts its failure: no response, or one of a service that is down or overloaded. A 401 proves neither. */
  async watch<T extends { readonly status: number }>(call: () => Promise<T>): Promise<T> {
    try {
      const reply = await call()
      if (reply.status === 429 || reply.status >= 500) this.#fail(`HTTP status ${reply.status}`)
      else if (reply.status !== 401) this.#failures = 0
      return reply
    } catch (error) {
      if (error instanceof TransportError && error.code !== 'TOO_LARGE') this.#fail(error.message)
      throw error
    }
  }

  /** Counts a new session that was rejected at once: each such call costs two logins. */
  recordRejectedSession(): void {
    this.#fail('a new session was rejected')
  }

  #fail(reason: string): void {
    this.#failures += 1
    if (this.#failures < maxFailures) return
    this.#reason = `${this.#failures} failures in a row: ${reason}`
    this.#until = this.#clock.now() + backoffMs(this.#failures - maxFailures + 1)
  }
}
