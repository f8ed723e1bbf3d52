// One session with one vCenter for one identity: logged in once however many ask at the same time, renewed once when it
// has ended, logged out when we stop. What belongs to a session (views, collectors) hangs on its Login and goes with it.
//
//   idle --login()--> logging in --ok--> logged in --NotAuthenticated--> idle
//                          |                 '--close()--> closed
//                          '--InvalidLogin--> refused (for good: asking again would lock the account)

import type { MethodArgs, MethodName, MethodResult } from '../soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import type { Transport } from '../transport/transport.ts'
import { TransportError } from '../transport/transport-error.ts'
import { type CallQueue, createCallQueue } from './call-queue.ts'
import type { CallRecord, CallScope } from './call-scope.ts'
import { hardwareUuid } from './hardware-uuid.ts'
import { createLogin, type Generation } from './login.ts'
import { type Arriving, createSoapClient, type SoapClient } from './soap-client.ts'
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
  | { readonly kind: 'lost'; readonly error: TransportError }
  | { readonly kind: 'back' }

interface SessionOptions {
  /** Opens a connection of its own, without cookies. */
  readonly connect: () => Transport
  /** Told of each try to log in, of a vCenter that cannot be reached any more, and of its coming back: each once. */
  readonly onChange?: ((change: SessionChange) => void) | undefined
  /** Told of each call, also of those that are made for no operation. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
  /** Told how many objects a retrieval has brought, all its pages together. */
  readonly onRetrieval?: ((objects: number) => void) | undefined
  /** Where the SDK is on the server. @default '/sdk' */
  readonly path?: string | undefined
  readonly userName: string
  readonly password: () => string
  /** Of the vCenter, shared by all sessions with it. @default one of its own, of 8 calls */
  readonly queue?: CallQueue | undefined
}

export interface Session {
  /**
   * Does something with the login, logging in first if need be. If vSphere says NotAuthenticated, logs in again and does
   * it once more: nothing had been executed, so that is safe for changes too, as long as `work` makes one such call.
   */
  run<T>(work: (login: Login) => Promise<T>, scope?: CallScope): Promise<T>
  /** Logs in if need be, so that the vCenter's identity is known and ids can be read. Asks nothing of a login that stands. */
  loggedIn(scope?: CallScope): Promise<Login>
  /** Asks the vCenter for the time: whether it can be reached, and knows us, now. */
  ping(scope?: CallScope): Promise<void>
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
  /** The vCenter refused the credentials; it is not asked again. */
  readonly refused: boolean
  /** Logs out; the session is of no use after it. */
  close(): Promise<void>
}

const cleanUpMs = 5_000

