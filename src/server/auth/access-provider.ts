// The way in: who sends a request, and through which session with the vCenter it is answered. One session for all who are let
// in, of the gateway's own account; or each person's own (per-user-access.ts). use-authentication.ts asks, and answers those
// who are not let in.

import type { CallScope } from '../../vim25/session/call-options.ts'
import type { ConnectedVCenter, OwnVCenter } from '../../vcenter/connect-vcenter.ts'
import type { Comer } from '../../vcenter/login-queue.ts'
import { type Authentication, anonymous } from './authenticator.ts'
import type { Identity } from './identity.ts'

export interface Entrance {
  /** What `WWW-Authenticate` asks for; undefined where nobody is asked. */
  readonly scheme: 'Bearer' | 'Basic' | undefined
  /** What the API calls the vCenter. */
  readonly name: string
  /** Looks at a request's Authorization header, and asks the vCenter nothing; throws an AuthenticationError. */
  identify(authorization: string | null): Visitor | Promise<Visitor>
  /**
   * Begins to ask the vCenter: where there is one session for all, the first query need not wait for its login. What goes wrong
   * is logged.
   */
  start(): void
  /** Whether the vCenter answers and, where there is one session for all, has not refused us. Keeps no session alive. */
  readonly reach: (scope: CallScope) => Promise<void>
  /** Logs everybody out. */
  close(): Promise<void>
}

/** Who has sent good credentials, as far as the gateway can tell. */
export interface Visitor {
  /** Lets it in, logging in if need be; throws an AuthenticationError, or the reason why the comer has given up. */
  enter(comer: Comer): Visit | Promise<Visit>
}

/** A request that was let in, until it is over. */
export interface Visit {
  readonly identity: Identity
  readonly connected: ConnectedVCenter
  /** Throws an AuthenticationError when it would not be let in any more. Asks the vCenter nothing. */
  stay(): unknown
  /** It is over. Once is enough, more do no harm. */
  leave(): void
}

/** One session for all who are let in. */
export function sharedEntrance(connected: OwnVCenter, authentication: Authentication = anonymous): Entrance {
  const { name, session } = connected.vcenter
  return {
    scheme: authentication.scheme,
    name,
    async identify(authorization) {
      const identity = await authentication.identify(authorization)
      const stay = () => authentication.identify(authorization)
      return { enter: () => ({ identity, connected, stay, leave() {} }) }
    },
    // It is tried again, unless it was refused.
    start: () => void session.loggedIn().catch(() => {}),
    reach: (scope) => connected.reach(scope),
    close: () => connected.close(),
  }
}
