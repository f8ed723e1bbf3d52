// All operations together: so many queries and mutations run at the same time, and so many subscriptions stand open. What is more
// is refused before a resolver runs, with 503 and Retry-After. The limits of one operation are use-operation-limits.ts.

import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Metrics } from '../../observability/metrics.ts'
import type { Context } from '../../schema/context.ts'
import { ApiError } from '../../schema/errors/api-error.ts'
import type { WithIdentity } from '../auth/identity.ts'
import { rejectionError } from '../errors/rejection-error.ts'
import { WeightedSemaphore } from './weighted-semaphore.ts'

export interface ConcurrencyLimits {
  /** Queries and mutations that run. */
  readonly operations: number
  /** Subscriptions that stand open. */
  readonly subscriptions: number
}

interface ConcurrencyLimitOptions {
  readonly concurrency: ConcurrencyLimits
  /** Whether callers are told apart. */
  readonly hasCallerIdentity: boolean
  readonly metrics: Metrics | undefined
}

/** How long an operation waits for its turn: no longer than a client does that tries again. */
const queueTimeoutMs = 10_000

/** One after which a place may be free: some operations wait for tasks of vSphere. */
const retryAfterSeconds = 5

export function useConcurrencyLimit({
  concurrency,
  hasCallerIdentity,
  metrics,
}: ConcurrencyLimitOptions): Plugin<Context & WithIdentity> {
  const operations = new WeightedSemaphore({
    capacity: concurrency.operations,
    queueLimit: concurrency.operations,
    queueTimeoutMs,
  })
  const subscriptions = new WeightedSemaphore({ capacity: concurrency.subscriptions })
  metrics?.operationConcurrency(() => ({ inFlight: operations.inFlight, queued: operations.queued }))
  const callerOf = ({ identity }: WithIdentity) => (hasCallerIdentity ? identity.name : undefined)

  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { contextValue } = args
      setExecuteFn(async (executionArgs): Promise<ExecutionResult> => {
        // What was estimated of the largest answer is half of all that runs: so many may take no more memory than there is.
        const { costShare } = (contextValue as Context).budget
        const { signal } = contextValue.request
        const release = await operations.acquire(callerOf(contextValue as WithIdentity), signal, costShare)
        if (!release)
          return { errors: [overloadedError('operations', '--max-concurrent-operations', operations)] }
        try {
          return await executeFn(executionArgs)
        } finally {
          release()
        }
      })
    },
    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const { contextValue } = args
      const { signal }: Request = contextValue.request
      let release: (() => void) | undefined
      setSubscribeFn(async (executionArgs) => {
        release = await subscriptions.acquire(callerOf(contextValue as WithIdentity), signal)
        if (!release)
          return {
            errors: [overloadedError('subscriptions', '--max-concurrent-subscriptions', subscriptions)],
          }
        signal.addEventListener('abort', release, { once: true })
        try {
          const result = await subscribeFn(executionArgs)
          if (!(Symbol.asyncIterator in result)) release()
          return result
        } catch (error) {
          release()
          throw error
        }
      })
      return { onSubscribeResult: () => ({ onEnd: () => release?.() }) }
    },
  }
}

function overloadedError(label: string, flag: string, { capacity }: WeightedSemaphore): GraphQLError {
  const error = new ApiError(
    'OVERLOADED',
    `the gateway has as many or as large ${label} at the same time as it takes, of all callers or of this one: ${capacity} in all`,
    {
      retryable: true,
      limit: capacity,
      remedy: `Send the request again in a while, and fewer or smaller ones at the same time. ${flag} allows more.`,
    },
  )
  return rejectionError(error, { status: 503, headers: { 'retry-after': String(retryAfterSeconds) } })
}
