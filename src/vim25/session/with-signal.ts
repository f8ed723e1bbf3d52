// Lets one of several waiters on a shared promise stop waiting.

/**
 * Waits for a shared promise until the signal is aborted. An abort does not affect the promise itself.
 * @throws the signal's reason when it is aborted
 */
export function withSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
