// Runs work that continues after the request that started it, because it must not be left incomplete.

import { delay, withTimeout } from '../../concurrency/timing.ts'

export class BackgroundJobs {
  /** Logs a warning for the operator. */
  readonly warn: (message: string) => void
  readonly #running = new Set<Promise<void>>()
  readonly #closing = new AbortController()

  constructor(warn: (message: string) => void) {
    this.warn = warn
  }

  /** Whether the gateway is shutting down. A job must then not start another attempt later. */
  get isClosing(): boolean {
    return this.#closing.signal.aborted
  }

  /** Whether any job is still running. */
  get isBusy(): boolean {
    return this.#running.size > 0
  }

  /**
   * Starts a job immediately.
   * @returns the promise of the job; the caller need not await it
   */
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

  /** Waits for `ms` milliseconds. Ends early, without an error, when the gateway shuts down. */
  delay(ms: number): Promise<void> {
    return delay(ms, { signal: this.#closing.signal })
  }

  /** Waits until all jobs, and the jobs that they start, have ended, but at most `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing.abort()
    await withTimeout(this.#ended(), timeoutMs)
  }

  async #ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
