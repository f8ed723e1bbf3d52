// Every error that leaves the gateway has passed through to-graphql-error.ts, wherever it came from: parsing, validation, resolvers.

import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { type ErrorContext, toGraphQLError } from './to-graphql-error.ts'

export function useErrors(contextOf: (request: Request) => ErrorContext): Plugin {
  return {
    onResultProcess({ request, result, setResult }) {
      if (!isResult(result) || !result.errors?.length) return
      const context = contextOf(request)
      const errors = result.errors.map((error) => {
        const told = toGraphQLError(error, context)
        // Yoga reads the HTTP status of a refused request from here.
        if (error.extensions?.http) told.extensions.http = error.extensions.http
        return told
      })
      setResult({ ...result, errors })
    },
  }
}

const isResult = (result: unknown): result is ExecutionResult =>
  typeof result === 'object' && result !== null && 'errors' in result
