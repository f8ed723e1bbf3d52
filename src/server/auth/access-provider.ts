// Authenticates requests and provides the vCenter session that serves them: either one session of the
// gateway's service account for all callers, or one session per user (per-user-access.ts).
// use-authentication.ts is the caller, and responds to requests that fail.

import type { ConnectedVCenter, ServiceVCenter } from '../../vcenter/connect-vcenter.ts'
import type { ClientInfo } from '../../vcenter/login-queue.ts'
import type { CallOptions } from '../../vim25/session/call-options.ts'
import { type Authenticator, anonymous } from './authenticator.ts'
import type { Identity } from './identity.ts'

export interface AccessProvider {
  /** The scheme of the `WWW-Authenticate` header; undefined if authentication is disabled. */
  readonly scheme: 'Bearer' | 'Basic' | undefined
  /** The name of the vCenter in the API. */
  readonly name: string
  /** The connection of the service account; undefined if each user logs in. */
  readonly serviceVCenter?: ConnectedVCenter
  /**
   * Checks a request's Authorization header without a vCenter call.
   * @throws AuthenticationError
   */
  authenticate(authorization: string | null): AuthenticatedClient | Promise<AuthenticatedClient>
  /**
   * Starts connecting to the vCenter. With a shared session, the first query then need not wait for the
   * login. Failures are logged.
   */
  start(): void
  /**
   * Checks that the vCenter responds and, with a shared session, that it has not rejected the login. Does not
   * keep a session alive.
   */
  readonly checkReachable: (callOptions: CallOptions) => Promise<void>
  /** Logs out all sessions. */
  close(): Promise<void>
}

/** A client with valid credentials, as far as the gateway can check them itself. */
export interface AuthenticatedClient {
  /**
   * Opens the session for a request, logging in if necessary.
   * @throws AuthenticationError, or the abort reason if the client gave up
   */
  openSession(client: ClientInfo): RequestSession | Promise<RequestSession>
}

/** An authenticated request, until it ends. */
export interface RequestSession {
  readonly identity: Identity
  readonly connected: ConnectedVCenter
  /**
   * Checks the credentials again, without a vCenter call.
   * @throws AuthenticationError if they are no longer valid
   */
  revalidate(): unknown
  /** Ends the request's use of the session. Calling it again has no effect. */
  release(): void
}

/** Creates an access provider with one vCenter session for all callers. */
export function sharedAccountAccess(
  connected: ServiceVCenter,
  authenticator: Authenticator = anonymous,
): AccessProvider {
  const { name, session } = connected.vcenter
  return {
    scheme: authenticator.scheme,
    name,
    serviceVCenter: connected,
    async authenticate(authorization) {
      const identity = await authenticator.authenticate(authorization)
      const revalidate = () => authenticator.authenticate(authorization)
      return { openSession: () => ({ identity, connected, revalidate, release() {} }) }
    },
    // The session retries by itself, unless the vCenter rejected the credentials.
    start: () => void session.ensureLogin().catch(() => {}),
    checkReachable: (callOptions) => connected.checkReachable(callOptions),
    close: () => connected.close(),
  }
}
