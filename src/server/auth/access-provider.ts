// The way in: who sends a request, and through which session with the vCenter it is answered. One session for all who are let
// in, of the gateway's own account; or each person's own (per-user-access.ts). use-authentication.ts asks, and answers those
// who are not let in.

import type { ConnectedVCenter, ServiceVCenter } from '../../vcenter/connect-vcenter.ts'
import type { ClientInfo } from '../../vcenter/login-queue.ts'
import type { CallOptions } from '../../vim25/session/call-options.ts'
import { type Authenticator, anonymous } from './authenticator.ts'
import type { Identity } from './identity.ts'

export interface AccessProvider {
  /** What `WWW-Authenticate` asks for; undefined where nobody is asked. */
  readonly scheme: 'Bearer' | 'Basic' | undefined
  /** What the API calls the vCenter. */
  readonly name: string
  /** Looks at a request's Authorization header, and asks the vCenter nothing; throws an AuthenticationError. */
  authenticate(authorization: string | null): AuthenticatedClient | Promise<AuthenticatedClient>
  /**
   * Begins to ask the vCenter: where there is one session for all, the first query need not wait for its login. What goes wrong
   * is logged.
   */
  start(): void
  /** Whether the vCenter answers and, where there is one session for all, has not refused us. Keeps no session alive. */
  readonly checkReachable: (callOptions: CallOptions) => Promise<void>
  /** Logs everybody out. */
  close(): Promise<void>
}

/** Who has sent good credentials, as far as the gateway can tell. */
export interface AuthenticatedClient {
  /** Lets it in, logging in if need be; throws an AuthenticationError, or the reason why the comer has given up. */
  openSession(client: ClientInfo): RequestSession | Promise<RequestSession>
}

/** A request that was let in, until it is over. */
export interface RequestSession {
  readonly identity: Identity
  readonly connected: ConnectedVCenter
  /** Throws an AuthenticationError when it would not be let in any more. Asks the vCenter nothing. */
  revalidate(): unknown
  /** It is over. Once is enough, more do no harm. */
  release(): void
}

/** One session for all who are let in. */
export function sharedAccountAccess(
  connected: ServiceVCenter,
  authenticator: Authenticator = anonymous,
): AccessProvider {
  const { name, session } = connected.vcenter
  return {
    scheme: authenticator.scheme,
    name,
    async authenticate(authorization) {
      const identity = await authenticator.authenticate(authorization)
      const revalidate = () => authenticator.authenticate(authorization)
      return { openSession: () => ({ identity, connected, revalidate, release() {} }) }
    },
    // It is tried again, unless it was refused.
    start: () => void session.ensureLogin().catch(() => {}),
    checkReachable: (callOptions) => connected.checkReachable(callOptions),
    close: () => connected.close(),
  }
}
