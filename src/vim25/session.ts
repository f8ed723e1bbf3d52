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
import { createSoapClient, type SoapClient } from './soap-client.ts'
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
  let current: Promise<Login> | undefined
  let lastLogin: Login | undefined
  let connected = false
  let transport: Transport | undefined
  let refusal: unknown
  let closed = false

  async function logIn(): Promise<Login> {
    await transport?.close()
    // A new connection: the old cookie must not go with Login, or vSphere refuses a second login on the same session.
    const opened = connect()
    transport = opened
    const client = createSoapClient(opened, { version: await negotiateVersion(opened, path), path })
    const service = await client.call(
      'RetrieveServiceContent',
      { type: 'ServiceInstance', value: 'ServiceInstance' },
      {},
      {},
    )
    const sessionManager = service.sessionManager
    if (!sessionManager)
      throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no SessionManager')
    try {
      const { key, userName: name } = await client.call(
        'Login',
        sessionManager,
        { userName, password: password() },
        {},
      )
      const identity = service.about.instanceUuid ?? (await hardwareUuid(client, service))
      lastLogin = createLogin(client, service, { identity, key, userName: name })
      connected = true
      return lastLogin
    } catch (error) {
      // Each attempt counts towards a lock-out, so one refusal is final.
      if (error instanceof VimFaultError && error.is('InvalidLogin')) refusal = error
      throw error
    }
  }

  function login(): Promise<Login> {
    if (closed)
      return Promise.reject(new VimFaultError({ _typeName: 'RequestCanceled' }, 'the session is closed'))
    if (refusal) return Promise.reject(refusal)
    if (!current) {
      const attempt = logIn()
      current = attempt
      attempt.catch(() => end(attempt))
    }
    return current
  }

  function end(ended: Promise<Login>): void {
    if (current !== ended) return
    current = undefined
    connected = false
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
        const promised = login()
        try {
          return await work(await abortable(promised, scope.signal))
        } catch (error) {
          if (attempt > 1 || !endsLogin(error)) throw error
          end(promised)
        }
      }
    },
    async close() {
      if (closed) return
      closed = true
      try {
        const open = await current?.catch(() => undefined)
        const manager = open?.content.sessionManager
        if (manager) await open.call('Logout', manager, {}, { signal: AbortSignal.timeout(cleanUpMs) })
      } catch {
        // It ends by itself when it has been idle; there is nothing else to be done while stopping.
      } finally {
        connected = false
        await transport?.close()
      }
    },
  }
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
function endsLogin(error: unknown): boolean {
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
