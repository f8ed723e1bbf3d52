// Whether a vCenter can be reached and, where the gateway has an account there, knows us, now: a login that stands says nothing
// of it.

import type { Entrance } from './auth/entrance.ts'

/** How long a readiness probe may wait for the vCenter. */
const readinessMs = 5_000

export async function isReady({ reach }: Pick<Entrance, 'reach'>): Promise<boolean> {
  return reach({ signal: AbortSignal.timeout(readinessMs) }).then(
    () => true,
    () => false,
  )
}
