// Determines the client address of a request: from its connection or, behind a trusted proxy, as reported by
// the proxy. It is used in the log and for fair queueing of logins, never for authorization.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Plugin } from 'graphql-yoga'

const clientIps = new WeakMap<Request, string>()

/**
 * The IP address; undefined if the request came without a connection, or if its connection has closed and
 * no trusted proxy reported an address.
 */
export const clientIpOf = (request: Request): string | undefined => clientIps.get(request)

/**
 * Determines the client address of requests.
 * @param trustProxy whether to use X-Forwarded-For, which any client can send
 */
export function useClientIp(trustProxy: boolean): Plugin {
  return {
    onRequest({ request, serverContext }) {
      const { req } = serverContext as { readonly req?: IncomingMessage }
      const forwarded = trustProxy ? lastForwardedAddress(request.headers.get('x-forwarded-for')) : undefined
      const clientIp = forwarded ?? normalizeAddress(req?.socket.remoteAddress)
      if (clientIp !== undefined) clientIps.set(request, clientIp)
    },
  }
}

/**
 * Returns the address that the proxy appended; those before it come from the client. Some proxies add the
 * port.
 */
function lastForwardedAddress(header: string | null): string | undefined {
  const last = header?.slice(header.lastIndexOf(',') + 1).trim() ?? ''
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(last)?.[1] ?? last.replace(/^([\d.]+):\d+$/, '$1')
  // A zone identifier may have any length, and only has a meaning on the proxy.
  return isIP(address) > 0 && !address.includes('%') ? normalizeAddress(address) : undefined
}

/** Returns the plain IPv4 form of an address that a dual-stack socket maps to IPv6. */
const normalizeAddress = (address: string | undefined): string | undefined =>
  address?.replace(/^::ffff:(?=[\d.]+$)/i, '')
