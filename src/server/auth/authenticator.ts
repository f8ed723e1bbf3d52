// Determines the identity of callers that share the gateway's session. token.ts and jwt.ts implement it.

import type { Identity } from './identity.ts'

export interface Authenticator {
  /** The scheme of the `WWW-Authenticate` header; undefined if authentication is disabled. */
  readonly scheme: 'Bearer' | undefined
  /**
   * Returns the identity for a request's Authorization header.
   * @throws AuthenticationError
   */
  authenticate(authorization: string | null): Identity | Promise<Identity>
}

/** Accepts every request, with the operator role. */
export const anonymous: Authenticator = {
  scheme: undefined,
  authenticate: () => ({ name: 'anonymous', role: 'operator', isAnonymous: true }),
}
