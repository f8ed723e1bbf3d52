// Authenticates requests and keeps their vCenter session until they end; rejects all others before their body
// is read. Handlers that need no authentication run before this plugin: health, readiness, and the playground's
// page, which contains no secrets.

import type { FetchAPI, Plugin } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import type { Context } from '../../schema/context.ts'
import { ApiError } from '../../schema/errors/api-error.ts'
import { errorResponse } from '../errors/error-response.ts'
import { internalErrorMessage } from '../errors/to-graphql-error.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'
import { clientIpOf } from '../telemetry/use-client-ip.ts'
import type { AccessProvider, AuthenticatedClient, RequestSession } from './access-provider.ts'
import { AuthenticationError, type AuthFailure } from './authentication-error.ts'

interface AuthenticationOptions {
  readonly accessProvider: AccessProvider
  /** Filled with the session of each authenticated request. */
  readonly sessions: WeakMap<Request, RequestSession>
  readonly log: Log
  /** Logs an internal error, which clients must not see. */
  readonly logInternal: (error: unknown, request: Request) => void
}

const retryAfterSeconds = 10

/** HTTP status of each failure (RFC 9110), and the `error` of the bearer challenge (RFC 6750). */
const httpResponses: Readonly<
  Record<AuthFailure, { readonly status: 401 | 403 | 503; readonly error?: string }>
> = {
  MISSING_CREDENTIALS: { status: 401 },
  INVALID_CREDENTIALS: { status: 401, error: 'invalid_token' },
  NO_ROLE: { status: 403, error: 'insufficient_scope' },
  NO_PERMISSION: { status: 403 },
  KEYS_UNAVAILABLE: { status: 503 },
  VCENTER_DOWN: { status: 503 },
  NO_SESSION: { status: 503 },
  SHUTTING_DOWN: { status: 503 },
}

export function useAuthentication({
  accessProvider,
  sessions,
  log,
  logInternal,
}: AuthenticationOptions): Plugin<Context> {
  const { scheme } = accessProvider
  const clients = new WeakMap<Request, AuthenticatedClient>()
  /** Requests whose session is released after the last event. */
  const openSubscriptions = new WeakSet<Request>()
  const releaseSession = (request: Request) => sessions.get(request)?.release()

  function logFailure({ failure, message, identity, detail }: AuthenticationError, request: Request): void {
    const { status } = httpResponses[failure]
    // A request without credentials is often a mistake of a new client, and costs nothing. An outage is logged once, where
    // it is detected.
    if (failure === 'MISSING_CREDENTIALS' || (status === 503 && identity === undefined)) return
    const logMessage = `request rejected: authentication failed: ${message}${detail ? ` (${detail})` : ''}`
    log.warn(logMessage, { ...requestLogFields(request), identity, status })
  }

  function headersFor(failure: AuthFailure): Record<string, string> {
    const { status, error } = httpResponses[failure]
    if (status === 503) return { 'retry-after': String(retryAfterSeconds) }
    if (scheme === 'Basic')
      return status === 401 ? { 'www-authenticate': `Basic realm="vsphere-graphql", charset="UTF-8"` } : {}
    return {
      'www-authenticate': `${scheme} realm="vsphere-graphql"${error ? `, error="${error}"` : ''}`,
    }
  }

  /** The response to a request that fails authentication. Throws the error of a client that gave up. */
  function failureResponse(error: unknown, request: Request, fetchAPI: FetchAPI): Response {
    if (!(error instanceof AuthenticationError)) {
      if (request.signal.aborted) throw error
      logInternal(error, request)
      const internal = new ApiError('INTERNAL_SERVER_ERROR', internalErrorMessage)
      return errorResponse(fetchAPI, { request, status: 500, error: internal })
    }
    const { failure } = error
    logFailure(error, request)
    const { status } = httpResponses[failure]
    return errorResponse(fetchAPI, { request, status, error, headers: headersFor(failure) })
  }

  return {
    async onRequest({ request, fetchAPI, endResponse }) {
      try {
        clients.set(request, await accessProvider.authenticate(request.headers.get('authorization')))
      } catch (error) {
        endResponse(failureResponse(error, request, fetchAPI))
      }
    },
    async onRequestParse({ request, fetchAPI, endResponse }) {
      try {
        const { signal } = request
        const session = await clients.get(request)?.openSession({ address: clientIpOf(request), signal })
        if (!session) return
        sessions.set(request, session)
        if (signal.aborted) session.release()
        else signal.addEventListener('abort', session.release, { once: true })
      } catch (error) {
        endResponse(failureResponse(error, request, fetchAPI))
      }
    },
    onSubscribe: ({ args: { contextValue } }) => ({
      onSubscribeResult({ result }) {
        if (!(Symbol.asyncIterator in result)) return undefined
        const { request } = contextValue
        openSubscriptions.add(request)
        return { onEnd: () => releaseSession(request) }
      },
    }),
    onResponse({ request }) {
      if (!openSubscriptions.has(request)) releaseSession(request)
    },
  }
}
