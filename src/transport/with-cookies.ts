// Carries vCenter's session cookie from its answers to later requests. Whether the session is logged in is vim25/'s business:
// a refused login sets a cookie too.

import type { Transport, TransportResponse } from './transport.ts'

/** A Transport that remembers the session cookie. */
export interface CookieTransport extends Transport {
  /** The session cookie as the next request will carry it. */
  readonly cookie: string | undefined
  /** Drops the cookie; answers to requests sent before that cannot bring one back. */
  forget(): void
}

/** Adds the session cookie to `transport`. */
export function withCookies(transport: Transport): CookieTransport {
  // A new jar for each session, so that a late answer to the session before falls into a jar that nobody reads any more.
  let jar: { cookie?: string } = {}

  return {
    get cookie() {
      return jar.cookie
    },
    forget() {
      jar = {}
    },
    async send(request) {
      const mine = jar
      const headers = mine.cookie ? { ...request.headers, cookie: mine.cookie } : request.headers
      const response = await transport.send({ ...request, headers })
      const received = sessionCookie(response.headers)
      if (received) mine.cookie = received
      return response
    },
    close: () => transport.close(),
  }
}

/** `name=value` verbatim: real vCenters put the value in quotes and want it back with them. */
function sessionCookie(headers: TransportResponse['headers']): string | undefined {
  const cookies = [headers['set-cookie'] ?? []].flat()
  return cookies.find((cookie) => cookie.startsWith('vmware_soap_session='))?.split(';')[0]
}
