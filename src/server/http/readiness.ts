// Whether operations can be served: the vCenter answers now, and has not refused us. Why not is told by a word, for probes and the
// people who look at them; the log has the sentence. Asking this keeps no session alive.

import { TransportError } from '../../transport/transport-error.ts'
import type { CallOptions } from '../../vim25/session/call-options.ts'
import { CircuitOpenError } from '../../vim25/session/circuit-breaker.ts'
import { isLoginRefused } from '../../vim25/session/established-login.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { ProbeResponse } from './probes.ts'

/** How long a readiness probe may wait for the vCenter. */
const probeTimeoutMs = 5_000

/** How long a figure may be that old: scrapes ask the vCenter no more often, and after a probe not at all. */
const cacheMs = 3_000

/**
 * - `LOGIN_REFUSED`: the user name or the password is wrong, and is not tried again.
 * - `LOGIN_FAILED`: the vCenter answers, but to log in has failed.
 * - `CERTIFICATE`: the vCenter's certificate is not trusted, or not the pinned one.
 * - `UNREACHABLE`: no answer, or none from a vCenter.
 * - `SHUTTING_DOWN`: nobody is to be sent here any more.
 */
type NotReadyReason = (typeof notReadyReasons)[number]

/** All that there are. */
export const notReadyReasons = [
  'LOGIN_REFUSED',
  'LOGIN_FAILED',
  'CERTIFICATE',
  'UNREACHABLE',
  'SHUTTING_DOWN',
] as const

export interface Readiness {
  /** Answers a probe: 200 without a body, or 503 with the reason in JSON. */
  probe(): Promise<ProbeResponse>
  /** Why not, as it was known some seconds ago or is now; undefined when operations can be served. */
  reason(): Promise<NotReadyReason | undefined>
}

/** What was found out, and when. */
interface ProbeResult {
  readonly at: number
  readonly reason?: NotReadyReason
  /** Of the outage, if there is one. */
  readonly since?: Date | undefined
}

/**
 * Finds out for all who want to know. Who asks while the vCenter is asked is told the same: anybody may ask, and a flood of probes
 * must not reach the vCenter, nor take the connections that changes need.
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
  if (isLoginRefused(cause)) return 'LOGIN_REFUSED'
  if (cause instanceof VimFaultError) return 'LOGIN_FAILED'
  return cause instanceof TransportError && cause.code.startsWith('TLS_') ? 'CERTIFICATE' : 'UNREACHABLE'
}
