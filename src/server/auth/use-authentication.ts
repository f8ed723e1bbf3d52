// Lets in requests whose sender is known, and holds what they need of the vCenter until they are over; answers all others before
// anything of them is read. What may be asked without comes before this plugin: health, readiness, and GraphiQL's page, which
// holds nothing that is secret.

import type { FetchAPI, Plugin } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'
import type { Log } from '../../observability/log.ts'
import { AuthenticationError, type Refusal } from './authentication-error.ts'
import type { Entrance, Visit, Visitor } from './access-provider.ts'
import { refuseRequest } from '../errors/error-response.ts'
import { requestFields } from '../telemetry/request-log-fields.ts'
import { remoteOf } from '../telemetry/use-client-ip.ts'

interface AuthenticationOptions {
  readonly entrance: Entrance
  /** Takes the visit that each request is. */
  readonly visits: WeakMap<Request, Visit>
  readonly log: Log
}

const retryAfterSeconds = 10

/** What each refusal is over HTTP (RFC 9110), and what the challenge to who sends a token says besides (RFC 6750). */
const answers: Readonly<Record<Refusal, { readonly status: 401 | 403 | 503; readonly error?: string }>> = {
  missing: { status: 401 },
  invalid: { status: 401, error: 'invalid_token' },
  'no role': { status: 403, error: 'insufficient_scope' },
  'no permission': { status: 403 },
  unavailable: { status: 503 },
  'no vCenter': { status: 503 },
  'no session': { status: 503 },
}

export function useAuthentication({ entrance, visits, log }: AuthenticationOptions): Plugin<Context> {
  const { scheme } = entrance
  const visitors = new WeakMap<Request, Visitor>()
  /** Those that are over when their last event was sent. */
  const standing = new WeakSet<Request>()
  const leave = (request: Request) => visits.get(request)?.leave()

  function tell({ refusal, message, identity, detail }: AuthenticationError, request: Request): void {
    const { status } = answers[refusal]
    // Who sends nothing is often a browser that opens GraphiQL; what is unavailable is told, once, where it is found out.
    if (refusal === 'missing' || (status === 503 && identity === undefined)) return
    const sentence = `a request is not let in: ${message}${detail ? ` (${detail})` : ''}`
    log.warn(sentence, { ...requestFields(request), identity, status })
  }

  function headersFor(refusal: Refusal): Record<string, string> {
    const { status, error } = answers[refusal]
    if (status === 503) return { 'retry-after': String(retryAfterSeconds) }
    if (scheme === 'Basic')
      return status === 401 ? { 'www-authenticate': `Basic realm="vsphere-graphql", charset="UTF-8"` } : {}
    return {
      'www-authenticate': `${scheme} realm="vsphere-graphql"${error ? `, error="${error}"` : ''}`,
    }
  }

  /** The answer to who is not let in; throws what is no refusal. */
  function answerTo(error: unknown, request: Request, fetchAPI: FetchAPI): Response {
    if (!(error instanceof AuthenticationError)) throw error
    const { refusal } = error
    tell(error, request)
    const { status } = answers[refusal]
    const { requestId } = requestFields(request)
    return refuseRequest(fetchAPI, { request, requestId, status, error, headers: headersFor(refusal) })
  }

  return {
    async onRequest({ request, fetchAPI, endResponse }) {
      try {
        visitors.set(request, await entrance.identify(request.headers.get('authorization')))
      } catch (error) {
        endResponse(answerTo(error, request, fetchAPI))
      }
    },
    async onRequestParse({ request, fetchAPI, endResponse }) {
      try {
        const { signal } = request
        const visit = await visitors.get(request)?.enter({ address: remoteOf(request), signal })
        if (!visit) return
        visits.set(request, visit)
        if (signal.aborted) visit.leave()
        else signal.addEventListener('abort', visit.leave, { once: true })
      } catch (error) {
        endResponse(answerTo(error, request, fetchAPI))
      }
    },
    onSubscribe: ({ args: { contextValue } }) => ({
      onSubscribeResult({ result }) {
        if (!(Symbol.asyncIterator in result)) return undefined
        const { request } = contextValue
        standing.add(request)
        return { onEnd: () => leave(request) }
      },
    }),
    onResponse({ request }) {
      if (!standing.has(request)) leave(request)
    },
  }
}
