// Work that goes on when the request that began it is over, because what it has begun must not be left half done.

import { setTimeout } from 'node:timers/promises'

export class Background {
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
  run<T>(work: () => Promise<T>): Promise<T> {
    const promise = work()
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
  async pause(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#closing.signal }).catch(() => {})
  }

  /** Lets what runs come to its end, and what that begins, at most so long. */
  async close(limitMs: number): Promise<void> {
    this.#closing.abort()
    const over = new AbortController()
    await Promise.race([
      this.#ended(),
      setTimeout(limitMs, undefined, { signal: over.signal }).catch(() => {}),
    ])
    over.abort()
  }

  async #ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
