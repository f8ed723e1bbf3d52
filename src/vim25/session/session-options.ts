// The options of a session, its events, and what it shares with the other sessions of its vCenter.

import type { FairQueue } from '../../concurrency/fair-queue.ts'
import type { Transport } from '../../transport/transport.ts'
import type { CallRecord } from './call-options.ts'
import type { CircuitBreakerOptions } from './circuit-breaker.ts'
import type { Login } from './login.ts'
import type { ReachabilityProbe } from './reachability-probe.ts'

export type SessionEvent =
  | { readonly kind: 'loggedIn'; readonly login: Login }
  /** The session was closed. If `isConfirmed` is false, the logout failed and the vCenter ends the session after its idle timeout. */
  | { readonly kind: 'loggedOut'; readonly login: Login; readonly isConfirmed: boolean }
  | { readonly kind: 'loginFailed'; readonly error: unknown }
  /**
   * The session was closed while a Login had no response. If the vCenter created a session for it, that session ends after its
   * idle timeout.
   */
  | { readonly kind: 'loginAbandoned' }
  | { readonly kind: 'unreachable'; readonly error: unknown }
  | { readonly kind: 'recovered' }

export interface SessionOptions {
  /** Opens a separate connection without cookies. */
  readonly connect: () => Transport
  /** Called on each login attempt, on an outage (once per distinct error), on recovery and on logout. */
  readonly onEvent?: ((change: SessionEvent) => void) | undefined
  /** Called after each SOAP call, including those that belong to no operation. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
  /** Called after each retrieval with its number of objects, over all pages. */
  readonly onRetrieval?: ((objects: number) => void) | undefined
  /** Path of the SDK on the server. @default '/sdk' */
  readonly path?: string | undefined
  readonly userName: string
  /** Returns the current password. Called at each login, and after a rejected login to check whether the password has changed. */
  readonly password: () => string
  /** The read queue of the vCenter, shared by all its sessions. @default a separate queue of 8 concurrent calls */
  readonly queue?: FairQueue | undefined
  readonly circuitBreaker?: CircuitBreakerOptions | undefined
  /** Set for a session of one of many users. @default the gateway's own session: a failed login opens the circuit */
  readonly sharedVCenter?: SharedVCenter | undefined
}

/** What the sessions of several users with one vCenter share. A failure of one user's login is not an outage for the others. */
export interface SharedVCenter {
  /** Checks for all sessions whether the vCenter is reachable. */
  readonly probe: ReachabilityProbe
  /**
   * Returns the error to report for a permanent login failure: the vCenter rejected the login, or did not respond to it although
   * it is reachable.
   */
  readonly toPublicError: (error: unknown) => unknown
}
