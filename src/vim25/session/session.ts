// One session with one vCenter for one identity: whoever asks something of it is given the login (login-manager.ts), which is
// renewed once when it has ended, unless the vCenter is out of reach (circuit-breaker.ts).
//
//   run --out of reach? OutageError--> the login --work--> done
//                                         '--NotAuthenticated: a new login, once--> work --> done

import type { Transport } from '../../transport/transport.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { negotiateVersion } from './api-version.ts'
import type { CallOptions, CallRecord } from './call-options.ts'
import { type CircuitBreaker, type CircuitBreakerOptions, createCircuitBreaker } from './circuit-breaker.ts'
import {
  authenticate,
  type EstablishedLogin,
  endsLogin,
  isLoginRefused,
  serviceInstance,
  UnansweredLoginError,
} from './established-login.ts'
import { createFairQueue, type FairQueue } from './fair-queue.ts'
import type { Login, WriteVersion } from './login.ts'
import { createLoginManager, type LoginFailure } from './login-manager.ts'
import type { ReachabilityProbe } from './reachability-probe.ts'
import { createRetries } from './retries.ts'
import { withSignal } from './with-signal.ts'

export type SessionEvent =
  | { readonly kind: 'loggedIn'; readonly login: Login }
  /** At the end; where it is not sure, the session is left to end of idleness. */
  | { readonly kind: 'loggedOut'; readonly login: Login; readonly isSure: boolean }
  | { readonly kind: 'loginFailed'; readonly error: unknown }
  /** At the end: a Login that was sent had no answer. Its session, if there is one, ends by being idle. */
  | { readonly kind: 'loginAbandoned' }
  | { readonly kind: 'unreachable'; readonly error: unknown }
  | { readonly kind: 'recovered' }

interface SessionOptions {
  /** Opens a connection of its own, without cookies. */
  readonly connect: () => Transport
  /** Told of each try to log in, of a vCenter that is out of reach, once for each reason, and of its coming back. */
  readonly onEvent?: ((change: SessionEvent) => void) | undefined
  /** Told of each call, also of those that are made for no operation. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
  /** Told how many objects a retrieval has brought, all its pages together. */
  readonly onRetrieval?: ((objects: number) => void) | undefined
  /** Where the SDK is on the server. @default '/sdk' */
  readonly path?: string | undefined
  readonly userName: string
  /** The password as it is now: asked for at each login, and after a refusal to see whether there is another. */
  readonly password: () => string
  /** Of the vCenter, shared by all sessions with it. @default one of its own, of 8 calls */
  readonly queue?: FairQueue | undefined
  readonly circuitBreaker?: CircuitBreakerOptions | undefined
  /** Of one of many who log in to the vCenter. @default the gateway's own: a login that fails makes an outage, and is probed */
  readonly sharedVCenter?: SharedVCenter | undefined
}

/** Of sessions of several people with one vCenter: what is wrong with one of them is no outage of the others. */
export interface SharedVCenter {
  /** Finds out for all whether the vCenter answers. */
  readonly probe: ReachabilityProbe
  /** What is told of a login that is not tried again: the vCenter has said no, or nothing although it is there. */
  readonly toPublicError: (error: unknown) => unknown
}

export interface Session {
  /**
   * Does something with the login, logging in first if need be. If vSphere says NotAuthenticated, logs in again and does
   * it once more: nothing had been executed, so that is safe for changes too, as long as `work` makes one such call.
   * @throws CircuitOpenError at once, with nothing sent, while the vCenter is out of reach.
   */
  withLogin<T>(work: (login: Login) => Promise<T>, callOptions?: CallOptions): Promise<T>
  /** Logs in if need be, so that the vCenter's identity is known and ids can be read. Asks nothing of a login that stands. */
  ensureLogin(callOptions?: CallOptions): Promise<Login>
  /** Asks the vCenter for the time: whether it can be reached, and knows us, now. */
  ping(callOptions?: CallOptions): Promise<void>
  /**
   * Asks the vCenter something without the login, once there was one: whether it can be reached and has not refused us. A
   * session that nobody uses may end of idleness, however often this is asked.
   */
  probe(callOptions?: CallOptions): Promise<void>
  /** The last login that stood; undefined before the first. Its facts stay true when it has ended. */
  readonly lastLogin: Login | undefined
  readonly isConnected: boolean
  /** Something is done with it now: a long poll counts too. */
  readonly isBusy: boolean
  /**
   * Moves when this identity sends a change, when its reply comes, and when a task is seen to have ended. What was begun in
   * the present generation shows every change of this identity that is known to be over.
   */
  readonly writeVersion: number
  /** To log in has failed for good, as when the credentials are refused: the vCenter is not asked again with them. */
  readonly failure: LoginFailure | undefined
  /** Since when and why the vCenter is not asked. */
  readonly outage: CircuitBreaker['outage']
  /** Logs out; the session is of no use after it. */
  close(): Promise<void>
}

/** How long a session that is closed waits for a Login that was sent: long enough for one that is slow. */
const loginTimeoutMs = 12_000

/** How long a probe waits for its answer. */
const closeTimeoutMs = 5_000

