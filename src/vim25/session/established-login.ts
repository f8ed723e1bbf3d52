// Logs in to and out of a vCenter on one connection. A session (session.ts) hands out the Login and keeps the EstablishedLogin.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Transport } from '../../transport/transport.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { negotiateVersion } from './api-version.ts'
import type { CallOptions, CallRecord } from './call-options.ts'
import { hardwareUuid } from './hardware-uuid.ts'
import { createLogin, type Login, type LoginDeps, type LoginHooks } from './login.ts'
import { createSoapClient, type SoapClient } from './soap-client.ts'

export interface EstablishedLogin {
  readonly login: Login
  readonly transport: Transport
  /** Calls CurrentTime, even while the circuit is open. */
  ping(callOptions: CallOptions): Promise<void>
  /** Rejects new calls, and resolves when the calls in flight have ended. These may be write calls. */
  retire(): Promise<void>
  /** Logs out; returns false if the vCenter did not confirm it. */
  logout(): Promise<boolean>
}

export interface Credentials {
  readonly userName: string
  readonly password: string
}

interface AuthenticateOptions extends LoginDeps, LoginHooks {
  /** Path of the SDK on the server. */
  readonly path: string
  readonly onCall: ((record: CallRecord) => void) | undefined
}

export const serviceInstance: ManagedObjectReference = { type: 'ServiceInstance', value: 'ServiceInstance' }

const cleanUpTimeoutMs = 5_000

/** Whether the vCenter rejected the credentials. Each attempt counts towards an account lockout, so this is final for them. */
export const isLoginRejected = (error: unknown): error is VimFaultError =>
  error instanceof VimFaultError && error.is('InvalidLogin')

/**
 * The outcome of a login is unknown, because its response is missing. The vCenter may have rejected it, which counts towards an
 * account lockout, or may have been processing it all the time.
 */
export class LostLoginResponseError extends TransportError {
  constructor({ code, message, cause }: TransportError) {
    super(code, message, { cause })
  }
}

/**
 * Whether an error means that the login has ended: NotAuthenticated, or ManagedObjectNotFound for an object of this session,
 * whose moid starts with the session key. An object of another session proves nothing; a client may have invented its moid.
 */
export function isLoginEnded(error: unknown, login?: Pick<Login, 'key'>): error is VimFaultError {
  if (!(error instanceof VimFaultError)) return false
  if (error.is('NotAuthenticated')) return true
  const missingRef =
    error.is('ManagedObjectNotFound') && (error.fault as DataObject<'ManagedObjectNotFound'>).obj
  return missingRef && login ? missingRef.value.startsWith(`session[${login.key}]`) : false
}

/**
 * Logs in on a connection. If a step fails, it logs out of a session that may already exist on the server.
 * @throws LostLoginResponseError if Login was sent and its response was lost
 * @throws VimFaultError if the vCenter rejects the login; see `isLoginRejected`
 */
export async function authenticate(
  transport: Transport,
  credentials: Credentials,
  { path, onCall, closeSignal, replaceLogin, ...deps }: AuthenticateOptions,
): Promise<EstablishedLogin> {
  const options = { version: await negotiateVersion(transport, path, { signal: closeSignal }), path, onCall }
  const client = createSoapClient(transport, options)
  const content = await client.call('RetrieveServiceContent', serviceInstance, {}, { signal: closeSignal })
  const sessionManager = content.sessionManager
  if (!sessionManager)
    throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no SessionManager')
  // Uses a separate client, which still works when `client` is retired.
  const logout = () => logoutWithRetry(createSoapClient(transport, options), sessionManager)
  closeSignal.throwIfAborted()
  const { key, userName } = await client
    .call('Login', sessionManager, credentials, {})
    .catch(async (error) => {
      // The login may have succeeded even though its response was lost.
      const mayBeLoggedIn = error instanceof TransportError ? error.mayHaveBeenSent : !isLoginRejected(error)
      if (mayBeLoggedIn) await logout()
      // An HTTP status is a response, usually of a proxy that did not forward the call, so that case is not included here.
      const isLost = error instanceof TransportError && ['TIMEOUT', 'CLOSED'].includes(error.code)
      throw mayBeLoggedIn && isLost ? new LostLoginResponseError(error) : error
    })
  try {
    const identity = content.about.instanceUuid || (await hardwareUuid(client, content))
    return {
      login: createLogin(
        client,
        { content, identity, key, userName },
        { ...deps, replaceLogin, closeSignal },
      ),
      transport,
      ping: async (callOptions) => void (await client.call('CurrentTime', serviceInstance, {}, callOptions)),
      retire: () => client.retire(),
      logout,
    }
  } catch (error) {
    // Repeated attempts without a logout would fill the vCenter with unused sessions.
    await logout()
    throw error
  }
}

/**
 * Logs out, with a second attempt if the first gets no response. Returns whether it succeeded. If it did not, the vCenter
 * ends the session after its idle timeout.
 */
async function logoutWithRetry(client: SoapClient, sessionManager: ManagedObjectReference): Promise<boolean> {
  const once = () =>
    client.call('Logout', sessionManager, {}, { signal: AbortSignal.timeout(cleanUpTimeoutMs) })
  return once()
    .catch((error) => (error instanceof TransportError ? once() : Promise.reject(error)))
    .then(
      () => true,
      () => false,
    )
}
