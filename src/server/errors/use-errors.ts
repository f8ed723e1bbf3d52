// Passes every error of the gateway through to-graphql-error.ts: from parsing, validation, resolvers and
// subscription events.

import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import type { Context } from '../../schema/context.ts'
import type { MutationRecord } from '../../schema/mutations/mutation-record.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'
import { internalErrorMessage, toGraphQLError } from './to-graphql-error.ts'

interface ErrorsOptions {
  /** The name of the vCenter in the API. */
  readonly vcenter: string
  /** Returns the identity of a request's vCenter within global ids; undefined before the first connection. */
  readonly vcenterIdentityOf: (request: Request) => string | undefined
  readonly log: Log
  /** Whether errors may suggest names of the schema. */
  readonly allowSuggestions: boolean
}

export function useErrors({ vcenter, vcenterIdentityOf, log, allowSuggestions }: ErrorsOptions): Plugin {
  /** The mutation records of an operation, by its result. */
  const mutationsOf = new WeakMap<object, readonly MutationRecord[]>()

  function logInternal(error: unknown, request: Request): void {
    // A client disconnect is not an internal error.
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
      // Yoga reads the HTTP status of a rejected request from this extension. It recognizes an invalid JSON
      // body by the original error, which clients must not see.
      const { http, originalError } = error.extensions ?? {}
      if (http) clientError.extensions.http = originalError ? { ...http, spec: false } : http
      return clientError
    })
    return { ...result, errors }
  }

  return {
    instrumentation: {
      // Errors before or after the operation are internal errors. Yoga would respond with their stack.
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
        const { mutationRecords } = contextValue as Partial<Context>
        if (isResult(result) && mutationRecords?.length) mutationsOf.set(result, mutationRecords)
      },
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: () => ({
        onNext: ({ result, setResult }) => setResult(withClientErrors(result, args.contextValue.request)),
      }),
    }),
    onResultProcess({ request, result, setResult }) {
      // A batch has a list of results.
      if (Array.isArray(result))
        setResult(result.map((each) => (isResult(each) ? withClientErrors(each, request) : each)))
      else if (isResult(result)) setResult(withClientErrors(result, request))
    },
  }
}

const isResult = (result: unknown): result is ExecutionResult =>
  typeof result === 'object' && result !== null && 'errors' in result
