// One session with one vCenter for one identity: whoever asks something of it is given the login (login-manager.ts), which is
// renewed once when it has ended, unless the vCenter is out of reach (circuit-breaker.ts).
//
//   run --out of reach? OutageError--> the login --work--> done
//                                         '--NotAuthenticated: a new login, once--> work --> done

import type { Transport } from '../../transport/transport.ts'
import { abortable } from './with-signal.ts'
import { type CallQueue, createCallQueue } from './fair-queue.ts'
import type { CallRecord, CallScope } from './call-options.ts'
import type { Generation, Login } from './login.ts'
import { createLoginKeeper, type LoginFailure } from './login-manager.ts'
import type { Reach } from './reachability-probe.ts'
import { createReachability, type Reachability, type ReachabilityOptions } from './circuit-breaker.ts'
import { createRetries } from './retries.ts'
import {
  endsLogin,
  isRefusal,
  logInOn,
  type StandingLogin,
  serviceInstance,
  UnansweredLoginError,
} from './established-login.ts'
import { negotiateVersion } from './api-version.ts'
import { VimFaultError } from '../vim-fault-error.ts'

export type SessionChange =
  | { readonly kind: 'logged in'; readonly login: Login }
  /** At the end; where it is not sure, the session is left to end of idleness. */
  | { readonly kind: 'logged out'; readonly login: Login; readonly isSure: boolean }
  | { readonly kind: 'login failed'; readonly error: unknown }
  /** At the end: a Login that was sent had no answer. Its session, if there is one, ends by being idle. */
  | { readonly kind: 'login abandoned' }
  | { readonly kind: 'lost'; readonly error: unknown }
  | { readonly kind: 'back' }

interface SessionOptions {
  /** Opens a connection of its own, without cookies. */
  readonly connect: () => Transport
  /** Told of each try to log in, of a vCenter that is out of reach, once for each reason, and of its coming back. */
  readonly onChange?: ((change: SessionChange) => void) | undefined
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
  readonly queue?: CallQueue | undefined
  readonly reachability?: ReachabilityOptions | undefined
  /** Of one of many who log in to the vCenter. @default the gateway's own: a login that fails makes an outage, and is probed */
  readonly shared?: SharedVCenter | undefined
}

/** Of sessions of several people with one vCenter: what is wrong with one of them is no outage of the others. */
export interface SharedVCenter {
  /** Finds out for all whether the vCenter answers. */
  readonly reach: Reach
  /** What is told of a login that is not tried again: the vCenter has said no, or nothing although it is there. */
  readonly tellFailure: (error: unknown) => unknown
}

export interface Session {
  /**
   * Does something with the login, logging in first if need be. If vSphere says NotAuthenticated, logs in again and does
   * it once more: nothing had been executed, so that is safe for changes too, as long as `work` makes one such call.
   * @throws OutageError at once, with nothing sent, while the vCenter is out of reach.
   */
  run<T>(work: (login: Login) => Promise<T>, scope?: CallScope): Promise<T>
  /** Logs in if need be, so that the vCenter's identity is known and ids can be read. Asks nothing of a login that stands. */
  loggedIn(scope?: CallScope): Promise<Login>
  /** Asks the vCenter for the time: whether it can be reached, and knows us, now. */
  ping(scope?: CallScope): Promise<void>
  /**
   * Asks the vCenter something without the login, once there was one: whether it can be reached and has not refused us. A
   * session that nobody uses may end of idleness, however often this is asked.
   */
  look(scope?: CallScope): Promise<void>
  /** The last login that stood; undefined before the first. Its facts stay true when it has ended. */
  readonly lastLogin: Login | undefined
  readonly connected: boolean
  /** Something is done with it now: a long poll counts too. */
  readonly isBusy: boolean
  /**
   * Moves when this identity sends a change, when its reply comes, and when a task is seen to have ended. What was begun in
   * the present generation shows every change of this identity that is known to be over.
   */
  readonly generation: number
  /** To log in has failed for good, as when the credentials are refused: the vCenter is not asked again with them. */
  readonly failure: LoginFailure | undefined
  /** Since when and why the vCenter is not asked. */
  readonly outage: Reachability['outage']
  /** Logs out; the session is of no use after it. */
  close(): Promise<void>
}

/** How long a session that is closed waits for a Login that was sent: long enough for one that is slow. */
const loginMs = 12_000

/** How long a probe waits for its answer. */
const patienceMs = 5_000

