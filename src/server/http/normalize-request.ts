// Normalizes the valid forms of a request (RFC 9110, RFC 9112) to the one that the plugins and Yoga read.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Metrics } from '../../observability/metrics.ts'

/**
 * Host and port, without user name, path or whitespace. URL would parse a value with those as a different
 * host from the one in the header.
 */
const hostAndPort = /^(?:(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d*)?)?$/i

/** Returns a listener of node:http that normalizes requests for the handler, and rejects and counts invalid ones. */
export const normalizing =
  (handler: (request: IncomingMessage, response: ServerResponse) => unknown, metrics: Metrics | undefined) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const status = normalizeRequest(request)
    if (status === undefined) return void handler(request, response)
    metrics?.requestRejected(status)
    response.writeHead(status).end()
  }

/**
 * Normalizes the request in place.
 * @returns the status to reject it with if its target or host is not a valid URL, if one of its headers is
 * ambiguous, or if the transfer coding of its body is not supported
 */
function normalizeRequest(request: IncomingMessage): 400 | 501 | undefined {
  const { headers, url = '/' } = request
  // The absolute form, as sent to a proxy. Its host takes precedence over a Host header (RFC 9112, 3.2.2).
  const [, authority] = /^https?:\/\/([^/?#]*)/i.exec(url) ?? []
  if (authority !== undefined) {
    if (!URL.canParse(url)) return 400
    const { pathname, search } = new URL(url)
    headers.host = authority
    request.url = `${pathname}${search}`
  }
  const type = headers['content-type']
  if (type !== undefined) headers['content-type'] = type.replace(/^[^;,]*/, (name) => name.toLowerCase())
  // Yoga builds a URL from the Host header and this target, and throws if it is invalid.
  if (!request.url?.startsWith('/')) return 400
  if (!URL.canParse(`http://${headers.host ?? 'localhost'}${request.url}`)) return 400
  if (!hostAndPort.test(headers.host ?? '') || isAmbiguous(request)) return 400
  // node:http decodes the chunked coding only (RFC 9112, 6.1).
  const coding = headers['transfer-encoding']
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : 501
}

/**
 * Rejects duplicate headers: Node reads the first, while a proxy may read the last. Authentication and
 * routing must not depend on which.
 */
const isAmbiguous = ({ headersDistinct }: IncomingMessage): boolean =>
  ['host', 'authorization'].some((name) => (headersDistinct[name]?.length ?? 0) > 1)
