// Prevents a page of another site from logging in with credentials that the browser sends by itself.

import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import type { Plugin } from 'graphql-yoga'
import { traceHeader } from '../telemetry/soap-trace.ts'

/** Headers that a page of another site cannot send without a preflight: ours, and those that Apollo's clients send. */
const requestHeaders = [
  'x-graphql-yoga-csrf',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  traceHeader,
]

/** The methods that a page can send without a preflight. All others but GET and POST are rejected with 405. */
const simpleMethods = ['GET', 'HEAD', 'POST']

export function useCsrfPrevention(): Plugin {
  const { onRequestParse } = useCSRFPrevention({ requestHeaders }) as Plugin
  return {
    onRequestParse: (payload) =>
      simpleMethods.includes(payload.request.method) ? onRequestParse?.(payload) : undefined,
  }
}
