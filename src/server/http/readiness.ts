// Whether operations can be served: the vCenter answers now, and has not refused us. Why not is told by a word, for probes and the
// people who look at them; the log has the sentence. Asking this keeps no session alive.

import { TransportError } from '../../transport/transport-error.ts'
import type { CallScope } from '../../vim25/session/call-options.ts'
import { OutageError } from '../../vim25/session/circuit-breaker.ts'
import { isRefusal } from '../../vim25/session/established-login.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { PlainAnswer } from './probes.ts'

/** How long a readiness probe may wait for the vCenter. */
const readinessMs = 5_000

/** How long a figure may be that old: scrapes ask the vCenter no more often, and after a probe not at all. */
const knownMs = 3_000

/**
 * - `LOGIN_REFUSED`: the user name or the password is wrong, and is not tried again.
 * - `LOGIN_FAILED`: the vCenter answers, but to log in has failed.
 * - `CERTIFICATE`: the vCenter's certificate is not trusted, or not the pinned one.
 * - `UNREACHABLE`: no answer, or none from a vCenter.
 * - `STOPPING`: nobody is to be sent here any more.
 */
type Reason = (typeof reasons)[number]

/** All that there are. */
export const reasons = ['LOGIN_REFUSED', 'LOGIN_FAILED', 'CERTIFICATE', 'UNREACHABLE', 'STOPPING'] as const

export interface Readiness {
  /** Answers a probe: 200 without a body, or 503 with the reason in JSON. */
  answer(): Promise<PlainAnswer>
  /** Why not, as it was known some seconds ago or is now; undefined when operations can be served. */
  reason(): Promise<Reason | undefined>
}

/** What was found out, and when. */
interface Found {
  readonly at: number
  readonly reason?: Reason
  /** Of the outage, if there is one. */
  readonly since?: Date | undefined
}

/**
 * Finds out for all who want to know. Who asks while the vCenter is asked is told the same: anybody may ask, and a flood of probes
 * must not reach the vCenter, nor take the connections that changes need.
 */
export function createReadiness(
  reach: (scope: CallScope) => Promise<void>,
  stopping?: AbortSignal,
): Readiness {
  let asked: Promise<Found> | undefined
  let last: Found | undefined
  const ask = async (): Promise<Found> => {
    try {
      await reach({ signal: AbortSignal.timeout(readinessMs) })
      last = { at: performance.now() }
    } catch (error) {
      const since = error instanceof OutageError ? error.since : undefined
      last = { at: performance.now(), reason: reasonOf(error), since }
    } finally {
      asked = undefined
    }
    return last
  }
  const look = (): Promise<Found> => {
    asked ??= ask()
    return asked
  }
  return {
    async answer() {
      if (stopping?.aborted) return unready('STOPPING')
      const { reason, since } = await look()
      return reason ? unready(reason, since) : { status: 200 }
    },
    async reason() {
      if (stopping?.aborted) return 'STOPPING'
      const found = last && performance.now() - last.at < knownMs ? last : await look()
      return found.reason
    },
  }
}

const unready = (reason: Reason, since?: Date): PlainAnswer => ({
  status: 503,
  type: 'application/json',
  text: `${JSON.stringify({ ready: false, reason, since })}\n`,
})

function reasonOf(error: unknown): Reason {
  const cause = error instanceof OutageError ? error.cause : error
  if (isRefusal(cause)) return 'LOGIN_REFUSED'
  if (cause instanceof VimFaultError) return 'LOGIN_FAILED'
  return cause instanceof TransportError && cause.code.startsWith('TLS_') ? 'CERTIFICATE' : 'UNREACHABLE'
}
