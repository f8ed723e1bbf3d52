// Which pages may ask: those of the gateway's own origin, and those of origins that are named, to which CORS is opened. A plugin
// of ours: Yoga's answers a preflight before the host name is looked at, and tells every other origin that "null" is allowed.

import type { Plugin } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import { ApiError } from '../../schema/errors/api-error.ts'
import { errorResponse } from '../errors/error-response.ts'
import { createOnceLogger } from '../telemetry/log-once.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'

/** The longest that a browser keeps the answer to a preflight, in seconds. */
const preflightSeconds = 7_200

const remedy =
  'Open a page of the gateway’s own address. Whoever runs it allows the pages of one more origin with --allowed-origin.'

/** @param origins as browsers write them */
export function useCors(origins: readonly string[], log: Log): Plugin {
  const allowed = new Set(origins)
  const logOnce = createOnceLogger(log, 'origins')
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      const origin = request.headers.get('origin')
      if (origin === null) return
      if (!allowed.has(origin)) {
        if (isSameOrigin(origin, request)) return
        const message = `Pages of ${JSON.stringify(origin)} may not use this gateway.`
        const error = new ApiError('FORBIDDEN', message, { remedy })
        const status = 403
        const logFields = requestLogFields(request)
        logOnce(
          origin,
          (shown) => `a request of a page of ${shown} was refused; --allowed-origin allows it`,
          { ...logFields, status },
        )
        endResponse(errorResponse(fetchAPI, { request, requestId: logFields.requestId, status, error }))
      } else if (isPreflight(request)) {
        endResponse(new fetchAPI.Response(null, { status: 204, headers: preflightHeaders(request) }))
      }
    },
    onResponse({ request, response }) {
      if (allowed.size === 0) return
      // What is kept on the way must not be given to pages of another origin.
      response.headers.append('vary', 'Origin')
      const origin = request.headers.get('origin')
      if (origin === null || !allowed.has(origin)) return
      const exposed = [...response.headers.keys()]
      response.headers.set('access-control-allow-origin', origin)
      // Browsers then send what --auth asks for, and let the page read the answer.
      response.headers.set('access-control-allow-credentials', 'true')
      if (!isPreflight(request)) response.headers.set('access-control-expose-headers', exposed.join(', '))
    },
  }
}

const isPreflight = ({ method, headers }: Request): boolean =>
  method === 'OPTIONS' && headers.has('access-control-request-method')

/** An origin that may ask may send whatever headers its client sends: they are not a guard, the origin is. */
const preflightHeaders = ({ headers }: Request): Record<string, string> => ({
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': headers.get('access-control-request-headers') ?? '',
  'access-control-max-age': String(preflightSeconds),
  vary: 'Access-Control-Request-Headers',
})

/** By scheme, host and port. Of a listener that speaks no TLS, a proxy may speak it with the browser. */
function isSameOrigin(origin: string, { url, headers }: Request): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host } = new URL(origin)
  const ownProtocols = url.startsWith('https:') ? ['https:'] : ['http:', 'https:']
  return ownProtocols.includes(protocol) && host === headers.get('host')
}
