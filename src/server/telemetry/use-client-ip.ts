// The address that a request came from: that of its connection or, behind a proxy that is known to stand there, the one that the
// proxy saw. The log tells it, and addresses take turns to be logged in;
// nothing is allowed by it.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Plugin } from 'graphql-yoga'

const clientIps = new WeakMap<Request, string>()

/** An IP address; undefined when the request came by no connection, or the proxy's word cannot be had from one that has closed. */
export const clientIpOf = (request: Request): string | undefined => clientIps.get(request)

/**
 * Finds out where requests come from.
 * @param trustProxy only then X-Forwarded-For is believed: anybody can send one
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

/** What the proxy has added: those before it are what it was sent, by anybody. Some proxies add the port. */
function lastForwardedAddress(header: string | null): string | undefined {
  const last = header?.slice(header.lastIndexOf(',') + 1).trim() ?? ''
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(last)?.[1] ?? last.replace(/^([\d.]+):\d+$/, '$1')
  // A zone, which may have any length, is of no use to anyone but the proxy.
  return isIP(address) > 0 && !address.includes('%') ? normalizeAddress(address) : undefined
}

/** IPv4 as it is written, also where the socket takes both. */
const normalizeAddress = (address: string | undefined): string | undefined =>
  address?.replace(/^::ffff:(?=[\d.]+$)/i, '')
