// A session of one identity with one vCenter. It provides the login (login-manager.ts) for each piece of work, logs in again once
// if the login has ended, and fails at once while the vCenter is unreachable (circuit-breaker.ts).
//
//   withLogin --circuit open: CircuitOpenError
//       '--> login --> work --> done
//                        '--NotAuthenticated: log in again, once--> work --> done

import { FairQueue } from '../../concurrency/fair-queue.ts'
import { withSignal } from '../../concurrency/timing.ts'
import type { Transport } from '../../transport/transport.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { negotiateVersion } from './api-version.ts'
import type { WriteVersion } from './call-decorators.ts'
import type { CallOptions } from './call-options.ts'
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts'
import {
  authenticate,
  type EstablishedLogin,
  isLoginEnded,
  isLoginRejected,
  LostLoginResponseError,
  serviceInstance,
} from './established-login.ts'
import type { Login } from './login.ts'
import { createLoginManager, type LoginFailure } from './login-manager.ts'
import { RetryBudget } from './retries.ts'
import type { SessionOptions } from './session-options.ts'

export interface Session {
  /**
   * Runs `work` with the login, logging in first if needed. If vSphere returns NotAuthenticated, logs in again and repeats
   * `work` once. The failed call was not executed, so this is safe for write calls too, as long as `work` makes only one.
   * @throws CircuitOpenError at once, without sending anything, while the vCenter is unreachable
   */
  withLogin<T>(work: (login: Login) => Promise<T>, callOptions?: CallOptions): Promise<T>
  /** Logs in if needed, so that the vCenter's identity is known and ids can be decoded. Sends no call if a login is active. */
  ensureLogin(callOptions?: CallOptions): Promise<Login>
  /** Takes one retry of the budget that all retries share. Returns false if none is left. */
  takeRetry(): boolean
  /** Calls CurrentTime to check that the vCenter is reachable and the login is valid. */
  ping(callOptions?: CallOptions): Promise<void>
  /**
   * Checks that the vCenter is reachable. Logs in if there was no login yet or the last one failed permanently; otherwise it
   * uses a connection without a login, so that it does not keep an unused session from its idle timeout.
   */
  probe(callOptions?: CallOptions): Promise<void>
  /** The most recent successful login; undefined before the first. Its properties remain valid after it has ended. */
  readonly lastLogin: Login | undefined
  readonly isConnected: boolean
  /** Whether any work is running; a long poll counts too. */
  readonly isBusy: boolean
  /**
   * Increments when this identity sends a write call, when the call ends, and when a task is seen to have ended. A read that
   * started at the current version includes every change of this identity that is known to be complete.
   */
  readonly writeVersion: number
  /** Increments the write version for a change that no SOAP call made: once before it is sent, and once after it. */
  recordChange(): void
  /** The permanent login failure, such as rejected credentials. No login is sent until the password changes. */
  readonly failure: LoginFailure | undefined
  /** Start and cause of the current outage; undefined while the vCenter is reachable. */
  readonly outage: CircuitBreaker['outage']
  /** Logs out. The session cannot be used afterwards. */
  close(): Promise<void>
}

/** How long `close` waits for a Login in flight, which may be slow. */
const loginTimeoutMs = 12_000

/** Timeout of the ping that ends an outage. */
const pingTimeoutMs = 5_000

/** Timeout of `probe`. Shorter than the timeout of a typical /ready probe, so that /ready can still report the error. */
const probeTimeoutMs = 4_000

export function createSession({
  connect,
  path = '/sdk',
  userName,
  password,
  onEvent = () => {},
  onCall,
  onRetrieval = () => {},
  queue = new FairQueue({ capacity: 8 }),
  circuitBreaker: circuitBreakerOptions,
  sharedVCenter,
}: SessionOptions): Session {
  const writeVersion: WriteVersion = { current: 0 }
  let activeCalls = 0
  let closed: Promise<void> | undefined
  /** Connection without a login, for `probe`. */
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
    retryBudget: new RetryBudget(),
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
    onLogout: (login, isConfirmed) => onEvent({ kind: 'loggedOut', login, isConfirmed }),
    onAbandon: () => onEvent({ kind: 'loginAbandoned' }),
    async onFailure(error) {
      const isFinal = await isFinalFailure(error)
      onEvent({ kind: 'loginFailed', error })
      return isFinal
    },
    toPublicError: sharedVCenter?.toPublicError ?? ((error) => error),
  })

  /** Returns whether a login failed permanently. May open the circuit breaker. */
  async function isFinalFailure(error: unknown): Promise<boolean> {
    if (isLoginRejected(error)) return true
    if (!sharedVCenter) {
      circuitBreaker.open(error)
      return false
    }
    // A fault for one user is not an outage for others. Without a response, check whether the vCenter is reachable.
    if (error instanceof VimFaultError) return true
    const isReachable = await sharedVCenter.probe.check().then(
      () => true,
      () => false,
    )
    return isReachable && error instanceof LostLoginResponseError
  }

  /** Waits for a login, which may be shared, until this caller's signal is aborted. */
  async function waitForLogin(pendingLogin: Promise<EstablishedLogin>, signal: AbortSignal | undefined) {
    try {
      return await withSignal(pendingLogin, signal)
    } catch (error) {
      // Report an outage instead of a fault of the login, such as NoPermission, which is not the result of the caller's own call.
      if (error instanceof VimFaultError && !isLoginRejected(error)) circuitBreaker.assertClosed()
      throw error
    }
  }

  /** Resolves if the vCenter responds and the login works, or if it rejects the credentials, which is a response too. */
  async function checkLogin(): Promise<void> {
    const pendingLogin = logins.get()
    try {
      const established = await pendingLogin
      await established.ping({ timeoutMs: pingTimeoutMs })
    } catch (error) {
      if (isLoginRejected(error)) return
      if (!isLoginEnded(error)) throw error
      logins.invalidate(pendingLogin)
      await logins.get().catch((error) => {
        if (!isLoginRejected(error)) throw error
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
    recordChange() {
      writeVersion.current += 1
    },
    get failure() {
      return logins.failure
    },
    get outage() {
      return circuitBreaker.outage
    },
    takeRetry: () => loginDeps.retryBudget.take(),
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
            if (attempt > 1 || !isLoginEnded(error, login)) throw error
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
