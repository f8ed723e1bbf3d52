// Work that goes on when the request that began it is over, because what it has begun must not be left half done.

import { setTimeout } from 'node:timers/promises'

export class BackgroundJobs {
  /** Tells the operator what could not be done. */
  readonly warn: (message: string) => void
  readonly #running = new Set<Promise<void>>()
  readonly #closing = new AbortController()

  constructor(warn: (message: string) => void) {
    this.warn = warn
  }

  /** Whether the gateway stops, so that what is not done now will not be done. */
  get isClosing(): boolean {
    return this.#closing.signal.aborted
  }

  /** Whether there is work that has not come to its end. */
  get isBusy(): boolean {
    return this.#running.size > 0
  }

  /** Begins the work at once. Who began it may wait for it, or go. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const promise = job()
    const settled: Promise<void> = promise
      .then(
        () => {},
        () => {},
      )
      .finally(() => this.#running.delete(settled))
    this.#running.add(settled)
    return promise
  }

  /** Waits that long, or until the gateway stops. */
  async delay(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#closing.signal }).catch(() => {})
  }

  /** Lets what runs come to its end, and what that begins, at most so long. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing.abort()
    const timeout = new AbortController()
    await Promise.race([
      this.#ended(),
      setTimeout(timeoutMs, undefined, { signal: timeout.signal }).catch(() => {}),
    ])
    timeout.abort()
  }

  async #ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
