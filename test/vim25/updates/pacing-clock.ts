// A clock of update streams that only moves when a test advances it.

import type { Clock } from '../../../src/vim25/updates/pacing.ts'

/** A clock that moves by `advance` only; `waiting` holds the pending sleeps. */
export function createPacingClock() {
  let now = 0
  const sleepers = new Set<{ readonly at: number; wake(): void }>()
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal.addEventListener('abort', sleeper.wake, { once: true })
      }),
  }
  return {
    clock,
    get waiting() {
      return [...sleepers].map(({ at }) => at - now)
    },
    advance(ms: number) {
      now += ms
      for (const sleeper of [...sleepers]) if (sleeper.at <= now) sleeper.wake()
    },
  }
}
