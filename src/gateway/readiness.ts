// Whether operations can be served: the vCenter answers now, and has not refused us. Why not is told by a word, for probes and the
// people who look at them; the log has the sentence. Asking this keeps no session alive.

import { TransportError } from '../transport/transport-error.ts'
import type { CallScope } from '../vim25/call-scope.ts'
import { OutageError } from '../vim25/reachability.ts'
import { isRefusal } from '../vim25/standing-login.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'
import type { PlainAnswer } from './plain-answers.ts'

/** How long a readiness probe may wait for the vCenter. */
const readinessMs = 5_000

/**
 * - `LOGIN_REFUSED`: the user name or the password is wrong, and is not tried again.
 * - `LOGIN_FAILED`: the vCenter answers, but to log in has failed.
 * - `CERTIFICATE`: the vCenter's certificate is not trusted, or not the pinned one.
 * - `UNREACHABLE`: no answer, or none from a vCenter.
 * - `STOPPING`: nobody is to be sent here any more.
 */
type Reason = 'LOGIN_REFUSED' | 'LOGIN_FAILED' | 'CERTIFICATE' | 'UNREACHABLE' | 'STOPPING'

/**
 * Makes what answers readiness probes: 200 without a body, or 503 with the reason in JSON. Who asks while the vCenter is asked is
 * told the same: anybody may ask, and a flood of probes must not reach the vCenter, nor take the connections that changes need.
 */
export function createReadiness(
  reach: (scope: CallScope) => Promise<void>,
  stopping?: AbortSignal,
): () => Promise<PlainAnswer> {
  let asked: Promise<PlainAnswer> | undefined
  const ask = async (): Promise<PlainAnswer> => {
    try {
      await reach({ signal: AbortSignal.timeout(readinessMs) })
      return { status: 200 }
    } catch (error) {
      return unready(reasonOf(error), error instanceof OutageError ? error.since : undefined)
    } finally {
      asked = undefined
    }
  }
  return async () => {
    if (stopping?.aborted) return unready('STOPPING')
    asked ??= ask()
    return asked
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
