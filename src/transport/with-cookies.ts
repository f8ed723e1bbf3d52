// Adds vCenter's session cookie to later requests. A cookie does not mean that the session is logged in: a rejected login
// sets one too. vim25/ tracks the login.

import type { Transport, TransportResponse } from './transport.ts'

/** Wraps `transport` so that it stores and sends the session cookie. Each session needs its own wrapped transport. */
export function withCookies(transport: Transport): Transport {
  let cookie: string | undefined
  return {
    async send(request) {
      const headers = cookie ? { ...request.headers, cookie } : request.headers
      const response = await transport.send({ ...request, headers })
      cookie = sessionCookie(response.headers) ?? cookie
      return response
    },
    close: () => transport.close(),
  }
}

/** Returns `name=value` verbatim: real vCenters quote the value and expect the quotes to be sent back. */
function sessionCookie(headers: TransportResponse['headers']): string | undefined {
  const cookies = [headers['set-cookie'] ?? []].flat()
  return cookies.find((cookie) => cookie.startsWith('vmware_soap_session='))?.split(';')[0]
}
