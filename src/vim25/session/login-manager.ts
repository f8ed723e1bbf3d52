// Manages the login of a session. Concurrent requests share one login attempt. An ended login is replaced on demand, a login
// that failed permanently is not retried, and `close` logs out.
//
//   none --get()--> logging in --success--> active --invalidate()--> none
//                       |                      '--close()--> closed
//                       |--permanent failure--> failed, until the password changes
//                       '--other failure--> none

import { setMaxListeners } from 'node:events'
import { withSignal } from '../../concurrency/timing.ts'
import type { Transport } from '../../transport/transport.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { type Credentials, type EstablishedLogin, LostLoginResponseError } from './established-login.ts'
import type { Login, LoginHooks } from './login.ts'

/** A permanent login failure. Another attempt could lock the account, or would fail in the same way. */
export interface LoginFailure {
  readonly error: unknown
  /** The error for callers that need the login. */
  readonly publicError: unknown
}

interface LoginManagerOptions {
  /** Opens a separate connection without cookies. */
  readonly connect: () => Transport
  readonly userName: string
  /** Returns the current password. Called at each login, and after a failure to check whether the password has changed. */
  readonly password: () => string
  /** Logs in on a connection. A failed attempt must not leave a session on the server. */
  readonly authenticate: (
    transport: Transport,
    credentials: Credentials,
    hooks: LoginHooks,
  ) => Promise<EstablishedLogin>
  readonly onLogin: (login: Login) => void
  /** Called on close for the active login; `isConfirmed` is whether the vCenter confirmed the logout. */
  readonly onLogout: (login: Login, isConfirmed: boolean) => void
  /** Called on close if a Login that was sent has no response. It may have left a session whose key is unknown. */
  readonly onAbandon: () => void
  /** Called after each failed login, before its waiters are rejected. Resolves to whether the failure is permanent. */
  readonly onFailure: (error: unknown) => Promise<boolean>
  /** Returns the error to report to callers for a permanent login failure. */
  readonly toPublicError: (error: unknown) => unknown
}

export interface LoginManager {
  /** Returns the active login, or logs in. Returns the same promise to all callers until it is invalidated. */
  get(): Promise<EstablishedLogin>
  /** Discards an ended login, so that `get` logs in again. Does nothing if it is not the current one. */
  invalidate(ended: Promise<EstablishedLogin>): void
  /** The most recent successful login, which may have ended; undefined before the first. */
  readonly last: Login | undefined
  /** Whether there is a successful login that has not been invalidated. */
  readonly isActive: boolean
  /** The permanent failure of the last login; undefined if there is none. */
  readonly failure: LoginFailure | undefined
  /** Logs out. Waits up to `timeoutMs` for a Login in flight, because its session would otherwise remain on the server. */
  close(timeoutMs: number): Promise<void>
}

/**
 * Minimum interval between replacements of a login. Without it, a server whose responses to object creation are always
 * unreadable would cause a login per query. Objects leaked within the interval are destroyed by the next replacement.
 */
const minReplacementIntervalMs = 60_000

export function createLoginManager({
  connect,
  userName,
  password,
  authenticate,
  onLogin,
  onLogout,
  onAbandon,
  onFailure,
  toPublicError,
}: LoginManagerOptions): LoginManager {
  let current: Promise<EstablishedLogin> | undefined
  let last: Login | undefined
  let isActive = false
  let failure: LoginFailure | undefined
  /** The password of the permanent failure. A different password may be tried. */
  let failedPassword: string | undefined
  let replacedAt = Number.NEGATIVE_INFINITY
  let nextReplacement: NodeJS.Timeout | undefined
  const closing = new AbortController()
  // Every pending retry of `Login.discard` listens to this signal.
  setMaxListeners(0, closing.signal)
  // Connections of the active login, and of earlier logins with calls in flight.
  const connections = new Set<Transport>()
  const retiring = new Set<Promise<void>>()

  async function disconnect(transport: Transport): Promise<void> {
    connections.delete(transport)
    await transport.close()
  }

  async function createLogin(replaceLogin: () => void): Promise<EstablishedLogin> {
    // Before the connection, which would stay open if the password cannot be read.
    const credentials = { userName, password: password() }
    // Use a new connection: with the old cookie, vSphere rejects Login as a second login on the same session.
    const transport = connect()
    connections.add(transport)
    try {
      const established = await authenticate(transport, credentials, {
        closeSignal: closing.signal,
        replaceLogin,
      })
      last = established.login
      isActive = true
      onLogin(established.login)
      return established
    } catch (error) {
      await disconnect(transport)
      if (closing.signal.aborted || !(await onFailure(error))) throw error
      failure = { error, publicError: toPublicError(error) }
      failedPassword = credentials.password
      throw failure.publicError
    }
  }

  function end(ended: Promise<EstablishedLogin>): boolean {
    if (current !== ended) return false
    current = undefined
    isActive = false
    return true
  }

  /**
   * Logs out and disconnects an invalidated login after its calls in flight, which may be write calls, have ended. The
   * logout is needed because only one call has reported that the session ended; it may still exist.
   */
  async function retireLogin(established: EstablishedLogin): Promise<void> {
    await established.retire()
    await established.logout()
    await disconnect(established.transport)
  }

  function invalidate(ended: Promise<EstablishedLogin>): void {
    if (!end(ended)) return
    const retired = ended.then(retireLogin, () => {})
    retiring.add(retired)
    retired.finally(() => retiring.delete(retired)).catch(() => {})
  }

  function replaceLogin(login: Promise<EstablishedLogin>): void {
    if (nextReplacement || current !== login) return
    const delayMs = replacedAt + minReplacementIntervalMs - performance.now()
    if (delayMs > 0) {
      nextReplacement = setTimeout(() => {
        nextReplacement = undefined
        replaceLogin(login)
      }, delayMs).unref()
      return
    }
    replacedAt = performance.now()
    invalidate(login)
  }

  return {
    get last() {
      return last
    },
    get isActive() {
      return isActive
    },
    get failure() {
      return failure
    },
    get() {
      if (closing.signal.aborted)
        return Promise.reject(new VimFaultError({ _typeName: 'RequestCanceled' }, 'the session is closed'))
      if (failure && failedPassword === password()) return Promise.reject(failure.publicError)
      failure = undefined
      if (!current) {
        const attempt: Promise<EstablishedLogin> = createLogin(() => replaceLogin(attempt))
        current = attempt
        attempt.catch(() => end(attempt))
      }
      return current
    },
    invalidate,
    async close(timeoutMs) {
      clearTimeout(nextReplacement)
      closing.abort(new VimFaultError({ _typeName: 'RequestCanceled' }, 'the session is closed'))
      // If Login gets no response in this time, the connection is closed. The vCenter ends a session it may have created after
      // its idle timeout.
      const timeout = AbortSignal.timeout(timeoutMs)
      const established =
        current &&
        (await withSignal(current, timeout).catch((error) => {
          if (timeout.aborted || error instanceof LostLoginResponseError) onAbandon()
          return undefined
        }))
      if (established) onLogout(established.login, await established.logout())
      isActive = false
      await Promise.all([...connections].map(disconnect))
      await Promise.allSettled(retiring)
    },
  }
}