/** How long a look may take: not as long as a probe of /ready waits, or what went wrong would not be known. */
const probeTimeoutMs = 4_000

export function createSession({
  connect,
  path = '/sdk',
  userName,
  password,
  onEvent = () => {},
  onCall,
  onRetrieval = () => {},
  queue = createFairQueue(8),
  circuitBreaker: circuitBreakerOptions,
  sharedVCenter,
}: SessionOptions): Session {
  const writeVersion: WriteVersion = { current: 0 }
  let activeCalls = 0
  let closed: Promise<void> | undefined
  /** Without any login. */
  let anonymousTransport: Transport | undefined
  const circuitBreaker =
    sharedVCenter?.probe.circuitBreaker ??
    createCircuitBreaker({
      ...circuitBreakerOptions,
      probe: checkLogin,
      onOpen: (error) => onEvent({ kind: 'unreachable', error }),
      onClose: () => onEvent({ kind: 'recovered' }),
    })
  const loginDeps = {
    path,
    onCall,
    queue,
    circuitBreaker,
    retries: createRetries(),
    writeVersion,
    onRetrieval,
  }
  const logins = createLoginManager({
    connect,
    userName,
    password,
    authenticate: (transport, credentials, hooks) =>
      authenticate(transport, credentials, { ...loginDeps, ...hooks }),
    onLogin: (login) => onEvent({ kind: 'loggedIn', login }),
    onLogout: (login, isSure) => onEvent({ kind: 'loggedOut', login, isSure }),
    onAbandon: () => onEvent({ kind: 'loginAbandoned' }),
    async onFailure(error) {
      const isFinal = await isFinalFailure(error)
      onEvent({ kind: 'loginFailed', error })
      return isFinal
    },
    toPublicError: sharedVCenter?.toPublicError ?? ((error) => error),
  })

  /** Whether a login failed for good; what else it tells of the vCenter is noted. */
  async function isFinalFailure(error: unknown): Promise<boolean> {
    if (isLoginRefused(error)) return true
    if (!sharedVCenter) {
      circuitBreaker.open(error)
      return false
    }
    // What it says to one person is no outage of others. Without an answer, is it there at all?
    if (error instanceof VimFaultError) return true
    const answers = await sharedVCenter.probe.check().then(
      () => true,
      () => false,
    )
    return answers && error instanceof UnansweredLoginError
  }

  /** Waits for a login that others may wait for too, but only as long as this caller wants to. */
  async function waitForLogin(pendingLogin: Promise<EstablishedLogin>, signal: AbortSignal | undefined) {
    try {
      return await withSignal(pendingLogin, signal)
    } catch (error) {
      // A fault of the login, such as NoPermission, is no answer to what is asked here.
      if (error instanceof VimFaultError && !isLoginRefused(error)) circuitBreaker.assertClosed()
      throw error
    }
  }

  /** Whether the vCenter answers and lets us in; that it refuses us is an answer too. */
  async function checkLogin(): Promise<void> {
    const pendingLogin = logins.get()
    try {
      const established = await pendingLogin
      await established.ping({ timeoutMs: closeTimeoutMs })
    } catch (error) {
      if (isLoginRefused(error)) return
      if (!endsLogin(error)) throw error
      logins.invalidate(pendingLogin)
      await logins.get().catch((error) => {
        if (!isLoginRefused(error)) throw error
      })
    }
  }

  const session: Session = {
    get lastLogin() {
      return logins.last
    },
    get isConnected() {
      return logins.isActive
    },
    get isBusy() {
      return activeCalls > 0
    },
    get writeVersion() {
      return writeVersion.current
    },
    get failure() {
      return logins.failure
    },
    get outage() {
      return circuitBreaker.outage
    },
    ensureLogin: (callOptions) => session.withLogin(async (login) => login, callOptions),
    ping: (callOptions = {}) =>
      session.withLogin(
        async (login) => void (await login.call('CurrentTime', serviceInstance, {}, callOptions)),
        callOptions,
      ),
    async probe(callOptions = {}) {
      if (!logins.last || logins.failure) return void (await session.ensureLogin(callOptions))
      callOptions.signal?.throwIfAborted()
      await circuitBreaker.run(() => {
        anonymousTransport ??= connect()
        return negotiateVersion(anonymousTransport, path, {
          signal: callOptions.signal,
          timeoutMs: probeTimeoutMs,
        })
      })
    },
    async withLogin(work, callOptions = {}) {
      activeCalls += 1
      try {
        for (let attempt = 1; ; attempt += 1) {
          callOptions.signal?.throwIfAborted()
          circuitBreaker.assertClosed()
          const pendingLogin = logins.get()
          let login: Login | undefined
          try {
            login = (await waitForLogin(pendingLogin, callOptions.signal)).login
            return await work(login)
          } catch (error) {
            if (attempt > 1 || !endsLogin(error, login)) throw error
            logins.invalidate(pendingLogin)
          }
        }
      } finally {
        activeCalls -= 1
      }
    },
    close() {
      closed ??= (async () => {
        if (!sharedVCenter) circuitBreaker.close()
        await logins.close(loginTimeoutMs)
        await anonymousTransport?.close()
      })()
      return closed
    },
  }
  return session
}
