// The vAPI session of one identity with one vCenter, beside its SOAP session: it logs in when it is first needed, is reused, replaced
// once when a call returns 401, and logged out by `close`. An account may have no more than 550 sessions, so none is left behind.
//
//   none --call()--> logging in --success--> active --401--> none (and the old session is deleted)
//                       |                      '--close()--> deleted
//                       |--401--> rejected, until the password changes, or is accepted elsewhere
//                       '--other failure--> not tried again for some seconds

import { withSignal } from '../concurrency/timing.ts'
import type { Transport } from '../transport/transport.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { CallOptions, CallRecord } from '../vim25/session/call-options.ts'
import type { VapiCallLimits } from './call-limits.ts'
import type { Dialect, Resource } from './dialect.ts'
import { exchangeJson } from './exchange.ts'
import { backoffMs, FailurePause } from './failure-pause.ts'
import { errorOfStatus, VapiError } from './vapi-error.ts'
import { type Established, logIn, logOut, resultOf } from './vapi-login.ts'

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
  /**
   * Returns when the vCenter last accepted the password elsewhere, on the clock of the limits; undefined if it has not. Then a 401
   * may be a failure of the vCenter, whose single sign-on starts late, and the login is tried again. @default never
   */
  readonly acceptedAt?: () => number | undefined
  /** Shared by all sessions of the vCenter. */
  readonly limits: VapiCallLimits
  /** Called after each call, including those that belong to no operation. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
  /** Called after a failed login. */
  readonly onLoginFailed?: ((error: unknown) => void) | undefined
}

interface LoginFailure {
  readonly error: unknown
  readonly password: string
  readonly isRejected: boolean
  /** On the clock of the limits. */
  readonly at: number
  readonly retryAt: number
}

/**
 * How long a rejected password is not sent again although the vCenter accepts it elsewhere: longer than the time in which an account
 * policy usually counts rejected logins.
 */
const rejectedWaitMs = 60 * 60_000

export function createVapiSession({
  connect,
  userName,
  password,
  acceptedAt = () => undefined,
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

  async function establish(): Promise<Established> {
    const secret = password()
    try {
      const established = await logIn(connection(), { userName, secret }, onCall)
      failures = 0
      isConnected = true
      generation = established.dialect.generation
      return established
    } catch (error) {
      failures += 1
      const isRejected = error instanceof VapiError && error.code === 'LOGIN_REJECTED'
      // Each rejected attempt counts towards an account lockout, and one without a response may have left a session behind.
      const waitMs = isRejected ? rejectedWaitMs : backoffMs(failures)
      const at = limits.clock.now()
      failure = { error, password: secret, isRejected, at, retryAt: at + waitMs }
      onLoginFailed(error)
      throw error
    }
  }

  function get(): Promise<Established> {
    if (closed !== undefined)
      return Promise.reject(new TransportError('CLOSED', 'the session is closed', notSent))
    if (current) return current
    if (failure && isFinal(failure)) return Promise.reject(failure.error)
    failure = undefined
    const attempt = establish()
    current = attempt
    attempt.catch(() => {
      if (current === attempt) current = undefined
    })
    return attempt
  }

  function isFinal({ isRejected, at, retryAt, ...failed }: LoginFailure): boolean {
    if (failed.password !== password()) return false
    const isWaiting = limits.clock.now() < retryAt
    if (!isRejected) return isWaiting
    // An acceptance after the rejection proves that the password is right, and resets the count of rejected logins.
    const accepted = acceptedAt()
    return accepted === undefined || (accepted <= at && isWaiting)
  }

  /** Forgets a session that a call reported as ended. One call has reported it; the session may still exist. */
  function invalidate(ended: Promise<Established>, established: Established): void {
    if (current !== ended) return
    current = undefined
    isConnected = false
    const retired = logOut(connection(), established, onCall)
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
        if (established) await logOut(connection(), established, onCall)
        isConnected = false
        await Promise.all(retiring)
        await transport?.close()
      })()
      return closed
    },
  }
}

const notSent = { mayHaveBeenSent: false }
