// Refuses requests under foreign host names (DNS rebinding) and from pages of foreign origins, before anything else looks at them.

import type { Plugin } from 'graphql-yoga'
import { ApiError } from '../graphql/api-error.ts'
import { refuseRequest } from './refuse-request.ts'

/** @param hosts names as URL.hostname writes them; ports do not matter */
export function useAllowedHosts(hosts: readonly string[], requestIdOf: (request: Request) => string): Plugin {
  const allowed = new Set(hosts)
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      const refuse = (status: number, message: string) => {
        const requestId = requestIdOf(request)
        const error = new ApiError('FORBIDDEN', message)
        endResponse(refuseRequest(fetchAPI, { request, requestId, status, error }))
      }
      const host = request.headers.get('host')
      const name = hostname(host === null ? undefined : `http://${host}`)
      if (name === undefined || !allowed.has(name)) {
        refuse(
          421,
          `This gateway does not answer to the host name ${JSON.stringify(host)}. Allow it with --allowed-host.`,
        )
        return
      }
      const origin = request.headers.get('origin')
      if (origin !== null && originHost(origin) !== host)
        refuse(403, `Pages of ${JSON.stringify(origin)} may not use this gateway.`)
    },
  }
}

function hostname(url: string | undefined): string | undefined {
  try {
    return url && new URL(url).hostname
  } catch {
    return undefined
  }
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}
