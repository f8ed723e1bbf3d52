// Limits the concurrent queries, mutations and subscriptions of all callers. Rejects excess operations with
// 503 and Retry-After before a resolver runs. operation-limits.ts enforces the limits of a single operation.

import type { ExecutionResult, GraphQLError } from 'graphql'
import type { YogaInitialContext } from 'graphql-yoga'
import {
  FairQueue,
  type FairQueueOptions,
  NoCapacityError,
  type Release,
  type SlotRequest,
} from '../../concurrency/fair-queue.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { Context } from '../../schema/context.ts'
import { ApiError } from '../../schema/errors/api-error.ts'
import type { WithIdentity } from '../auth/identity.ts'
import { rejectionError } from '../errors/rejection-error.ts'

export interface ConcurrencyLimits {
  /** Maximum number of running queries and mutations. */
  readonly operations: number
  /** Maximum number of open subscriptions. */
  readonly subscriptions: number
}

interface ConcurrencyLimitOptions {
  readonly concurrency: ConcurrencyLimits
  /** Whether callers are authenticated, and so can be limited individually. */
  readonly hasCallerIdentity: boolean
  readonly metrics: Metrics | undefined
}

/** How long an operation waits in the queue: no longer than a client that retries would wait. */
const queueTimeoutMs = 10_000

/** A delay after which capacity is likely to be free: some operations wait for vSphere tasks. */
const retryAfterSeconds = 5

type LimitedContext = Context & WithIdentity & YogaInitialContext

export interface ConcurrencyLimit {
  /**
   * Runs a query or a mutation when there is capacity for it.
   * @throws GraphQLError OVERLOADED
   */
  run(context: LimitedContext, work: () => Promise<ExecutionResult>): Promise<ExecutionResult>
  /**
   * Acquires capacity for a subscription until the returned function is called or the client disconnects.
   * @throws GraphQLError OVERLOADED
   */
  openSubscription(context: LimitedContext): Promise<Release>
}

export function createConcurrencyLimit({
  concurrency,
  hasCallerIdentity,
  metrics,
}: ConcurrencyLimitOptions): ConcurrencyLimit {
  const operations = createQueue(concurrency.operations, {
    maxQueued: concurrency.operations,
    queueTimeoutMs,
  })
  const subscriptions = createQueue(concurrency.subscriptions, { maxQueued: 0 })
  metrics?.operationConcurrency(() => ({ inFlight: operations.inFlight, queued: operations.queued }))
  const callerOf = ({ identity }: WithIdentity) => (hasCallerIdentity ? identity.name : undefined)

  return {
    async run(context, work) {
      // Weighted by the estimated size of the response, so that large concurrent operations cannot exhaust
      // the memory.
      const weight = Math.max(1, Math.floor(context.budget.costShare * operations.maxPerCaller))
      const { signal } = context.request
      const release = await acquire(operations, { caller: callerOf(context), signal, weight })
      if (!release) throw overloadedError('operations', operations, hasCallerIdentity)
      try {
        return await work()
      } finally {
        release()
      }
    },
    async openSubscription(context) {
      const { signal } = context.request
      const release = await acquire(subscriptions, { caller: callerOf(context), signal })
      if (!release) throw overloadedError('subscriptions', subscriptions, hasCallerIdentity)
      signal.addEventListener('abort', release, { once: true })
      return release
    },
  }
}

/** One operation or one known caller has at most half of the capacity. */
const createQueue = (capacity: number, options: Partial<FairQueueOptions>): FairQueue =>
  new FairQueue({ capacity, maxPerCaller: Math.ceil(capacity / 2), ...options })

/** Resolves to undefined if the queue is full, the wait was too long, or the client has disconnected. */
const acquire = (queue: FairQueue, request: SlotRequest): Promise<Release | undefined> =>
  queue.acquire(request).catch((error) => {
    if (error instanceof NoCapacityError || request.signal?.aborted) return undefined
    throw error
  })

function overloadedError(
  label: 'operations' | 'subscriptions',
  { capacity, maxPerCaller }: FairQueue,
  hasCallerIdentity: boolean,
): GraphQLError {
  const perCaller = hasCallerIdentity ? `; ${maxPerCaller} per caller` : ''
  const error = new ApiError('OVERLOADED', `too many concurrent ${label} (limit ${capacity}${perCaller})`, {
    retryable: true,
    limit: capacity,
    remedy: `Send the request again later, or send fewer or smaller ${label} at the same time. --max-concurrent-${label} sets the limit.`,
  })
  return rejectionError(error, { status: 503, headers: { 'retry-after': String(retryAfterSeconds) } })
}
