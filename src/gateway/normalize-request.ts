// A request as it may be written (RFC 9110, RFC 9112), put into the one form that the plugins and Yoga read.

import type { IncomingMessage } from 'node:http'

/** Changes it in place. @returns whether it can be served: its target is a URL, and nothing in it can be read in two ways */
export function normalizeRequest(request: IncomingMessage): boolean {
  const { headers, url = '/' } = request
  // As a proxy is asked. Its host is the one that counts, and a Host header beside it does not (RFC 9112, 3.2.2).
  if (/^https?:\/\//i.test(url)) {
    if (!URL.canParse(url)) return false
    const { host, pathname, search } = new URL(url)
    headers.host = host
    request.url = `${pathname}${search}`
  }
  const type = headers['content-type']
  if (type !== undefined) headers['content-type'] = type.replace(/^[^;,]*/, (name) => name.toLowerCase())
  // Yoga makes a URL of the Host header and fails on one that is none.
  return URL.canParse(`http://${headers.host ?? 'localhost'}${request.url}`) && !isAmbiguous(request)
}

/** Sent twice, Node reads the first and a proxy in front of it maybe the other: who is let in, and where to, must not depend on it. */
const isAmbiguous = ({ headersDistinct }: IncomingMessage): boolean =>
  ['host', 'authorization'].some((name) => (headersDistinct[name]?.length ?? 0) > 1)
