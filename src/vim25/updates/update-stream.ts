// An update stream: a property collector with one filter per subscription, and one WaitForUpdatesEx at a time for all filters.
// It uses long polls, to which vSphere responds when something changes. A broken stream is reopened from the beginning.
//
//   first subscription -> collector -> filters -> initial state, page by page -> changes ... -> last one leaves -> destroyed
//                                         ^------ subscription added or removed ------'
// Filters are only created and destroyed between two calls, so that every response concerns known filters. The long poll is
// interrupted for that.

import type { Session } from '../session/session.ts'
import { type Clock, Pacer, systemClock } from './pacing.ts'
import { StreamLoop } from './stream-loop.ts'
import type { UpdateSubscription } from './update-subscription.ts'

export interface UpdateStream {
  /**
   * Adds a subscription, until it is ended or fails. Pass a new object for each subscription.
   * @returns a function that ends the subscription
   */
  subscribe(subscription: UpdateSubscription): () => void
  /** Whether the stream is open or being opened. */
  readonly isOpen: boolean
}

export interface StreamOptions {
  /**
   * Minimum interval between two openings of the stream, and between the starts of two long polls if the first returned
   * nothing. @default 1 second
   */
  readonly minReopenIntervalMs?: number
  /**
   * Whether the interval applies to long polls that returned changes too. Changes of the interval are then reported together, so that
   * frequent ones do not make a loop of large responses. @default false
   */
  readonly pacesChanges?: boolean
  readonly clock?: Clock
}

/** Creates an update stream. It opens with the first subscription and ends with the last. */
export function createUpdateStream(
  session: Session,
  { minReopenIntervalMs = 1_000, pacesChanges = false, clock = systemClock }: StreamOptions = {},
): UpdateStream {
  let current: StreamLoop | undefined
  return {
    get isOpen() {
      return current !== undefined && !current.signal.aborted
    },
    subscribe(subscription) {
      if (!current || current.signal.aborted) {
        current = new StreamLoop(() => new Pacer(minReopenIntervalMs, clock), pacesChanges)
        void current.run(session)
      }
      const loop = current
      loop.add(subscription)
      return () => loop.remove(subscription)
    },
  }
}
