// The vAPI session of one identity with one vCenter, beside its SOAP session: it logs in when it is first needed, is reused, replaced
// once when a call returns 401, and logged out by `close`. An account may have no more than 550 sessions, so none is left behind.
//
//   none --call()--> logging in --success--> active --401--> none (and the old session is deleted)
//                       |                      '--close()--> deleted
//                       |--401--> rejected, until the password changes
//                       '--other failure--> not tried again for some seconds

import { withSignal } from '../concurrency/timing.ts'
import type { Transport } from '../transport/transport.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { CallOptions, CallRecord } from '../vim25/session/call-options.ts'
import type { VapiCallLimits } from './call-limits.ts'
import { type Dialect, dialects, type Resource } from './dialect.ts'
import { exchangeJson, type VapiReply } from './exchange.ts'
import { backoffMs, FailurePause } from './failure-pause.ts'
import { errorOfStatus, VapiError } from './vapi-error.ts'

/** A call of a resource. It changes something if it has the option `isWrite`. */
export interface VapiRequest extends Resource {
  readonly body?: unknown
  /** Changes something: not aborted with the operation, and not queued behind reads. @default false */
  readonly isWrite?: boolean
  /** Called with true right before the call is sent, and with false when a 401 proves that it was not executed. */
  readonly onSent?: ((isSent: boolean) => void) | undefined
}

export interface VapiSession {
  /**
   * Sends a call, and logs in first if needed. A call that returns 401 was not executed, so it is sent again with a new session, once.
   *
   * @returns the result without its wrapper
   * @throws VapiError or TransportError
   */
  call(request: VapiRequest, callOptions: CallOptions): Promise<unknown>
  readonly isConnected: boolean
  /** The generation of the endpoints that the last login used; undefined before it. */
  readonly generation: Dialect['generation'] | undefined
  /** Logs out. The session cannot be used afterwards. */
  close(): Promise<void>
}

export interface VapiSessionOptions {
  /** Opens a separate connection without cookies. */
  readonly connect: () => Transport
  readonly userName: string
  /** Returns the current password. Called at each login, and after a rejected login to check whether the password has changed. */
  readonly password: () => string
  /** Shared by all sessions of the vCenter. */
  readonly limits: VapiCallLimits
  /** Called after each call, including those that belong to no operation. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
  /** Called after a failed login. */
  readonly onLoginFailed?: ((error: unknown) => void) | undefined
}

interface Established {
  readonly id: string
  readonly dialect: Dialect
}

interface LoginFailure {
  readonly error: unknown
  readonly password: string
  /** On the clock of the limits. */
  readonly retryAt: number
}

const loginTimeoutMs = 12_000
const logoutTimeoutMs = 5_000

