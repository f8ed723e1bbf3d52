// Whether a vCenter can be reached and knows us, now: a login that stands says nothing of it.

import type { Session } from '../vim25/session.ts'

/** How long a readiness probe may wait for the vCenter. */
const readinessMs = 5_000

/** Asks the vCenter, once for all who want to know at the same time: anybody may ask, as often as they like. */
export function createReadiness(session: Session): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined
  const ask = async () => {
    try {
      await session.ping({ signal: AbortSignal.timeout(readinessMs) })
      return true
    } catch {
      return false
    } finally {
      asked = undefined
    }
  }
  return () => {
    asked ??= ask()
    return asked
  }
}
