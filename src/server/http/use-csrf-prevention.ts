// Prevents a page of another site from logging in with credentials that the browser sends by itself.

import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import type { Plugin } from 'graphql-yoga'
import { exportPath } from '../../schema/changed-areas/areas-export.ts'
import { traceHeader } from '../telemetry/soap-trace.ts'
import { isStatedSameOrigin } from './browser-evidence.ts'

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
    onRequestParse: (payload) => (needsHeader(payload) ? onRequestParse?.(payload) : undefined),
  }
}

function needsHeader({ request, url }: { readonly request: Request; readonly url: URL }): boolean {
  // A download takes no header of ours, so that curl can fetch it; downloads/use-area-downloads.ts rejects pages of other sites.
  if (!simpleMethods.includes(request.method) || url.pathname === exportPath) return false
  return !(request.method === 'GET' && isFromAcceptedPage(request))
}

/**
 * Whether the page that sends a request is known to be of an accepted origin: use-cors.ts has rejected all other values of Origin.
 * Browsers omit both headers in some requests of pages of other sites, and older ones in more, so the absence proves nothing.
 */
const isFromAcceptedPage = (request: Request): boolean =>
  request.headers.has('origin') || isStatedSameOrigin(request)
