// How callers are told apart who all share the gateway's one session, as the configuration has it. access-provider.ts asks.

import type { SharedAuthConfig } from '../../config/access/access-config.ts'
import type { Following } from '../http/watch-files.ts'
import type { Identity } from './identity.ts'
import { authenticateByJwt } from './jwt.ts'
import { authenticateByToken } from './token.ts'

export interface Authentication {
  /** What `WWW-Authenticate` asks for; undefined where nobody is asked. */
  readonly scheme: 'Bearer' | undefined
  /** Who a request's Authorization header says it is from; throws an AuthenticationError. */
  identify(authorization: string | null): Identity | Promise<Identity>
}

/** Everybody is let in, and may change things. */
export const anonymous: Authentication = {
  scheme: undefined,
  identify: () => ({ name: 'anonymous', role: 'operator' }),
}

export function createAuthentication(config: SharedAuthConfig, following: Following): Authentication {
  switch (config.mode) {
    case 'none':
      return anonymous
    case 'token':
      return authenticateByToken(config.tokenFile, following)
    case 'jwt':
      return authenticateByJwt(config, following)
  }
}
