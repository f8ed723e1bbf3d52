// How callers are told apart who all share the gateway's one session, as the configuration has it. entrance.ts asks.

import type { SharedAuthConfig } from '../../config/access-config.ts'
import type { Log } from '../../observability/log.ts'
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

/** @param signal ends the looking at files */
export function createAuthentication(
  config: SharedAuthConfig,
  log: Log,
  signal: AbortSignal,
): Authentication {
  switch (config.mode) {
    case 'none':
      return anonymous
    case 'token':
      return authenticateByToken(config.tokenFile, log, signal)
    case 'jwt':
      return authenticateByJwt(config, log, signal)
  }
}
