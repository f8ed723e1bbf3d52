// Timers that tests replace with a clock of their own.

export interface Clock {
  /** Calls back once after the given time. Returns a function that cancels it. */
  schedule(afterMs: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  schedule(afterMs, callback) {
    const timer = setTimeout(callback, afterMs)
    return () => clearTimeout(timer)
  },
}
