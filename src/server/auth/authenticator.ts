// How callers are told apart who all share the gateway's one session, as the configuration has it. access-provider.ts asks.

import type { SharedAuthConfig } from '../../config/access/access-config.ts'
import type { WatchOptions } from '../http/watch-files.ts'
import type { Identity } from './identity.ts'
import { createJwtAuthenticator } from './jwt.ts'
import { createTokenAuthenticator } from './token.ts'

export interface Authenticator {
  /** What `WWW-Authenticate` asks for; undefined where nobody is asked. */
  readonly scheme: 'Bearer' | undefined
  /** Who a request's Authorization header says it is from; throws an AuthenticationError. */
  authenticate(authorization: string | null): Identity | Promise<Identity>
}

/** Everybody is let in, and may change things. */
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
