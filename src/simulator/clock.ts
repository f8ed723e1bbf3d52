// The simulator's clock. Tests can replace it with one that they advance themselves.

export interface Clock {
  now(): Date
  /**
   * Calls back once after the given time.
   * @returns a function that cancels it.
   */
  schedule(afterMs: number, callback: () => void): () => void
}

/** The system time. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  schedule: (afterMs, callback) => {
    const timer = setTimeout(callback, afterMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** A clock that only moves when `advance` is called. */
export interface ManualClock extends Clock {
  /** Advances the clock and runs the callbacks that fall due, in order of time. */
  advance(byMs: number): void
}

export function createManualClock(start = new Date('2026-01-05T08:00:00Z')): ManualClock {
  let now = start.getTime()
  let order = 0
  const due = new Map<number, { at: number; callback: () => void }>()
  return {
    now: () => new Date(now),
    schedule(afterMs, callback) {
      order += 1
      const key = order
      due.set(key, { at: now + afterMs, callback })
      return () => due.delete(key)
    },
    advance(byMs) {
      const end = now + byMs
      for (;;) {
        const next = [...due]
          .filter(([, { at }]) => at <= end)
          .sort(([a, x], [b, y]) => x.at - y.at || a - b)[0]
        if (!next) break
        const [key, { at, callback }] = next
        due.delete(key)
        now = Math.max(now, at)
        callback()
      }
      now = end
    },
  }
}
