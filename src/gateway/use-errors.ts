// Every error that leaves the gateway has passed through to-graphql-error.ts, wherever it came from: parsing, validation,
// resolvers, the events of a subscription.

import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { VCenter } from '../graphql/context.ts'
import type { Log } from '../observability/log.ts'
import { toGraphQLError } from './to-graphql-error.ts'

interface ErrorsOptions {
  readonly vcenter: VCenter
  readonly log: Log
  readonly requestIdOf: (request: Request) => string
}

export function useErrors({ vcenter, log, requestIdOf }: ErrorsOptions): Plugin {
  function told(result: ExecutionResult, request: Request): ExecutionResult {
    if (!result.errors?.length) return result
    const requestId = requestIdOf(request)
    const context = {
      requestId,
      vcenter: vcenter.name,
      identity: vcenter.session.lastLogin?.identity,
      logInternal: (error: unknown) => {
        // A client that hung up is no bug.
        if (request.signal.aborted && error instanceof Error && error.name === 'AbortError') return
        log.error('a fault of the gateway itself', { requestId, err: error })
      },
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
    onSubscribe: ({ args }) => ({
      onSubscribeResult: () => ({
        onNext: ({ result, setResult }) => setResult(told(result, args.contextValue.request)),
      }),
    }),
    onResultProcess({ request, result, setResult }) {
      if (isResult(result)) setResult(told(result, request))
    },
  }
}

const isResult = (result: unknown): result is ExecutionResult =>
  typeof result === 'object' && result !== null && 'errors' in result
