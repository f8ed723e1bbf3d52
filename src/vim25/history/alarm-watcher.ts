// Notifies listeners that triggered alarms may have changed. A vCenter sends no updates of alarms, so listeners read them again after
// each event about an alarm, and periodically without one. All listeners of a session share one follower of events, and one timer.

import { type Clock, systemClock } from '../../concurrency/clock.ts'
import type { EventFollowers } from './event-follower.ts'
import { maxPageSize } from './history-search.ts'

/** `epoch` increases with every notification. A read for one epoch must not join a retrieval of an earlier one. */
type Listener = (epoch: number) => void

/** How long after the last notification the next one follows without an event. */
const intervalMs = 60_000

const alarmEvents = ['AlarmStatusChangedEvent', 'AlarmAcknowledgedEvent', 'AlarmClearedEvent']

export class AlarmWatcher {
  readonly #followers: Pick<EventFollowers, 'followReserved'>
  readonly #clock: Clock
  readonly #listeners = new Set<Listener>()
  #epoch = 0
  #cancelTimer: (() => void) | undefined
  #following: AbortController | undefined
  #eventsError: unknown

  constructor(followers: Pick<EventFollowers, 'followReserved'>, clock: Clock = systemClock) {
    this.#followers = followers
    this.#clock = clock
  }

  /** Why the events about alarms are not followed, so that a change may be noticed late; undefined if they are. */
  get eventsError(): unknown {
    return this.#eventsError
  }

  /** Returns a function that ends the watch. */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener)
    this.#follow()
    if (!this.#cancelTimer) this.#schedule()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.close()
    }
  }

  /** Ends all watches. */
  close(): void {
    this.#listeners.clear()
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#following?.abort()
    this.#following = undefined
    this.#eventsError = undefined
  }

  /** Notifies all listeners. Identical reads of one epoch share a retrieval. */
  #notify(): void {
    this.#epoch += 1
    this.#schedule()
    for (const listener of this.#listeners) listener(this.#epoch)
  }

  #schedule(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.#clock.schedule(intervalMs, () => {
      this.#follow()
      this.#notify()
    })
  }

  /** Follows the events about alarms, unless that is done already. If it fails, it is tried again when the timer ends. */
  #follow(): void {
    if (this.#following) return
    const following = new AbortController()
    this.#following = following
    void this.#readEvents(following.signal).catch((error) => {
      if (this.#following !== following) return
      this.#following = undefined
      const isKnown = this.#eventsError !== undefined
      this.#eventsError = error
      if (!isKnown) this.#notify()
    })
  }

  /** Notifies for each batch, also the first: alarms may have changed after they were read and before it. */
  async #readEvents(signal: AbortSignal): Promise<void> {
    const filter = { eventTypeId: alarmEvents }
    for await (const { error } of this.#followers.followReserved(filter, undefined, maxPageSize, {
      signal,
    })) {
      if (signal.aborted) return
      this.#eventsError = error
      this.#notify()
    }
  }
}
