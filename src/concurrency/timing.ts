// Waits that end early: a delay, and waiting for a promise with a time limit or a signal.

import type { TimerOptions } from 'node:timers'
import timers from 'node:timers/promises'

/** Waits for `ms` milliseconds. Ends early, without an error, when the signal of the options is aborted. */
export const delay = (ms: number, options?: TimerOptions): Promise<void> =>
  timers.setTimeout(ms, undefined, options).catch(() => {})

/**
 * Waits for a shared promise until the signal is aborted. An abort does not affect the promise itself.
 * @throws the signal's reason when it is aborted
 */
export function withSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  // Not AbortSignal.any: the server's signal no longer reports that it is aborted after it was passed to that function.
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/**
 * Waits for a promise, but at most `ms` milliseconds. Returns undefined if it takes longer.
 * @throws the signal's reason when it is aborted
 */
export async function withTimeout<T>(
  promise: Promise<T>,
  ms: number,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const settled = new AbortController()
  const timeout = delay(ms, { signal: settled.signal }).then(() => undefined)
  try {
    return await withSignal(Promise.race([promise, timeout]), signal)
  } finally {
    settled.abort()
  }
}
