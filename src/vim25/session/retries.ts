// Retries reads after transient transport errors, with a random delay and a retry budget. Callers do not notice a broken
// connection or a short proxy failure, and an overloaded vCenter is not flooded with retries.

import { delay } from '../../concurrency/timing.ts'
import { TransportError } from '../../transport/transport-error.ts'
import type { CallOptions } from './call-options.ts'
import type { StreamingOptions } from './soap-client.ts'

/** Maximum number of attempts of one read, including the first. */
const maxAttempts = 3

/** Maximum delay before the second attempt. It doubles for the third. */
const initialDelayMs = 200

/** The budget allows one retry per this many reads, and saves up at most `maxSavedRetries`. */
const readsPerRetry = 10
const maxSavedRetries = 10

export interface Retries {
  /**
   * Makes a read that is safe to repeat. Retries it after a transient error, while no item has been handled yet and the
   * budget allows it.
   * @throws the last error, or the signal's reason when it is aborted between attempts
   */
  run<T>(
    callOptions: CallOptions,
    streaming: StreamingOptions | undefined,
    read: (callOptions: CallOptions, streaming: StreamingOptions | undefined) => Promise<T>,
  ): Promise<T>
}

/** Creates the retry policy of a session. All its reads share one budget: a tenth of the reads, plus 10 at the start. */
export function createRetries(): Retries {
  // Counted in reads.
  let budget = maxSavedRetries * readsPerRetry
  return {
    async run(callOptions, streaming, read) {
      budget = Math.min(budget + 1, maxSavedRetries * readsPerRetry)
      for (let attempt = 1; ; attempt += 1) {
        const tracked = streaming && trackHandled(streaming)
        try {
          return await read(attempt === 1 ? callOptions : { ...callOptions, attempt }, tracked?.streaming)
        } catch (error) {
          // A retry would pass items to the handlers a second time.
          if (
            tracked?.hasHandledItems() ||
            !isTransient(error) ||
            attempt === maxAttempts ||
            budget < readsPerRetry
          )
            throw error
          budget -= readsPerRetry
          callOptions.signal?.throwIfAborted()
          // Random, so that calls that failed together are not all retried at the same time.
          const delayMs = Math.random() * initialDelayMs * 2 ** (attempt - 1)
          await delay(delayMs, { signal: callOptions.signal })
          callOptions.signal?.throwIfAborted()
        }
      }
    },
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
function isTransient(error: unknown): boolean {
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
