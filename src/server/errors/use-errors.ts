// Every error that leaves the gateway has passed through to-graphql-error.ts, wherever it came from: parsing, validation,
// resolvers, the events of a subscription.

import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import type { Context } from '../../schema/context.ts'
import type { MutationRecord } from '../../schema/mutations/mutation-record.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'
import { internalErrorMessage, toGraphQLError } from './to-graphql-error.ts'

interface ErrorsOptions {
  /** What the API calls the vCenter. */
  readonly vcenter: string
  /** Tells the vCenter of a request from others; undefined before it was reached. */
  readonly vcenterIdentityOf: (request: Request) => string | undefined
  readonly log: Log
  /** Whether errors may suggest names of the schema. */
  readonly allowSuggestions: boolean
}

export function useErrors({ vcenter, vcenterIdentityOf, log, allowSuggestions }: ErrorsOptions): Plugin {
  /** What the mutation fields of an operation have done, by its result. */
  const mutationsOf = new WeakMap<object, readonly MutationRecord[]>()

  function logInternal(error: unknown, request: Request): void {
    // A client that hung up is no bug.
    if (request.signal.aborted && error instanceof Error && error.name === 'AbortError') return
    log.error('unexpected error', { ...requestLogFields(request), err: error })
  }

  function withClientErrors(result: ExecutionResult, request: Request): ExecutionResult {
    if (!result.errors?.length) return result
    const { requestId } = requestLogFields(request)
    const applied = (mutationsOf.get(result) ?? []).filter(({ mayHaveBeenApplied }) => mayHaveBeenApplied)
    const context = {
      requestId,
      vcenter,
      identity: vcenterIdentityOf(request),
      appliedMutations: applied.map(({ key }) => key),
      allowSuggestions,
      logInternal: (error: unknown) => logInternal(error, request),
    }
    const errors = result.errors.map((error) => {
      const clientError = toGraphQLError(error, context)
      // Yoga reads the HTTP status of a refused request from here. That a body is no JSON it tells by the cause, which stays here.
      const { http, originalError } = error.extensions ?? {}
      if (http) clientError.extensions.http = originalError ? { ...http, spec: false } : http
      return clientError
    })
    return { ...result, errors }
  }

  return {
    instrumentation: {
      // What fails before the operation, or after it, is a bug of ours. Yoga would answer with its stack.
      async request({ request }, handle) {
        try {
          await handle()
        } catch (error) {
          logInternal(error, request)
          throw Object.assign(new Error(internalErrorMessage), { stack: undefined, status: 500 })
        }
      },
    },
    onExecute: ({ args: { contextValue } }) => ({
      onExecuteDone({ result }) {
        const { changes } = contextValue as Partial<Context>
        if (isResult(result) && changes?.length) mutationsOf.set(result, changes)
      },
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: () => ({
        onNext: ({ result, setResult }) => setResult(withClientErrors(result, args.contextValue.request)),
      }),
    }),
    onResultProcess({ request, result, setResult }) {
      // A list of operations has a list of results.
      if (Array.isArray(result))
        setResult(result.map((each) => (isResult(each) ? withClientErrors(each, request) : each)))
      else if (isResult(result)) setResult(withClientErrors(result, request))
    },
  }
}

const isResult = (result: unknown): result is ExecutionResult =>
  typeof result === 'object' && result !== null && 'errors' in result
