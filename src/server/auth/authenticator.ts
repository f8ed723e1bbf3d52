// Creates the authenticator for the configured mode, for callers that share the gateway's session. Used by
// access-provider.ts.

import type { SharedAuthConfig } from '../../config/access/access-config.ts'
import type { WatchOptions } from '../http/watch-files.ts'
import type { Identity } from './identity.ts'
import { createJwtAuthenticator } from './jwt.ts'
import { createTokenAuthenticator } from './token.ts'

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
  authenticate: () => ({ name: 'anonymous', role: 'operator' }),
}

export function createAuthenticator(config: SharedAuthConfig, watchOptions: WatchOptions): Authenticator {
  switch (config.mode) {
    case 'none':
      return anonymous
    case 'token':
      return createTokenAuthenticator(config.tokenFile, watchOptions)
    case 'jwt':
      return createJwtAuthenticator(config, watchOptions)
  }
}
