// One session with one vCenter for one identity: logged in once however many ask at the same time, renewed once when it
// has ended, logged out when we stop. What belongs to a session (views, collectors) hangs on its Login and goes with it.
//
//   idle --login()--> logging in --ok--> logged in --NotAuthenticated--> idle
//                          |                 '--close()--> closed
//                          '--InvalidLogin--> refused (for good: asking again would lock the account)

import type { MethodArgs, MethodName, MethodResult } from '../soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import type { Transport } from '../transport/transport.ts'
import type { CallScope } from './call-scope.ts'
import { hardwareUuid } from './hardware-uuid.ts'
import { type Arriving, createSoapClient, type SoapClient } from './soap-client.ts'
import { negotiateVersion } from './version.ts'
import { VimFaultError } from './vim-fault-error.ts'

type ServiceContent = DataObject<'ServiceContent'>

/** A login that stands. Everything remembered on it ends with it, as vSphere ends session-scoped objects. */
export interface Login {
  readonly content: ServiceContent
  /** Tells this vCenter from all others, whatever it is called: the instanceUuid, or an ESXi host's hardware uuid. */
  readonly identity: string
  /** The key of the UserSession; not the cookie. */
  readonly key: string
  readonly userName: string
  call<M extends MethodName>(
    method: M,
    self: ManagedObjectReference,
    args: MethodArgs<M>,
    scope: CallScope,
    arriving?: Arriving,
  ): Promise<MethodResult<M>>
  /** Makes a session-scoped object once; the same name gives the same object until the login ends. */
  once<T>(name: string, make: () => Promise<T>): Promise<T>
}

interface SessionOptions {
  /** Opens a connection of its own, without cookies. */
  readonly connect: () => Transport
  /** Where the SDK is on the server. @default '/sdk' */
  readonly path?: string | undefined
  readonly userName: string
  readonly password: () => string
}

export interface Session {
  /**
   * Does something with the login, logging in first if need be. If vSphere says NotAuthenticated, logs in again and does
   * it once more: nothing had been executed, so that is safe for changes too, as long as `work` makes one such call.
   */
  run<T>(work: (login: Login) => Promise<T>, scope?: CallScope): Promise<T>
  /** The last login that stood; undefined before the first. Its facts stay true when it has ended. */
  readonly lastLogin: Login | undefined
  readonly connected: boolean
  /** The vCenter refused the credentials; it is not asked again. */
  readonly refused: boolean
  /** Logs out; the session is of no use after it. */
  close(): Promise<void>
}

const cleanUpMs = 5_000

export function createSession({ connect, path = '/sdk', userName, password }: SessionOptions): Session {
  let current: Promise<StandingLogin> | undefined
  let lastLogin: Login | undefined
  let connected = false
  let refusal: unknown
  let closed: Promise<void> | undefined
  // Of the login that stands, and of those before it whose calls are still under way.
  const connections = new Set<Transport>()
  const leaving = new Set<Promise<void>>()

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
      await disconnect(transport)
      throw error
    }
  }

  async function logInOn(transport: Transport): Promise<StandingLogin> {
    const client = createSoapClient(transport, { version: await negotiateVersion(transport, path), path })
    const service = await client.call(
      'RetrieveServiceContent',
      { type: 'ServiceInstance', value: 'ServiceInstance' },
      {},
      {},
    )
    const sessionManager = service.sessionManager
    if (!sessionManager)
      throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no SessionManager')
    const { key, userName: name } = await client
      .call('Login', sessionManager, { userName, password: password() }, {})
      .catch((error) => {
        // Each attempt counts towards a lock-out, so one refusal is final.
        if (error instanceof VimFaultError && error.is('InvalidLogin')) refusal = error
        throw error
      })
    try {
      const identity = service.about.instanceUuid || (await hardwareUuid(client, service))
      const login = createLogin(client, service, { identity, key, userName: name })
      lastLogin = login
      connected = true
      return { login, transport, client, sessionManager }
    } catch (error) {
      // Tried again and again, a login that is not kept would fill the vCenter with sessions.
      await logOut(client, sessionManager)
      throw error
    }
  }

  /** Lets go of a login that is of no use any more. Its calls under way come back first: they may be changes. */
  async function leave({ transport, client, sessionManager }: StandingLogin, stands: boolean): Promise<void> {
    if (stands) await logOut(client, sessionManager)
    await client.idle()
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

  return {
    get lastLogin() {
      return lastLogin
    },
    get connected() {
      return connected
    },
    get refused() {
      return refusal !== undefined
    },
    async run(work, scope = {}) {
      for (let attempt = 1; ; attempt += 1) {
        scope.signal?.throwIfAborted()
        const promised = login()
        try {
          const { login: standing } = await abortable(promised, scope.signal)
          return await work(standing)
        } catch (error) {
          if (attempt > 1 || !endsLogin(error)) throw error
          if (!end(promised)) continue
          // Of a session that has ended nothing is left to log out of; a view may be gone from one that still stands.
          const stands = !error.is('NotAuthenticated')
          const left = promised.then(
            (standing) => leave(standing, stands),
            () => {},
          )
          leaving.add(left)
          left.finally(() => leaving.delete(left)).catch(() => {})
        }
      }
    },
    close() {
      closed ??= (async () => {
        // A login that gets no answer is not waited for: it ends with its connection.
        const standing =
          current && (await abortable(current, AbortSignal.timeout(cleanUpMs)).catch(() => undefined))
        if (standing) await logOut(standing.client, standing.sessionManager)
        connected = false
        await Promise.all([...connections].map(disconnect))
        await Promise.allSettled(leaving)
      })()
      return closed
    },
  }
}

/** What a session keeps of a login beside what it hands out. */
interface StandingLogin {
  readonly login: Login
  readonly transport: Transport
  readonly client: SoapClient
  readonly sessionManager: ManagedObjectReference
}

/** Best effort: a session that cannot be logged out of ends by itself when it has been idle. */
async function logOut(client: SoapClient, sessionManager: ManagedObjectReference): Promise<void> {
  await client.call('Logout', sessionManager, {}, { signal: AbortSignal.timeout(cleanUpMs) }).catch(() => {})
}

function createLogin(
  client: SoapClient,
  content: ServiceContent,
  facts: Pick<Login, 'identity' | 'key' | 'userName'>,
): Login {
  const made = new Map<string, Promise<unknown>>()
  return {
    ...facts,
    content,
    call: client.call,
    once<T>(name: string, make: () => Promise<T>): Promise<T> {
      let promise = made.get(name) as Promise<T> | undefined
      if (!promise) {
        const making = make()
        promise = making
        made.set(name, making)
        making.catch(() => made.get(name) === making && made.delete(name))
      }
      return promise
    },
  }
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
