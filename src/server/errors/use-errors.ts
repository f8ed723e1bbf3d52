// Passes every error of the gateway through to-graphql-error.ts: from parsing, validation, resolvers and
// subscription events.

import type { ExecutionResult, GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import type { MutationRecord } from '../../schema/mutations/mutation-record.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'
import { internalErrorMessage, toGraphQLError } from './to-graphql-error.ts'

interface ErrorConverterOptions {
  /** The name of the vCenter in the API. */
  readonly vcenter: string
  /** Returns the identity of a request's vCenter within global ids; undefined before the first connection. */
  readonly vcenterIdentityOf: (request: Request) => string | undefined
  readonly log: Log
  /** The schema, if errors may suggest its names. */
  readonly suggestFrom: GraphQLSchema | undefined
}

export interface ErrorConverter {
  /**
   * Converts the errors of a result; those of a converted result remain.
   * @param mutations the operation's mutation fields
   */
  convert(result: ExecutionResult, request: Request, mutations?: readonly MutationRecord[]): ExecutionResult
  /** Logs an error that clients must not see. */
  logInternal(error: unknown, request: Request): void
}

export function createErrorConverter({
  vcenter,
  vcenterIdentityOf,
  log,
  suggestFrom,
}: ErrorConverterOptions): ErrorConverter {
  const converted = new WeakSet<ExecutionResult>()

  function logInternal(error: unknown, request: Request): void {
    // A client disconnect is not an internal error.
    if (request.signal.aborted && error instanceof Error && error.name === 'AbortError') return
    log.error('unexpected error', { ...requestLogFields(request), err: error })
  }

  function convert(
    result: ExecutionResult,
    request: Request,
    mutations: readonly MutationRecord[] = [],
  ): ExecutionResult {
    if (!result.errors?.length || converted.has(result)) return result
    const { requestId } = requestLogFields(request)
    const applied = mutations.filter(({ mayHaveBeenApplied }) => mayHaveBeenApplied)
    const context = {
      requestId,
      vcenter,
      identity: vcenterIdentityOf(request),
      appliedMutations: applied.map(({ key }) => key),
      suggestFrom,
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
    const clientResult = { ...result, errors }
    converted.add(clientResult)
    return clientResult
  }

  return { convert, logInternal }
}

/** Converts the errors outside of execution: in the request, and before and after its operations. */
export function useErrors({ convert, logInternal }: ErrorConverter): Plugin {
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
    onResultProcess({ request, result, setResult }) {
      if (Symbol.asyncIterator in result) return
      // A batch has a list of results.
      setResult(
        Array.isArray(result) ? result.map((each) => convert(each, request)) : convert(result, request),
      )
    },
  }
}
