// Accepts requests from pages of the gateway's own origin and of configured origins, and sends CORS headers
// to the latter. Yoga's own plugin is not used: it responds to a preflight before the host name is checked,
// and sends every other origin `access-control-allow-origin: null`.

import type { Plugin } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import { ApiError } from '../../schema/errors/api-error.ts'
import { errorResponse } from '../errors/error-response.ts'
import { createOnceLogger } from '../telemetry/log-once.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'
import { isStatedSameOrigin } from './browser-evidence.ts'

/** The longest time that browsers cache a preflight response, in seconds. */
const preflightSeconds = 7_200

const remedy =
  'Use a page of the gateway’s own address, or have the gateway’s operator allow this origin with --allowed-origin.'

/** @param origins allowed origins, as browsers send them */
export function useCors(origins: readonly string[], log: Log): Plugin {
  const allowed = new Set(origins)
  const logOnce = createOnceLogger(log, 'origins')
  /** Requests from origins that are not allowed. Their pages can read the rejection and nothing else. */
  const rejected = new WeakSet<Request>()
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      const origin = request.headers.get('origin')
      if (origin === null) return
      if (!allowed.has(origin)) {
        if (isStatedSameOrigin(request) || isSameOrigin(origin, request)) return
        rejected.add(request)
        // Rejected here, the browser would show its page a network error without a reason. The request that follows is rejected.
        if (isPreflight(request)) {
          endResponse(preflightResponse(fetchAPI, request))
          return
        }
        const message = `requests from pages of ${JSON.stringify(origin)} are not allowed`
        const error = new ApiError('FORBIDDEN', message, { remedy })
        const status = 403
        logOnce(
          origin,
          (printableOrigin) =>
            `request rejected: origin ${printableOrigin} is not allowed; see --allowed-origin`,
          { ...requestLogFields(request), status },
        )
        endResponse(errorResponse(fetchAPI, { request, status, error }))
      } else if (isPreflight(request)) {
        endResponse(preflightResponse(fetchAPI, request))
      }
    },
    onResponse({ request, response }) {
      if (allowed.size === 0 && !rejected.has(request)) return
      // A cached response must not be served to pages of another origin.
      response.headers.append('vary', 'Origin')
      const origin = request.headers.get('origin')
      if (origin === null || !(allowed.has(origin) || rejected.has(request))) return
      const exposed = [...response.headers.keys()]
      response.headers.set('access-control-allow-origin', origin)
      // Lets browsers send credentials for --auth, and lets the page read the response.
      response.headers.set('access-control-allow-credentials', 'true')
      if (!isPreflight(request)) response.headers.set('access-control-expose-headers', exposed.join(', '))
    },
  }
}

const isPreflight = ({ method, headers }: Request): boolean =>
  method === 'OPTIONS' && headers.has('access-control-request-method')

/** An allowed origin may send any header: the origin check is the protection, not the header names. */
const preflightHeaders = ({ headers }: Request): Record<string, string> => ({
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': headers.get('access-control-request-headers') ?? '',
  'access-control-max-age': String(preflightSeconds),
  vary: 'Access-Control-Request-Headers',
})

const preflightResponse = (
  { Response }: { Response: typeof globalThis.Response },
  request: Request,
): Response => new Response(null, { status: 204, headers: preflightHeaders(request) })

/**
 * Compares scheme, host and port. A listener without TLS may be behind a proxy with TLS, so it accepts both
 * schemes.
 */
function isSameOrigin(origin: string, { url, headers }: Request): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host } = new URL(origin)
  const ownProtocols = url.startsWith('https:') ? ['https:'] : ['http:', 'https:']
  return ownProtocols.includes(protocol) && host === headers.get('host')
}
