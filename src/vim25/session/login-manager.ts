// The login of a session: made once however many want it, given up when it has ended, not tried again when it failed for good,
// logged out at the end. What belongs to a login hangs on it and goes with it.
//
//   none --get()--> logging in --ok--> stands --giveUp()--> none
//                       |                 '--close()--> closed
//                       |--for good--> failed, until there is another password
//                       '--else--> none

import { setMaxListeners } from 'node:events'
import type { Transport } from '../../transport/transport.ts'
import { abortable } from './with-signal.ts'
import type { Login } from './login.ts'
import { type Credentials, type StandingLogin, UnansweredLoginError } from './established-login.ts'
import { VimFaultError } from '../vim-fault-error.ts'

/** A login that failed for good: to try again would lock the account, or tell nothing new. */
export interface LoginFailure {
  readonly error: unknown
  /** What those are told who ask something that needs the login. */
  readonly told: unknown
}

export interface LoginHooks {
  /** Aborted when nobody wants to log in any more: what comes before Login ends, a Login that was sent does not. */
  readonly unwanted: AbortSignal
  /** Replaces the login by another one, as it has objects on the server that nothing here can name. */
  readonly renew: () => void
}

interface LoginKeeperOptions {
  /** Opens a connection of its own, without cookies. */
  readonly connect: () => Transport
  readonly userName: string
  /** As it is now: asked for at each login, and after a failure to see whether there is another. */
  readonly password: () => string
  /** Logs in on a connection, leaving no session behind when that fails. */
  readonly logIn: (
    transport: Transport,
    credentials: Credentials,
    hooks: LoginHooks,
  ) => Promise<StandingLogin>
  readonly onLogin: (login: Login) => void
  /** Told of the login that stood at the end, and whether the vCenter has said that it is logged out. */
  readonly onLogout: (login: Login, isSure: boolean) => void
  /** Called at the end if a Login that was sent had no answer: it may have left a session that has no name here. */
  readonly onAbandon: () => void
  /** Told of each login that failed, before those who wait for it; whether it failed for good. */
  readonly onFailure: (error: unknown) => Promise<boolean>
  /** What is told of a login that failed for good. */
  readonly tellFailure: (error: unknown) => unknown
}

export interface LoginKeeper {
  /** The login that stands, or a new one. The same promise for all until it is given up. */
  get(): Promise<StandingLogin>
  /** This one has ended: it makes room for the next, if nobody else has seen to it. */
  giveUp(ended: Promise<StandingLogin>): void
  /** The last one that stood; undefined before the first. */
  readonly last: Login | undefined
  readonly stands: boolean
  readonly failure: LoginFailure | undefined
  /** Logs out. A Login that was sent is waited for, at most so long: its session would be left behind. */
  close(patienceMs: number): Promise<void>
}

/**
 * Renewals start no sooner after each other. A server whose answers to creations stay unreadable would otherwise be logged in to
 * as often as it is queried; what is left behind until then ends with the next renewal.
 */
const minRenewalMs = 60_000

export function createLoginKeeper({
  connect,
  userName,
  password,
  logIn,
  onLogin,
  onLogout,
  onAbandon,
  onFailure,
  tellFailure,
}: LoginKeeperOptions): LoginKeeper {
  let current: Promise<StandingLogin> | undefined
  let last: Login | undefined
  let stands = false
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
  const leaving = new Set<Promise<void>>()

  async function disconnect(transport: Transport): Promise<void> {
    connections.delete(transport)
    await transport.close()
  }

  async function begin(renew: () => void): Promise<StandingLogin> {
    // A new connection: the old cookie must not go with Login, or vSphere refuses a second login on the same session.
    const transport = connect()
    connections.add(transport)
    const credentials = { userName, password: password() }
    try {
      const standing = await logIn(transport, credentials, { unwanted: closing.signal, renew })
      last = standing.login
      stands = true
      onLogin(standing.login)
      return standing
    } catch (error) {
      await disconnect(transport)
      if (closing.signal.aborted || !(await onFailure(error))) throw error
      failure = { error, told: tellFailure(error) }
      failedPassword = credentials.password
      throw failure.told
    }
  }

  function end(ended: Promise<StandingLogin>): boolean {
    if (current !== ended) return false
    current = undefined
    stands = false
    return true
  }

  /**
   * Lets go of a login that is of no use any more. Its calls under way come back first: they may be changes. That it has
   * ended is what one call was told; if it stands after all, it must not be left behind.
   */
  async function leave(standing: StandingLogin): Promise<void> {
    await standing.retire()
    await standing.logOut()
    await disconnect(standing.transport)
  }

  function giveUp(ended: Promise<StandingLogin>): void {
    if (!end(ended)) return
    const left = ended.then(leave, () => {})
    leaving.add(left)
    left.finally(() => leaving.delete(left)).catch(() => {})
  }

  function renew(login: Promise<StandingLogin>): void {
    if (nextRenewal || current !== login) return
    const delayMs = renewedAt + minRenewalMs - performance.now()
    if (delayMs > 0) {
      nextRenewal = setTimeout(() => {
        nextRenewal = undefined
        renew(login)
      }, delayMs).unref()
      return
    }
    renewedAt = performance.now()
    giveUp(login)
  }

  return {
    get last() {
      return last
    },
    get stands() {
      return stands
    },
    get failure() {
      return failure
    },
    get() {
      if (closing.signal.aborted)
        return Promise.reject(new VimFaultError({ _typeName: 'RequestCanceled' }, 'the session is closed'))
      if (failure && failedPassword === password()) return Promise.reject(failure.told)
      failure = undefined
      if (!current) {
        const attempt: Promise<StandingLogin> = begin(() => renew(attempt))
        current = attempt
        attempt.catch(() => end(attempt))
      }
      return current
    },
    giveUp,
    async close(patienceMs) {
      clearTimeout(nextRenewal)
      closing.abort(new VimFaultError({ _typeName: 'RequestCanceled' }, 'the session is closed'))
      // A Login without an answer for longer ends with its connection, and its session, if there is one, by being idle.
      const patience = AbortSignal.timeout(patienceMs)
      const standing =
        current &&
        (await abortable(current, patience).catch((error) => {
          if (patience.aborted || error instanceof UnansweredLoginError) onAbandon()
          return undefined
        }))
      if (standing) onLogout(standing.login, await standing.logOut())
      stands = false
      await Promise.all([...connections].map(disconnect))
      await Promise.allSettled(leaving)
    },
  }
}
