// Delays of retries and of calls that wait for their turn: those that search for the outcome of a change whose response did not report it, and those of subscriptions.

import { defaultRereadDelays } from '../../vim25/updates/transient-error.ts'

export interface RecoveryDelays {
  /** Delay before each search for the task or the effect of a call whose response was lost, in milliseconds. */
  readonly lostResponse: readonly number[]
  /**
   * Delay before each attempt to find and remove a temporary snapshot that was left behind, in milliseconds. A snapshot that never
   * appears is searched for once per delay; the removal of one that exists is retried with the last delay.
   */
  readonly leftSnapshot: readonly number[]
  /** How long the calls of changePower may be sent, even if `waitSeconds` is shorter, in milliseconds. */
  readonly minSending: number
  /** Delay before a subscription repeats a read that failed, in milliseconds. The last one repeats. */
  readonly reread: readonly number[]
}

export const defaultRecoveryDelays: RecoveryDelays = {
  lostResponse: [0, 250, 1_000, 2_500],
  leftSnapshot: [2_000, 5_000, 15_000, 30_000, 60_000, 300_000, 600_000],
  minSending: 10_000,
  reread: defaultRereadDelays,
}
