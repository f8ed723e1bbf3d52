// Reads that failed on their way are made again, a little later and not too often: whoever asks need not know that a
// connection broke or that a proxy had a bad moment, and a vCenter in trouble is not asked many times over.

import { setTimeout } from 'node:timers/promises'
import { TransportError } from '../../transport/transport-error.ts'
import type { CallScope } from './call-options.ts'
import type { Arriving } from './soap-client.ts'

/** Tries of one read, the first among them. */
const mostTries = 3

/** The longest pause before the second try; before the third it may be twice as long. */
const firstPauseMs = 200

/** Reads after which there may be one retry more, and how many of those may be saved up for a bad moment. */
const readsPerRetry = 10
const mostSaved = 10

export interface Retries {
  /** Makes a read, which must be one that may be repeated, until it succeeds or it makes no sense any more. */
  run<T>(
    scope: CallScope,
    arriving: Arriving | undefined,
    read: (scope: CallScope, arriving: Arriving | undefined) => Promise<T>,
  ): Promise<T>
}

/** The retries of one vCenter, which share a budget: a tenth of all reads, and a few more. */
export function createRetries(): Retries {
  // Counted in reads.
  let budget = mostSaved * readsPerRetry
  return {
    async run(scope, arriving, read) {
      budget = Math.min(budget + 1, mostSaved * readsPerRetry)
      for (let attempt = 1; ; attempt += 1) {
        const noting = arriving && noteTaken(arriving)
        try {
          return await read(attempt === 1 ? scope : { ...scope, attempt }, noting?.arriving)
        } catch (error) {
          // What was handed over already would be handed over twice.
          if (noting?.hasTaken() || !isPassing(error) || attempt === mostTries || budget < readsPerRetry)
            throw error
          budget -= readsPerRetry
          scope.signal?.throwIfAborted()
          // All that failed together must not come again together.
          const pauseMs = Math.random() * firstPauseMs * 2 ** (attempt - 1)
          await setTimeout(pauseMs, undefined, { signal: scope.signal }).catch(() => {})
          scope.signal?.throwIfAborted()
        }
      }
    },
  }
}

function noteTaken(arriving: Arriving): { readonly arriving: Arriving; hasTaken(): boolean } {
  let taken = false
  const take = new Map(
    [...arriving.take].map(([field, takeItem]) => [
      field,
      (item: unknown) => {
        taken = true
        takeItem(item)
      },
    ]),
  )
  return { arriving: { ...arriving, take }, hasTaken: () => taken }
}

/** Whether it may be over in a moment. A call that took too long is no such thing: it would take as long again. */
function isPassing(error: unknown): boolean {
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