/** How long a look may take: not as long as a probe of /ready waits, or what went wrong would not be known. */
const lookMs = 4_000

export function createSession({
  connect,
  path = '/sdk',
  userName,
  password,
  onChange = () => {},
  onCall,
  onRetrieval = () => {},
  queue = createCallQueue(8),
  reachability: reachabilityOptions,
  shared,
}: SessionOptions): Session {
  const generation: Generation = { current: 0 }
  let running = 0
  let closed: Promise<void> | undefined
  /** Without any login. */
  let outside: Transport | undefined
  const reachability =
    shared?.reach.reachability ??
    createReachability({
      ...reachabilityOptions,
      probe,
      onLost: (error) => onChange({ kind: 'lost', error }),
      onBack: () => onChange({ kind: 'back' }),
    })
  const parts = {
    path,
    onCall,
    queue,
    reachability,
    retries: createRetries(),
    generation,
    onRetrieval,
  }
  const logins = createLoginKeeper({
    connect,
    userName,
    password,
    logIn: (transport, credentials, hooks) => logInOn(transport, credentials, { ...parts, ...hooks }),
    onLogin: (login) => onChange({ kind: 'logged in', login }),
    onLogout: (login, isSure) => onChange({ kind: 'logged out', login, isSure }),
    onAbandon: () => onChange({ kind: 'login abandoned' }),
    async onFailure(error) {
      const isForGood = await judge(error)
      onChange({ kind: 'login failed', error })
      return isForGood
    },
    tellFailure: shared?.tellFailure ?? ((error) => error),
  })

  /** Whether a login failed for good; what else it tells of the vCenter is noted. */
  async function judge(error: unknown): Promise<boolean> {
    if (isRefusal(error)) return true
    if (!shared) {
      reachability.begin(error)
      return false
    }
    // What it says to one person is no outage of others. Without an answer, is it there at all?
    if (error instanceof VimFaultError) return true
    const answers = await shared.reach.ask().then(
      () => true,
      () => false,
    )
    return answers && error instanceof UnansweredLoginError
  }

  /** Waits for a login that others may wait for too, but only as long as this caller wants to. */
  async function stand(promised: Promise<StandingLogin>, signal: AbortSignal | undefined) {
    try {
      return await abortable(promised, signal)
    } catch (error) {
      // A fault of the login, such as NoPermission, is no answer to what is asked here.
      if (error instanceof VimFaultError && !isRefusal(error)) reachability.check()
      throw error
    }
  }

  /** Whether the vCenter answers and lets us in; that it refuses us is an answer too. */
  async function probe(): Promise<void> {
    const promised = logins.get()
    try {
      const standing = await promised
      await standing.ping({ timeoutMs: patienceMs })
    } catch (error) {
      if (isRefusal(error)) return
      if (!endsLogin(error)) throw error
      logins.giveUp(promised)
      await logins.get().catch((error) => {
        if (!isRefusal(error)) throw error
      })
    }
  }

  const session: Session = {
    get lastLogin() {
      return logins.last
    },
    get connected() {
      return logins.stands
    },
    get isBusy() {
      return running > 0
    },
    get generation() {
      return generation.current
    },
    get failure() {
      return logins.failure
    },
    get outage() {
      return reachability.outage
    },
    loggedIn: (scope) => session.run(async (login) => login, scope),
    ping: (scope = {}) =>
      session.run(async (login) => void (await login.call('CurrentTime', serviceInstance, {}, scope)), scope),
    async look(scope = {}) {
      if (!logins.last || logins.failure) return void (await session.loggedIn(scope))
      scope.signal?.throwIfAborted()
      await reachability.watch(() => {
        outside ??= connect()
        return negotiateVersion(outside, path, { signal: scope.signal, timeoutMs: lookMs })
      })
    },
    async run(work, scope = {}) {
      running += 1
      try {
        for (let attempt = 1; ; attempt += 1) {
          scope.signal?.throwIfAborted()
          reachability.check()
          const promised = logins.get()
          let login: Login | undefined
          try {
            login = (await stand(promised, scope.signal)).login
            return await work(login)
          } catch (error) {
            if (attempt > 1 || !endsLogin(error, login)) throw error
            logins.giveUp(promised)
          }
        }
      } finally {
        running -= 1
      }
    },
    close() {
      closed ??= (async () => {
        if (!shared) reachability.close()
        await logins.close(loginMs)
        await outside?.close()
      })()
      return closed
    },
  }
  return session
}
