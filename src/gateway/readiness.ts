// Whether operations can be served: the vCenter answers now, and has not refused us. Why not is told by a word, for probes and the
// people who look at them; the log has the sentence. Asking this keeps no session alive.

import { TransportError } from '../transport/transport-error.ts'
import { OutageError } from '../vim25/reachability.ts'
import type { Session } from '../vim25/session.ts'
import { isRefusal } from '../vim25/standing-login.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'

/** How long a readiness probe may wait for the vCenter. */
const readinessMs = 5_000

/**
 * - `LOGIN_REFUSED`: the user name or the password is wrong, and is not tried again.
 * - `LOGIN_FAILED`: the vCenter answers, but to log in has failed.
 * - `CERTIFICATE`: the vCenter's certificate is not trusted, or not the pinned one.
 * - `UNREACHABLE`: no answer, or none from a vCenter.
 */
type Reason = 'LOGIN_REFUSED' | 'LOGIN_FAILED' | 'CERTIFICATE' | 'UNREACHABLE'

/** What a probe or a scraper is answered. */
export interface PlainAnswer {
  readonly status: number
  /** Of the text. */
  readonly type?: string
  readonly text?: string
}

/** The answer to a readiness probe: 200 without a body, or 503 with the reason in JSON. */
export async function answerReadiness(session: Session): Promise<PlainAnswer> {
  try {
    await session.look({ signal: AbortSignal.timeout(readinessMs) })
    return { status: 200 }
  } catch (error) {
    const since = error instanceof OutageError ? error.since.toISOString() : undefined
    const text = `${JSON.stringify({ ready: false, reason: reasonOf(error), since })}\n`
    return { status: 503, type: 'application/json', text }
  }
}

function reasonOf(error: unknown): Reason {
  const cause = error instanceof OutageError ? error.cause : error
  if (isRefusal(cause)) return 'LOGIN_REFUSED'
  if (cause instanceof VimFaultError) return 'LOGIN_FAILED'
  return cause instanceof TransportError && cause.code.startsWith('TLS_') ? 'CERTIFICATE' : 'UNREACHABLE'
}
