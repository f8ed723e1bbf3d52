// Notifies listeners that triggered alarms may have changed. A vCenter sends no updates of alarms, so listeners read them again after
// each event about an alarm, and periodically without one. All listeners of a session share one timer.

import { type Clock, systemClock } from '../../concurrency/clock.ts'

/** `epoch` increases with every notification. A read for one epoch must not join a retrieval of an earlier one. */
type Listener = (epoch: number) => void

/** How long after the last notification the next one follows without an event. */
const intervalMs = 60_000

export class AlarmWatcher {
  readonly #clock: Clock
  readonly #listeners = new Set<Listener>()
  #epoch = 0
  #cancelTimer: (() => void) | undefined

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Returns a function that ends the watch. */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#schedule()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.close()
    }
  }

  /** Notifies all listeners. Identical reads of one epoch share a retrieval. */
  notify(): void {
    this.#epoch += 1
    this.#schedule()
    for (const listener of this.#listeners) listener(this.#epoch)
  }

  /** Ends all watches. */
  close(): void {
    this.#listeners.clear()
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #schedule(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.#clock.schedule(intervalMs, () => this.notify())
  }
}
