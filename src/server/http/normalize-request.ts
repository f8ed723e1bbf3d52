// A request as it may be written (RFC 9110, RFC 9112), put into the one form that the plugins and Yoga read.

import type { IncomingMessage } from 'node:http'

/** Host and port, and no user name, path or space: what URL would make of those is another host than the one that is written. */
const hostAndPort = /^(?:(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d*)?)?$/i

/**
 * Changes the request in place.
 * @returns the status to reject it with when its target or its host is no URL, when something in it can be read in two ways, or
 * when its body has a coding that is not known here
 */
export function normalizeRequest(request: IncomingMessage): 400 | 501 | undefined {
  const { headers, url = '/' } = request
  // As a proxy is asked. Its host is the one that counts, and a Host header beside it does not (RFC 9112, 3.2.2).
  const [, authority] = /^https?:\/\/([^/?#]*)/i.exec(url) ?? []
  if (authority !== undefined) {
    if (!URL.canParse(url)) return 400
    const { pathname, search } = new URL(url)
    headers.host = authority
    request.url = `${pathname}${search}`
  }
  const type = headers['content-type']
  if (type !== undefined) headers['content-type'] = type.replace(/^[^;,]*/, (name) => name.toLowerCase())
  // Yoga makes a URL of the Host header and this, and fails on one that is none.
  if (!request.url?.startsWith('/')) return 400
  if (!URL.canParse(`http://${headers.host ?? 'localhost'}${request.url}`)) return 400
  if (!hostAndPort.test(headers.host ?? '') || isAmbiguous(request)) return 400
  // node:http takes the chunks apart and nothing else (RFC 9112, 6.1).
  const coding = headers['transfer-encoding']
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : 501
}

/** Sent twice, Node reads the first and a proxy in front of it maybe the other: who is let in, and where to, must not depend on it. */
const isAmbiguous = ({ headersDistinct }: IncomingMessage): boolean =>
  ['host', 'authorization'].some((name) => (headersDistinct[name]?.length ?? 0) > 1)
