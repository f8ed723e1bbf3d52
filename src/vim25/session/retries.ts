// Reads that failed on their way are made again, a little later and not too often: whoever asks need not know that a
// connection broke or that a proxy had a bad moment, and a vCenter in trouble is not asked many times over.

import { setTimeout } from 'node:timers/promises'
import { TransportError } from '../../transport/transport-error.ts'
import type { CallOptions } from './call-options.ts'
import type { StreamingOptions } from './soap-client.ts'

/** Tries of one read, the first among them. */
const maxAttempts = 3

/** The longest pause before the second try; before the third it may be twice as long. */
const initialDelayMs = 200

/** Reads after which there may be one retry more, and how many of those may be saved up for a bad moment. */
const readsPerRetry = 10
const maxSavedRetries = 10

export interface Retries {
  /** Makes a read, which must be one that may be repeated, until it succeeds or it makes no sense any more. */
  run<T>(
    callOptions: CallOptions,
    streaming: StreamingOptions | undefined,
    read: (callOptions: CallOptions, streaming: StreamingOptions | undefined) => Promise<T>,
  ): Promise<T>
}

/** The retries of one vCenter, which share a budget: a tenth of all reads, and a few more. */
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
          // What was handed over already would be handed over twice.
          if (
            tracked?.hasHandledItems() ||
            !isTransient(error) ||
            attempt === maxAttempts ||
            budget < readsPerRetry
          )
            throw error
          budget -= readsPerRetry
          callOptions.signal?.throwIfAborted()
          // All that failed together must not come again together.
          const delayMs = Math.random() * initialDelayMs * 2 ** (attempt - 1)
          await setTimeout(delayMs, undefined, { signal: callOptions.signal }).catch(() => {})
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

/** Whether it may be over in a moment. A call that took too long is no such thing: it would take as long again. */
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
