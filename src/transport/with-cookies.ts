// Carries vCenter's session cookie from its answers to later requests. Whether the session is logged in is vim25/'s business:
// a refused login sets a cookie too.

import type { Transport, TransportResponse } from './transport.ts'

/** Adds the session cookie to `transport`. Another session is another connection, with a jar of its own. */
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

/** `name=value` verbatim: real vCenters put the value in quotes and want it back with them. */
function sessionCookie(headers: TransportResponse['headers']): string | undefined {
  const cookies = [headers['set-cookie'] ?? []].flat()
  return cookies.find((cookie) => cookie.startsWith('vmware_soap_session='))?.split(';')[0]
}
