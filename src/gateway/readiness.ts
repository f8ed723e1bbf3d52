// Whether a vCenter can be reached and knows us, now: a login that stands says nothing of it.

import type { Session } from '../vim25/session.ts'

/** How long a readiness probe may wait for the vCenter. */
const readinessMs = 5_000

/**
 * Makes what a probe asks. Whoever asks while a probe is under way is told its answer: anybody may ask, and what floods us must
 * neither flood the vCenter nor take the connections that changes need.
 */
export function createReadiness(session: Session): () => Promise<boolean> {
  let probe: Promise<boolean> | undefined
  return () => {
    probe ??= session
      .ping({ signal: AbortSignal.timeout(readinessMs) })
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        probe = undefined
      })
    return probe
  }
}
