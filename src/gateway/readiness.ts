// Whether a vCenter can be reached and knows us, now: a login that stands says nothing of it.

import type { Session } from '../vim25/session.ts'

/** How long a readiness probe may wait for the vCenter. */
const readinessMs = 5_000

export async function isReady(session: Session): Promise<boolean> {
  const scope = { signal: AbortSignal.timeout(readinessMs) }
  return session.ping(scope).then(
    () => true,
    () => false,
  )
}
