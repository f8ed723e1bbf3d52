// Retries reads after transient transport errors, with a random delay and a retry budget. Callers do not notice a broken
// connection or a short proxy failure, and an overloaded vCenter is not flooded with retries.

import { delay } from '../../concurrency/timing.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { isRetryable } from './call-kind.ts'
import type { SoapCall, StreamingOptions } from './soap-call.ts'

/** Maximum number of attempts of one read, including the first. */
const maxAttempts = 3

/** Maximum delay before the second attempt. It doubles for the third. */
export const initialDelayMs = 200

/** The budget allows one retry per this many reads, and saves up at most `maxSavedRetries`. */
const readsPerRetry = 10
const maxSavedRetries = 10

/** The retries that a session may make, over all its logins: a tenth of its reads, plus 10 at the start. */
export class RetryBudget {
  #reads = maxSavedRetries * readsPerRetry

  recordRead(): void {
    this.#reads = Math.min(this.#reads + 1, maxSavedRetries * readsPerRetry)
  }

  /** Takes one retry. Returns false if none is left. */
  take(): boolean {
    if (this.#reads < readsPerRetry) return false
    this.#reads -= readsPerRetry
    return true
  }
}

/**
 * Retries calls that are safe to repeat after a transient error, while no item has been handled yet and the budget allows it.
 * They throw the last error, or the signal's reason when it is aborted between attempts.
 * @param wait waits between attempts
 */
export function withRetries(budget: RetryBudget, call: SoapCall, wait = delay): SoapCall {
  return async (method, self, args, callOptions, streaming) => {
    if (!isRetryable(method, args)) return call(method, self, args, callOptions, streaming)
    budget.recordRead()
    for (let attempt = 1; ; attempt += 1) {
      const tracked = streaming && trackHandled(streaming)
      const options = attempt === 1 ? callOptions : { ...callOptions, attempt }
      try {
        return await call(method, self, args, options, tracked?.streaming)
      } catch (error) {
        // A retry would pass items to the handlers a second time.
        if (tracked?.hasHandledItems() || !isTransient(error) || attempt === maxAttempts || !budget.take())
          throw error
        callOptions.signal?.throwIfAborted()
        // Random, so that calls that failed together are not all retried at the same time.
        const delayMs = Math.random() * initialDelayMs * 2 ** (attempt - 1)
        await wait(delayMs, { signal: callOptions.signal })
        callOptions.signal?.throwIfAborted()
      }
    }
  }
}

function trackHandled(streaming: StreamingOptions): {
  readonly streaming: StreamingOptions
  hasHandledItems(): boolean
} {
  let hasHandled = false
  const handlers = new Map(
    [...streaming.handlers].map(([field, handleItem]) => [
      field,
      (item: unknown) => {
        hasHandled = true
        handleItem(item)
      },
    ]),
  )
  return { streaming: { ...streaming, handlers }, hasHandledItems: () => hasHandled }
}

/** Whether the cause may be over in a moment. A timeout is not transient: the next attempt would take as long again. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof TransportError)) return false
  switch (error.code) {
    case 'CLOSED':
      return true
    case 'CONNECT':
      return !connectTimeouts.includes((error.cause as NodeJS.ErrnoException | undefined)?.code)
    case 'STATUS':
      return [502, 503, 504].includes(error.status ?? 0)
    default:
      return false
  }
}

const connectTimeouts: readonly unknown[] = ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']
