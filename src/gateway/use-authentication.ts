// Lets in requests whose sender is known, and says who it is; answers all others before anything of them is read. What may be
// asked without comes before this plugin: health, readiness, and GraphiQL's page, which holds nothing that is secret.

import type { Plugin } from 'graphql-yoga'
import type { Log } from '../observability/log.ts'
import type { Authentication } from './auth/authentication.ts'
import { AuthenticationError, type Refusal } from './auth/authentication-error.ts'
import type { Identity } from './auth/identity.ts'
import { refuseRequest } from './refuse-request.ts'

interface AuthenticationOptions {
  /** Throws an AuthenticationError. */
  readonly identify: (request: Request) => Identity | Promise<Identity>
  readonly scheme: Authentication['scheme']
  /** Takes who each request is from. */
  readonly identities: WeakMap<Request, Identity>
  readonly log: Log
  readonly requestIdOf: (request: Request) => string
}

const retryAfterSeconds = 10

/** What each refusal is over HTTP (RFC 9110), and what its challenge says besides (RFC 6750). */
const answers: Readonly<Record<Refusal, { readonly status: number; readonly challenge?: string }>> = {
  missing: { status: 401, challenge: '' },
  invalid: { status: 401, challenge: ', error="invalid_token"' },
  'no role': { status: 403, challenge: ', error="insufficient_scope"' },
  unavailable: { status: 503 },
}

export function useAuthentication(options: AuthenticationOptions): Plugin {
  const { identify, scheme, identities, log, requestIdOf } = options

  function tell({ refusal, message, detail }: AuthenticationError, requestId: string): void {
    // Who sends nothing is often a browser that opens GraphiQL; what is unavailable is told, once, where it is found out.
    if (refusal === 'missing' || refusal === 'unavailable') return
    log.warn(`request ${requestId} is not let in: ${message}${detail ? ` (${detail})` : ''}`)
  }

  function headersFor(challenge: string | undefined): Record<string, string> {
    if (challenge === undefined) return { 'retry-after': String(retryAfterSeconds) }
    return { 'www-authenticate': `${scheme} realm="vsphere-graphql"${challenge}` }
  }

  return {
    async onRequest({ request, fetchAPI, endResponse }) {
      try {
        identities.set(request, await identify(request))
      } catch (error) {
        if (!(error instanceof AuthenticationError)) throw error
        const requestId = requestIdOf(request)
        tell(error, requestId)
        const { status, challenge } = answers[error.refusal]
        const headers = headersFor(challenge)
        endResponse(refuseRequest(fetchAPI, { request, requestId, status, error, headers }))
      }
    },
  }
}
