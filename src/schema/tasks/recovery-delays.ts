// How long the gateway looks for the outcome of a change that it could not learn from the response.

export interface RecoveryDelays {
  /** Before each look for the task or the effect of a call whose response was lost, in milliseconds. */
  readonly lostResponse: readonly number[]
  /**
   * Before each attempt to find and remove a temporary snapshot that was left, in milliseconds. One that never appeared is
   * looked for as often as there are delays; one that exists is tried again with the last delay.
   */
  readonly leftSnapshot: readonly number[]
}

export const defaultRecoveryDelays: RecoveryDelays = {
  lostResponse: [0, 250, 1_000, 2_500],
  leftSnapshot: [2_000, 5_000, 15_000, 30_000, 60_000, 300_000, 600_000],
}
