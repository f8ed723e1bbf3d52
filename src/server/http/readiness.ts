// Checks whether operations can be served: the vCenter responds, and has not rejected the login. Probes get a
// reason code; the log has the details. The check does not keep a session alive.

import { TransportError } from '../../transport/transport-error.ts'
import type { CallOptions } from '../../vim25/session/call-options.ts'
import { CircuitOpenError } from '../../vim25/session/circuit-breaker.ts'
import { isLoginRejected } from '../../vim25/session/established-login.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { ProbeResponse } from './probes.ts'

/** Maximum time that a readiness probe waits for the vCenter. */
const probeTimeoutMs = 5_000

/**
 * Maximum age of a result in the metrics: scrapes call the vCenter no more often than this, and not at all
 * after a recent probe.
 */
const cacheMs = 3_000

/**
 * - `LOGIN_REFUSED`: the user name or password is wrong, and is not tried again
 * - `LOGIN_FAILED`: the vCenter responds, but the login failed
 * - `CERTIFICATE`: the vCenter's certificate is not trusted, or is not the pinned one
 * - `UNREACHABLE`: no response, or none from a vCenter
 * - `SHUTTING_DOWN`: the gateway accepts no new requests
 */
type NotReadyReason = (typeof notReadyReasons)[number]

/** All reasons. */
export const notReadyReasons = [
  'LOGIN_REFUSED',
  'LOGIN_FAILED',
  'CERTIFICATE',
  'UNREACHABLE',
  'SHUTTING_DOWN',
] as const

export interface Readiness {
  /** Responds to a probe: 200 without a body, or 503 with the reason as JSON. */
  probe(): Promise<ProbeResponse>
  /** Returns the reason, at most a few seconds old; undefined if operations can be served. */
  reason(): Promise<NotReadyReason | undefined>
}

/** The result of a check, and when it ended. */
interface ProbeResult {
  readonly at: number
  readonly reason?: NotReadyReason
  /** Start of the outage, if there is one. */
  readonly since?: Date | undefined
}

/**
 * Creates a readiness check in which concurrent probes share one vCenter call. Probes need no authentication,
 * so a flood of probes must not reach the vCenter, nor take the connections that mutations need.
 */
export function createReadiness(
  checkReachable: (callOptions: CallOptions) => Promise<void>,
  shutdownSignal?: AbortSignal,
): Readiness {
  let inFlight: Promise<ProbeResult> | undefined
  let last: ProbeResult | undefined
  const check = async (): Promise<ProbeResult> => {
    try {
      await checkReachable({ signal: AbortSignal.timeout(probeTimeoutMs) })
      last = { at: performance.now() }
    } catch (error) {
      const since = error instanceof CircuitOpenError ? error.since : undefined
      last = { at: performance.now(), reason: reasonOf(error), since }
    } finally {
      inFlight = undefined
    }
    return last
  }
  const checkOnce = (): Promise<ProbeResult> => {
    inFlight ??= check()
    return inFlight
  }
  return {
    async probe() {
      if (shutdownSignal?.aborted) return notReady('SHUTTING_DOWN')
      const { reason, since } = await checkOnce()
      return reason ? notReady(reason, since) : { status: 200 }
    },
    async reason() {
      if (shutdownSignal?.aborted) return 'SHUTTING_DOWN'
      const result = last && performance.now() - last.at < cacheMs ? last : await checkOnce()
      return result.reason
    },
  }
}

const notReady = (reason: NotReadyReason, since?: Date): ProbeResponse => ({
  status: 503,
  type: 'application/json',
  text: `${JSON.stringify({ ready: false, reason, since })}\n`,
})

function reasonOf(error: unknown): NotReadyReason {
  const cause = error instanceof CircuitOpenError ? error.cause : error
  if (isLoginRejected(cause)) return 'LOGIN_REFUSED'
  if (cause instanceof VimFaultError) return 'LOGIN_FAILED'
  return cause instanceof TransportError && cause.code.startsWith('TLS_') ? 'CERTIFICATE' : 'UNREACHABLE'
}
