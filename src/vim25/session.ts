// One session with one vCenter for one identity: logged in once however many ask at the same time, renewed once when it
// has ended, logged out when we stop. What belongs to a session (views, collectors) hangs on its Login and goes with it.
//
//   idle --login()--> logging in --ok--> logged in --NotAuthenticated--> idle
//                          |                 '--close()--> closed
//                          |--InvalidLogin--> refused, until there is another password (asking again would lock the account)
//                          '--anything else--> out of reach, until a probe succeeds (reachability.ts)

import type { MethodArgs, MethodName, MethodResult } from '../soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import type { Transport } from '../transport/transport.ts'
import { type CallQueue, createCallQueue } from './call-queue.ts'
import type { CallRecord, CallScope } from './call-scope.ts'
import type { Generation } from './login.ts'
import { createReachability, type Reachability, type ReachabilityOptions } from './reachability.ts'
import { createRetries } from './retries.ts'
import type { Arriving } from './soap-client.ts'
import { endsLogin, isRefusal, logInOn, type StandingLogin, serviceInstance } from './standing-login.ts'
import { negotiateVersion } from './version.ts'
import { VimFaultError } from './vim-fault-error.ts'

/** A login that stands. Everything remembered on it ends with it, as vSphere ends session-scoped objects. */
export interface Login {
  readonly content: DataObject<'ServiceContent'>
  /** Tells this vCenter from all others, whatever it is called: the instanceUuid, or an ESXi host's hardware uuid. */
  readonly identity: string
  /** The key of the UserSession; not the cookie. */
  readonly key: string
  readonly userName: string
  /** As of the session. */
  readonly generation: number
  /** Reads wait for their turn in the vCenter's queue; all else goes out at once. */
  call<M extends MethodName>(
    method: M,
    self: ManagedObjectReference,
    args: MethodArgs<M>,
    scope: CallScope,
    arriving?: Arriving,
  ): Promise<MethodResult<M>>
  /** Notes that a task has ended: what was read before is of another generation. A task ends once, however often it is told. */
  noteEnd(task: ManagedObjectReference): void
  /** Notes how many objects a retrieval has brought. */
  noteRetrieval(objects: number): void
  /** Makes a session-scoped object once; the same name gives the same object until the login ends. */
  once<T>(name: string, make: () => Promise<T>): Promise<T>
}

export type SessionChange =
  | { readonly kind: 'logged in'; readonly login: Login }
  | { readonly kind: 'login failed'; readonly error: unknown }
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
  /** The vCenter refused the credentials; it is not asked again with them. */
  readonly refused: boolean
  /** Since when and why the vCenter is not asked. */
  readonly outage: Reachability['outage']
  /** Logs out; the session is of no use after it. */
  close(): Promise<void>
}

/** How long a session that is closed waits for a login, and a probe for its answer. */
const patienceMs = 5_000

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
}: SessionOptions): Session {
  const generation: Generation = { current: 0 }
  let current: Promise<StandingLogin> | undefined
  let lastLogin: Login | undefined
  let connected = false
  let refusal: { readonly error: unknown; readonly password: string } | undefined
  let closed: Promise<void> | undefined
  let running = 0
  // Of the login that stands, of those before it whose calls are still under way, and without any login.
  const connections = new Set<Transport>()
  const leaving = new Set<Promise<void>>()
  let outside: Transport | undefined
  const reachability = createReachability({
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

  function open(): Transport {
    const transport = connect()
    connections.add(transport)
    return transport
  }

  async function disconnect(transport: Transport): Promise<void> {
    connections.delete(transport)
    await transport.close()
  }

  async function logIn(): Promise<StandingLogin> {
    // A new connection: the old cookie must not go with Login, or vSphere refuses a second login on the same session.
    const transport = open()
    const credentials = { userName, password: password() }
    try {
      const standing = await logInOn(transport, credentials, parts)
      lastLogin = standing.login
      connected = true
      onChange({ kind: 'logged in', login: standing.login })
      return standing
    } catch (error) {
      if (isRefusal(error)) refusal = { error, password: credentials.password }
      else reachability.begin(error)
      onChange({ kind: 'login failed', error })
      await disconnect(transport)
      throw error
    }
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

  function login(): Promise<StandingLogin> {
    if (closed !== undefined)
      return Promise.reject(new VimFaultError({ _typeName: 'RequestCanceled' }, 'the session is closed'))
    if (refusal && refusal.password === password()) return Promise.reject(refusal.error)
    refusal = undefined
    if (!current) {
      const attempt = logIn()
      current = attempt
      attempt.catch(() => end(attempt))
    }
    return current
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

  function end(ended: Promise<StandingLogin>): boolean {
    if (current !== ended) return false
    current = undefined
    connected = false
    return true
  }

  /** A login that has ended makes room for the next, if nobody else has seen to it. */
  function giveUp(ended: Promise<StandingLogin>): void {
    if (!end(ended)) return
    const left = ended.then(leave, () => {})
    leaving.add(left)
    left.finally(() => leaving.delete(left)).catch(() => {})
  }

  /** Whether the vCenter answers and lets us in; that it refuses us is an answer too. */
  async function probe(): Promise<void> {
    const promised = login()
    try {
      const standing = await promised
      await standing.ping({ timeoutMs: patienceMs })
    } catch (error) {
      if (isRefusal(error)) return
      if (!endsLogin(error)) throw error
      giveUp(promised)
      await login().catch((error) => {
        if (!isRefusal(error)) throw error
      })
    }
  }

  const session: Session = {
    get lastLogin() {
      return lastLogin
    },
    get connected() {
      return connected
    },
    get isBusy() {
      return running > 0
    },
    get generation() {
      return generation.current
    },
    get refused() {
      return refusal !== undefined
    },
    get outage() {
      return reachability.outage
    },
    loggedIn: (scope) => session.run(async (login) => login, scope),
    ping: (scope = {}) =>
      session.run(async (login) => void (await login.call('CurrentTime', serviceInstance, {}, scope)), scope),
    async look(scope = {}) {
      if (!lastLogin || refusal) return void (await session.loggedIn(scope))
      scope.signal?.throwIfAborted()
      await reachability.watch(() => {
        outside ??= open()
        return negotiateVersion(outside, path, { signal: scope.signal, timeoutMs: patienceMs })
      })
    },
    async run(work, scope = {}) {
      running += 1
      try {
        for (let attempt = 1; ; attempt += 1) {
          scope.signal?.throwIfAborted()
          reachability.check()
          const promised = login()
          try {
            const { login: standing } = await stand(promised, scope.signal)
            return await work(standing)
          } catch (error) {
            if (attempt > 1 || !endsLogin(error)) throw error
            giveUp(promised)
          }
        }
      } finally {
        running -= 1
      }
    },
    close() {
      closed ??= (async () => {
        reachability.close()
        // A login that gets no answer is not waited for: it ends with its connection.
        const standing =
          current && (await abortable(current, AbortSignal.timeout(patienceMs)).catch(() => undefined))
        await standing?.logOut()
        connected = false
        await Promise.all([...connections].map(disconnect))
        await Promise.allSettled(leaving)
      })()
      return closed
    },
  }
  return session
}

/** Waits for what is shared, but only as long as this caller wants to. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
