// Every error that leaves the gateway has passed through to-graphql-error.ts, wherever it came from: parsing, validation,
// resolvers, the events of a subscription.

import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Change } from '../../schema/mutations/mutation-record.ts'
import type { Context } from '../../schema/context.ts'
import type { Log } from '../../observability/log.ts'
import { requestFields } from '../telemetry/request-log-fields.ts'
import { gatewayFailed, toGraphQLError } from './to-graphql-error.ts'

interface ErrorsOptions {
  /** What the API calls the vCenter. */
  readonly vcenter: string
  /** Tells the vCenter of a request from others; undefined before it was reached. */
  readonly vcenterIdentityOf: (request: Request) => string | undefined
  readonly log: Log
  /** Whether errors may suggest names of the schema. */
  readonly suggestions: boolean
}

export function useErrors({ vcenter, vcenterIdentityOf, log, suggestions }: ErrorsOptions): Plugin {
  /** What the mutation fields of an operation have done, by its result. */
  const changesOf = new WeakMap<object, readonly Change[]>()

  function logInternal(error: unknown, request: Request): void {
    // A client that hung up is no bug.
    if (request.signal.aborted && error instanceof Error && error.name === 'AbortError') return
    log.error('a fault of the gateway itself', { ...requestFields(request), err: error })
  }

  function told(result: ExecutionResult, request: Request): ExecutionResult {
    if (!result.errors?.length) return result
    const { requestId } = requestFields(request)
    const acted = (changesOf.get(result) ?? []).filter(({ mayHaveActed }) => mayHaveActed)
    const context = {
      requestId,
      vcenter,
      identity: vcenterIdentityOf(request),
      changesMade: acted.map(({ key }) => key),
      suggestions,
      logInternal: (error: unknown) => logInternal(error, request),
    }
    const errors = result.errors.map((error) => {
      const told = toGraphQLError(error, context)
      // Yoga reads the HTTP status of a refused request from here. That a body is no JSON it tells by the cause, which stays here.
      const { http, originalError } = error.extensions ?? {}
      if (http) told.extensions.http = originalError ? { ...http, spec: false } : http
      return told
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
          throw Object.assign(new Error(gatewayFailed), { stack: undefined, status: 500 })
        }
      },
    },
    onExecute: ({ args: { contextValue } }) => ({
      onExecuteDone({ result }) {
        const { changes } = contextValue as Partial<Context>
        if (isResult(result) && changes?.length) changesOf.set(result, changes)
      },
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: () => ({
        onNext: ({ result, setResult }) => setResult(told(result, args.contextValue.request)),
      }),
    }),
    onResultProcess({ request, result, setResult }) {
      // A list of operations has a list of results.
      if (Array.isArray(result))
        setResult(result.map((each) => (isResult(each) ? told(each, request) : each)))
      else if (isResult(result)) setResult(told(result, request))
    },
  }
}

const isResult = (result: unknown): result is ExecutionResult =>
  typeof result === 'object' && result !== null && 'errors' in result
