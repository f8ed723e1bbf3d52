// The first steps of a shutdown: running requests may finish, and end with an error if they take too long.

import { withTimeout } from '../concurrency/timing.ts'

/** How long running requests may take to finish. Those that are still running then end with an error. */
const drainTimeoutMs = 5_000

/** How long clients may take to receive that error. */
const errorResponseTimeoutMs = 1_000

interface ShutdownControllers {
  /** Ends subscriptions. */
  readonly shutdown: AbortController
  /** Ends all operations with an error. */
  readonly forceShutdown: AbortController
}

/**
 * Ends subscriptions, and waits for all requests within a limit.
 * @param ended resolves when no request is left
 */
export async function drain(
  ended: Promise<unknown>,
  { shutdown, forceShutdown }: ShutdownControllers,
): Promise<void> {
  shutdown.abort()
  await withTimeout(ended, drainTimeoutMs)
  forceShutdown.abort()
  await withTimeout(ended, errorResponseTimeoutMs)
}
