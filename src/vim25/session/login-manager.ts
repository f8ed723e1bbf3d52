// The login of a session: made once however many want it, given up when it has ended, not tried again when it failed for good,
// logged out at the end. What belongs to a login hangs on it and goes with it.
//
//   none --get()--> logging in --ok--> stands --giveUp()--> none
//                       |                 '--close()--> closed
//                       |--for good--> failed, until there is another password
//                       '--else--> none

import { setMaxListeners } from 'node:events'
import type { Transport } from '../../transport/transport.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { type Credentials, type EstablishedLogin, UnansweredLoginError } from './established-login.ts'
import type { Login } from './login.ts'
import { withSignal } from './with-signal.ts'

/** A login that failed for good: to try again would lock the account, or tell nothing new. */
export interface LoginFailure {
  readonly error: unknown
  /** What those are told who ask something that needs the login. */
  readonly publicError: unknown
}

export interface LoginHooks {
  /** Aborted when nobody wants to log in any more: what comes before Login ends, a Login that was sent does not. */
  readonly closeSignal: AbortSignal
  /** Replaces the login by another one, as it has objects on the server that nothing here can name. */
  readonly replaceLogin: () => void
}

interface LoginManagerOptions {
  /** Opens a connection of its own, without cookies. */
  readonly connect: () => Transport
  readonly userName: string
  /** As it is now: asked for at each login, and after a failure to see whether there is another. */
  readonly password: () => string
  /** Logs in on a connection, leaving no session behind when that fails. */
  readonly authenticate: (
    transport: Transport,
    credentials: Credentials,
    hooks: LoginHooks,
  ) => Promise<EstablishedLogin>
  readonly onLogin: (login: Login) => void
  /** Told of the login that stood at the end, and whether the vCenter has said that it is logged out. */
  readonly onLogout: (login: Login, isSure: boolean) => void
  /** Called at the end if a Login that was sent had no answer: it may have left a session that has no name here. */
  readonly onAbandon: () => void
  /** Told of each login that failed, before those who wait for it; whether it failed for good. */
  readonly onFailure: (error: unknown) => Promise<boolean>
  /** What is told of a login that failed for good. */
  readonly toPublicError: (error: unknown) => unknown
}

export interface LoginManager {
  /** The login that stands, or a new one. The same promise for all until it is given up. */
  get(): Promise<EstablishedLogin>
  /** This one has ended: it makes room for the next, if nobody else has seen to it. */
  invalidate(ended: Promise<EstablishedLogin>): void
  /** The last one that stood; undefined before the first. */
  readonly last: Login | undefined
  readonly isActive: boolean
  readonly failure: LoginFailure | undefined
  /** Logs out. A Login that was sent is waited for, at most so long: its session would be left behind. */
  close(timeoutMs: number): Promise<void>
}

/**
 * Renewals start no sooner after each other. A server whose answers to creations stay unreadable would otherwise be logged in to
 * as often as it is queried; what is left behind until then ends with the next renewal.
 */
const minRenewalMs = 60_000

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
  /** What it failed with: another one may be tried. */
  let failedPassword: string | undefined
  let renewedAt = Number.NEGATIVE_INFINITY
  let nextRenewal: NodeJS.Timeout | undefined
  const closing = new AbortController()
  // Whatever is to be destroyed later waits with it.
  setMaxListeners(0, closing.signal)
  // Of the login that stands, and of those before it whose calls are still under way.
  const connections = new Set<Transport>()
  const retiring = new Set<Promise<void>>()

  async function disconnect(transport: Transport): Promise<void> {
    connections.delete(transport)
    await transport.close()
  }

  async function createLogin(replaceLogin: () => void): Promise<EstablishedLogin> {
    // A new connection: the old cookie must not go with Login, or vSphere refuses a second login on the same session.
    const transport = connect()
    connections.add(transport)
    const credentials = { userName, password: password() }
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
   * Lets go of a login that is of no use any more. Its calls under way come back first: they may be changes. That it has
   * ended is what one call was told; if it stands after all, it must not be left behind.
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
    if (nextRenewal || current !== login) return
    const delayMs = renewedAt + minRenewalMs - performance.now()
    if (delayMs > 0) {
      nextRenewal = setTimeout(() => {
        nextRenewal = undefined
        replaceLogin(login)
      }, delayMs).unref()
      return
    }
    renewedAt = performance.now()
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
      clearTimeout(nextRenewal)
      closing.abort(new VimFaultError({ _typeName: 'RequestCanceled' }, 'the session is closed'))
      // A Login without an answer for longer ends with its connection, and its session, if there is one, by being idle.
      const patience = AbortSignal.timeout(timeoutMs)
      const established =
        current &&
        (await withSignal(current, patience).catch((error) => {
          if (patience.aborted || error instanceof UnansweredLoginError) onAbandon()
          return undefined
        }))
      if (established) onLogout(established.login, await established.logout())
      isActive = false
      await Promise.all([...connections].map(disconnect))
      await Promise.allSettled(retiring)
    },
  }
}
