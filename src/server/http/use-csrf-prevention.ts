// Prevents a page of another site from logging in with credentials that the browser sends by itself.

import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import type { Plugin } from 'graphql-yoga'
import { exportPath } from '../../schema/changed-areas/areas-export.ts'
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
    // A download takes no header of ours, so that curl can fetch it; downloads/use-area-downloads.ts rejects pages of other sites.
    onRequestParse: (payload) =>
      simpleMethods.includes(payload.request.method) && payload.url.pathname !== exportPath
        ? onRequestParse?.(payload)
        : undefined,
  }
}
