// A clock of vAPI that only moves when a test advances it.

import type { MonotonicClock } from '../../src/concurrency/clock.ts'
import { createManualClock } from '../../src/simulator/index.ts'

export function createTestClock(): MonotonicClock & { advance(byMs: number): void } {
  const clock = createManualClock()
  return {
    now: () => clock.now().getTime(),
    schedule: (afterMs, callback) => clock.schedule(afterMs, callback),
    advance: (byMs) => clock.advance(byMs),
  }
}
