// Timers that tests replace with a clock of their own.

export interface Clock {
  /** Calls back once after the given time. Returns a function that cancels it. */
  schedule(afterMs: number, callback: () => void): () => void
}

/** A clock that also measures time. */
export interface MonotonicClock extends Clock {
  /** The time since an arbitrary start, in milliseconds. */
  now(): number
}

export const systemClock: MonotonicClock = {
  now: () => performance.now(),
  schedule(afterMs, callback) {
    const timer = setTimeout(callback, afterMs)
    return () => clearTimeout(timer)
  },
}

/** A clock whose timers do not keep the process running. */
export const backgroundClock: Clock = {
  schedule(afterMs, callback) {
    const timer = setTimeout(callback, afterMs).unref()
    return () => clearTimeout(timer)
  },
}