export function createSession({
  connect,
  path = '/sdk',
  userName,
  password,
  onChange = () => {},
  onCall,
  onRetrieval = () => {},
  queue = createCallQueue(8),
}: SessionOptions): Session {
  const generation: Generation = { current: 0 }
  let current: Promise<StandingLogin> | undefined
  let lastLogin: Login | undefined
  let connected = false
  let reachable = true
  let refusal: unknown
  let closed: Promise<void> | undefined
  let running = 0
  // Of the login that stands, and of those before it whose calls are still under way.
  const connections = new Set<Transport>()
  const leaving = new Set<Promise<void>>()

  function reached(): void {
    if (!reachable) onChange({ kind: 'back' })
    reachable = true
  }

  function lost(error: TransportError): void {
    // Before the first login whoever tries to log in tells it.
    if (!lastLogin || !reachable) return
    reachable = false
    onChange({ kind: 'lost', error })
  }

  async function disconnect(transport: Transport): Promise<void> {
    connections.delete(transport)
    await transport.close()
  }

  async function logIn(): Promise<StandingLogin> {
    // A new connection: the old cookie must not go with Login, or vSphere refuses a second login on the same session.
    const transport = connect()
    connections.add(transport)
    try {
      return await logInOn(transport)
    } catch (error) {
      onChange({ kind: 'login failed', error })
      await disconnect(transport)
      throw error
    }
  }

  async function logInOn(transport: Transport): Promise<StandingLogin> {
    const options = { version: await negotiateVersion(transport, path), path, onCall }
    const client = createSoapClient(transport, options)
    const service = await client.call(
      'RetrieveServiceContent',
      { type: 'ServiceInstance', value: 'ServiceInstance' },
      {},
      {},
    )
    const sessionManager = service.sessionManager
    if (!sessionManager)
      throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no SessionManager')
    // A client of its own, which still speaks when the other is retired.
    const logOut = () => sayGoodbye(createSoapClient(transport, options), sessionManager)
    const { key, userName: name } = await client
      .call('Login', sessionManager, { userName, password: password() }, {})
      .catch(async (error) => {
        // Each attempt counts towards a lock-out, so one refusal is final.
        if (error instanceof VimFaultError && error.is('InvalidLogin')) refusal = error
        // It may have been let in although its answer was lost.
        else if (!(error instanceof TransportError) || error.mayHaveBeenSent) await logOut()
        throw error
      })
    try {
      const identity = service.about.instanceUuid || (await hardwareUuid(client, service))
      const login = createLogin(
        client,
        { content: service, identity, key, userName: name },
        { queue, generation, onRetrieval },
      )
      lastLogin = login
      connected = true
      onChange({ kind: 'logged in', login })
      return { login, transport, client, logOut }
    } catch (error) {
      // Tried again and again, a login that is not kept would fill the vCenter with sessions.
      await logOut()
      throw error
    }
  }

  /**
   * Lets go of a login that is of no use any more. Its calls under way come back first: they may be changes. That it has
   * ended is what one call was told; if it stands after all, it must not be left behind.
   */
  async function leave({ transport, client, logOut }: StandingLogin): Promise<void> {
    await client.retire()
    await logOut()
    await disconnect(transport)
  }

  function login(): Promise<StandingLogin> {
    if (closed !== undefined)
      return Promise.reject(new VimFaultError({ _typeName: 'RequestCanceled' }, 'the session is closed'))
    if (refusal) return Promise.reject(refusal)
    if (!current) {
      const attempt = logIn()
      current = attempt
      attempt.catch(() => end(attempt))
    }
    return current
  }

  function end(ended: Promise<StandingLogin>): boolean {
    if (current !== ended) return false
    current = undefined
    connected = false
    return true
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
    loggedIn: (scope) => session.run(async (login) => login, scope),
    ping: (scope = {}) =>
      session.run(async (login) => {
        await login.call('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' }, {}, scope)
      }, scope),
    async run(work, scope = {}) {
      running += 1
      try {
        for (let attempt = 1; ; attempt += 1) {
          scope.signal?.throwIfAborted()
          const promised = login()
          try {
            const { login: standing } = await abortable(promised, scope.signal)
            const result = await work(standing)
            reached()
            return result
          } catch (error) {
            // What answers, and be it with a fault, can be reached.
            if (error instanceof TransportError) lost(error)
            else if (error instanceof VimFaultError) reached()
            if (attempt > 1 || !endsLogin(error)) throw error
            if (!end(promised)) continue
            const left = promised.then(leave, () => {})
            leaving.add(left)
            left.finally(() => leaving.delete(left)).catch(() => {})
          }
        }
      } finally {
        running -= 1
      }
    },
    close() {
      closed ??= (async () => {
        // A login that gets no answer is not waited for: it ends with its connection.
        const standing =
          current && (await abortable(current, AbortSignal.timeout(cleanUpMs)).catch(() => undefined))
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

/** What a session keeps of a login beside what it hands out. */
interface StandingLogin {
  readonly login: Login
  readonly transport: Transport
  readonly client: SoapClient
  readonly logOut: () => Promise<void>
}

/** Best effort, twice if the first is lost: a session that cannot be logged out of ends by itself when it has been idle. */
async function sayGoodbye(client: SoapClient, sessionManager: ManagedObjectReference): Promise<void> {
  const once = () => client.call('Logout', sessionManager, {}, { signal: AbortSignal.timeout(cleanUpMs) })
  await once()
    .catch((error) => (error instanceof TransportError ? once() : undefined))
    .catch(() => {})
}

/** NotAuthenticated, or a session-scoped object that is gone: their moids begin with the session's key. */
function endsLogin(error: unknown): error is VimFaultError {
  if (!(error instanceof VimFaultError)) return false
  if (error.is('NotAuthenticated')) return true
  const gone = error.is('ManagedObjectNotFound') && (error.fault as DataObject<'ManagedObjectNotFound'>).obj
  return gone ? gone.value.startsWith('session[') : false
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
