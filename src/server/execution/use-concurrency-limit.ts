// All operations together: so many queries and mutations run at the same time, and so many subscriptions stand open. What is more
// is refused before a resolver runs, with 503 and Retry-After. The limits of one operation are use-operation-limits.ts.

import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ApiError } from '../../schema/errors/api-error.ts'
import type { Context } from '../../schema/context.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { Identified } from '../auth/identity.ts'
import { Places } from './weighted-semaphore.ts'
import { refused } from '../errors/rejection-error.ts'

export interface AtOnce {
  /** Queries and mutations that run. */
  readonly operations: number
  /** Subscriptions that stand open. */
  readonly subscriptions: number
}

interface PlacesOptions {
  readonly atOnce: AtOnce
  /** Whether callers are told apart. */
  readonly callersAreKnown: boolean
  readonly metrics: Metrics | undefined
}

/** How long an operation waits for its turn: no longer than a client does that tries again. */
const waitMs = 10_000

/** One after which a place may be free: some operations wait for tasks of vSphere. */
const retryAfterSeconds = 5

export function usePlaces({ atOnce, callersAreKnown, metrics }: PlacesOptions): Plugin<Context & Identified> {
  const operations = new Places({ places: atOnce.operations, line: atOnce.operations, waitMs })
  const subscriptions = new Places({ places: atOnce.subscriptions })
  metrics?.operationsAtOnce(() => ({ running: operations.inside, waiting: operations.waiting }))
  const callerOf = ({ identity }: Identified) => (callersAreKnown ? identity.name : undefined)

  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { contextValue } = args
      setExecuteFn(async (given): Promise<ExecutionResult> => {
        // What was estimated of the largest answer is half of all that runs: so many may take no more memory than there is.
        const { share } = (contextValue as Context).allowance
        const { signal } = contextValue.request
        const leave = await operations.take(callerOf(contextValue as Identified), signal, share)
        if (!leave) return { errors: [tooMany('operations', '--max-operations', operations)] }
        try {
          return await executeFn(given)
        } finally {
          leave()
        }
      })
    },
    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const { contextValue } = args
      const { signal }: Request = contextValue.request
      let leave: (() => void) | undefined
      setSubscribeFn(async (given) => {
        leave = await subscriptions.take(callerOf(contextValue as Identified), signal)
        if (!leave) return { errors: [tooMany('subscriptions', '--max-subscriptions', subscriptions)] }
        signal.addEventListener('abort', leave, { once: true })
        try {
          const result = await subscribeFn(given)
          if (!(Symbol.asyncIterator in result)) leave()
          return result
        } catch (error) {
          leave()
          throw error
        }
      })
      return { onSubscribeResult: () => ({ onEnd: () => leave?.() }) }
    },
  }
}

function tooMany(what: string, flag: string, { places }: Places): GraphQLError {
  const error = new ApiError(
    'VCENTER_UNAVAILABLE',
    `the gateway has as many or as large ${what} at the same time as it takes, of all callers or of this one: ${places} in all`,
    {
      retryable: true,
      limit: places,
      remedy: `Send the request again in a while, and fewer or smaller ones at the same time. ${flag} allows more.`,
    },
  )
  return refused(error, { status: 503, headers: { 'retry-after': String(retryAfterSeconds) } })
}
