// Logging in on a connection, and out again: what a session (session.ts) keeps of a login beside what it hands out.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Transport } from '../../transport/transport.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { negotiateVersion } from './api-version.ts'
import type { CallOptions, CallRecord } from './call-options.ts'
import { hardwareUuid } from './hardware-uuid.ts'
import { createLogin, type Login, type LoginDeps } from './login.ts'
import type { LoginHooks } from './login-manager.ts'
import { createSoapClient, type SoapClient } from './soap-client.ts'

export interface EstablishedLogin {
  readonly login: Login
  readonly transport: Transport
  /** Asks for the time, whatever is known of an outage. */
  ping(callOptions: CallOptions): Promise<void>
  /** Takes no more calls, and lets those under way come back, which may be changes. */
  retire(): Promise<void>
  logout(): Promise<boolean>
}

export interface Credentials {
  readonly userName: string
  readonly password: string
}

interface AuthenticateOptions extends LoginDeps, LoginHooks {
  /** Where the SDK is on the server. */
  readonly path: string
  readonly onCall: ((record: CallRecord) => void) | undefined
}

export const serviceInstance: ManagedObjectReference = { type: 'ServiceInstance', value: 'ServiceInstance' }

const cleanUpTimeoutMs = 5_000

/** The vCenter does not let these credentials in. Each attempt counts towards a lock-out, so it is final for them. */
export const isLoginRefused = (error: unknown): error is VimFaultError =>
  error instanceof VimFaultError && error.is('InvalidLogin')

/**
 * What became of a login is not known: it may have been refused, which counts towards a lock-out, and it may have been tried for
 * as long as this took.
 */
export class UnansweredLoginError extends TransportError {
  constructor({ code, message, cause }: TransportError) {
    super(code, message, { cause })
  }
}

/**
 * NotAuthenticated, or an object of this very session that is gone: their moids begin with its key. Of another's, which a caller
 * may have made up, it says nothing of ours.
 */
export function endsLogin(error: unknown, login?: Pick<Login, 'key'>): error is VimFaultError {
  if (!(error instanceof VimFaultError)) return false
  if (error.is('NotAuthenticated')) return true
  const missingRef =
    error.is('ManagedObjectNotFound') && (error.fault as DataObject<'ManagedObjectNotFound'>).obj
  return missingRef && login ? missingRef.value.startsWith(`session[${login.key}]`) : false
}

/** Logs in; what fails on the way leaves no session behind, as far as it can be told. */
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
  // A client of its own, which still speaks when the other is retired.
  const logout = () => logoutWithRetry(createSoapClient(transport, options), sessionManager)
  closeSignal.throwIfAborted()
  const { key, userName } = await client
    .call('Login', sessionManager, credentials, {})
    .catch(async (error) => {
      // It may have been let in although its answer was lost.
      const mayBeLoggedIn = error instanceof TransportError ? error.mayHaveBeenSent : !isLoginRefused(error)
      if (mayBeLoggedIn) await logout()
      // A status is an answer, as a rule of a proxy that has not passed it on.
      const isLost = error instanceof TransportError && ['TIMEOUT', 'CLOSED'].includes(error.code)
      throw mayBeLoggedIn && isLost ? new UnansweredLoginError(error) : error
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
    // Tried again and again, a login that is not kept would fill the vCenter with sessions.
    await logout()
    throw error
  }
}

/** Best effort, twice if the first is lost: a session that cannot be logged out of ends by itself when it has been idle. */
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
