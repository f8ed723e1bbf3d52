// Refuses requests under foreign host names (DNS rebinding) before anything else looks at them.

import type { Plugin } from 'graphql-yoga'
import { foreignRequest } from './foreign-request.ts'

/** @param hosts names as URL.hostname writes them; ports do not matter */
export function useAllowedHosts(hosts: readonly string[], requestIdOf: (request: Request) => string): Plugin {
  const allowed = new Set(hosts)
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      const host = request.headers.get('host')
      const name = hostname(host === null ? undefined : `http://${host}`)
      if (name !== undefined && allowed.has(name)) return
      const message = `This gateway does not answer to the host name ${JSON.stringify(host)}. Allow it with --allowed-host.`
      endResponse(foreignRequest(fetchAPI, 421, message, requestIdOf(request)))
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