export function createVapiSession({
  connect,
  userName,
  password,
  limits,
  onCall,
  onLoginFailed = () => {},
}: VapiSessionOptions): VapiSession {
  let transport: Transport | undefined
  let current: Promise<Established> | undefined
  let isConnected = false
  let generation: Dialect['generation'] | undefined
  let failure: LoginFailure | undefined
  let failures = 0
  let closed: Promise<void> | undefined
  const pause = new FailurePause(limits.clock)
  const retiring = new Set<Promise<unknown>>()

  const connection = (): Transport => {
    transport ??= connect()
    return transport
  }

  async function logIn(secret: string): Promise<Established> {
    const authorization = `Basic ${Buffer.from(`${userName}:${secret}`).toString('base64')}`
    for (const dialect of dialects) {
      const reply = await exchangeJson(
        connection(),
        {
          name: 'session.create',
          method: 'POST',
          path: dialect.sessionPath,
          // Without the second header the session is also set as a cookie.
          headers: { authorization, 'vmware-use-header-authn': 'true' },
        },
        { timeoutMs: loginTimeoutMs },
        onCall,
      )
      if (isNotServed(reply)) continue
      if (reply.status === 401)
        throw new VapiError('LOGIN_REJECTED', 'the vCenter rejected the login to its vAPI')
      const id = resultOf('the login to the vAPI', reply, dialect)
      if (typeof id !== 'string' || id === '') throw invalidResponse('the login to the vAPI')
      return { id, dialect }
    }
    throw new VapiError('ABSENT', 'the server has no vAPI: it serves neither /api/session nor /rest')
  }

  async function establish(): Promise<Established> {
    const secret = password()
    try {
      const established = await logIn(secret)
      failures = 0
      isConnected = true
      generation = established.dialect.generation
      return established
    } catch (error) {
      failures += 1
      const isRejected = error instanceof VapiError && error.code === 'LOGIN_REJECTED'
      // Each rejected attempt counts towards an account lockout, and one without a response may have left a session behind.
      const waitMs = isRejected ? Number.POSITIVE_INFINITY : backoffMs(failures)
      failure = { error, password: secret, retryAt: limits.clock.now() + waitMs }
      onLoginFailed(error)
      throw error
    }
  }

  function get(): Promise<Established> {
    if (closed !== undefined)
      return Promise.reject(new TransportError('CLOSED', 'the session is closed', notSent))
    if (current) return current
    if (failure && limits.clock.now() < failure.retryAt && failure.password === password())
      return Promise.reject(failure.error)
    failure = undefined
    const attempt = establish()
    current = attempt
    attempt.catch(() => {
      if (current === attempt) current = undefined
    })
    return attempt
  }

  async function logOut({ id, dialect }: Established): Promise<void> {
    const once = async () => {
      const { status, body } = await exchangeJson(
        connection(),
        {
          name: 'session.delete',
          method: 'DELETE',
          path: dialect.sessionPath,
          headers: { 'vmware-api-session-id': id },
        },
        { timeoutMs: logoutTimeoutMs },
        onCall,
      )
      if (status >= 500) throw errorOfStatus('the logout from the vAPI', status, body)
    }
    // If it fails twice, the vCenter ends the session after its idle timeout.
    await once()
      .catch(once)
      .catch(() => {})
  }

  /** Forgets a session that a call reported as ended. One call has reported it; the session may still exist. */
  function invalidate(ended: Promise<Established>, established: Established): void {
    if (current !== ended) return
    current = undefined
    isConnected = false
    const retired = logOut(established)
    retiring.add(retired)
    retired.finally(() => retiring.delete(retired)).catch(() => {})
  }

  return {
    get isConnected() {
      return isConnected
    },
    get generation() {
      return generation
    },
    async call(
      { body, isWrite = false, onSent = () => {}, ...resource },
      { caller, signal, onCall: onOwnCall, onBytes },
    ) {
      const label = `${resource.name}.${resource.action ?? (resource.id === undefined ? 'list' : 'get')}`
      const slot = { caller, isHighPriority: isWrite || caller?.isHighPriority }
      for (let attempt = 1; ; attempt += 1) {
        signal?.throwIfAborted()
        pause.assertOver()
        const pending = get()
        const established = await withSignal(pending, signal)
        const { id, dialect } = established
        const reply = await limits.run({ ...slot, signal }, async () => {
          // It may have begun while this call was queued.
          pause.assertOver()
          onSent(true)
          const send = () =>
            exchangeJson(
              connection(),
              {
                name: label,
                method: resource.action === undefined ? 'GET' : 'POST',
                path: dialect.pathOf(resource),
                headers: { 'vmware-api-session-id': id },
                body,
              },
              { onCall: onOwnCall, onBytes: isWrite ? undefined : onBytes, ...(!isWrite && { signal }) },
              onCall,
            )
          return pause.watch(send)
        })
        if (reply.status !== 401) return resultOf(label, reply, dialect)
        onSent(false)
        invalidate(pending, established)
        if (attempt === 1) continue
        pause.recordRejectedSession()
        throw errorOfStatus(label, reply.status, reply.body)
      }
    },
    close() {
      closed ??= (async () => {
        const established = await current?.catch(() => undefined)
        if (established) await logOut(established)
        isConnected = false
        await Promise.all(retiring)
        await transport?.close()
      })()
      return closed
    },
  }
}

const notSent = { mayHaveBeenSent: false }

/** Whether the server does not have the generation. An older vCenter may also redirect, or reject the request: its /api is no REST. */
const isNotServed = ({ status, body }: VapiReply): boolean =>
  [400, 404, 405, 415, 501].includes(status) || (status >= 300 && status < 400 && body === undefined)

const invalidResponse = (label: string): VapiError =>
  new VapiError('INVALID_RESPONSE', `${label} returned a response that is not the JSON of the API`)

function resultOf(label: string, { status, body, isInvalid }: VapiReply, dialect: Dialect): unknown {
  if (status < 200 || status >= 300) throw errorOfStatus(label, status, body)
  if (isInvalid) throw invalidResponse(label)
  return dialect.unwrap(body)
}
