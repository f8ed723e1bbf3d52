// A signal for one waiter. Several notifications before a wait count as one, so that a slow waiter has no backlog.

export class Signal {
  #isSet = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  notify(): void {
    this.#isSet = true
    this.#wake?.()
  }

  /** Makes the current and all later waits reject with the error. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  /**
   * Makes waits reject once an abort signal is aborted.
   *
   * @returns a function that ends this
   * @throws the reason of the abort signal if it is aborted already
   */
  failOnAbort(signal: AbortSignal | undefined): () => void {
    signal?.throwIfAborted()
    const abort = () => this.fail(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    return () => signal?.removeEventListener('abort', abort)
  }

  /** Resolves on the first notification since the last wait. Rejects as soon as `fail` is called. */
  async wait(): Promise<void> {
    if (!this.#isSet && !this.#failure)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#wake = undefined
    if (this.#failure) throw this.#failure.error
    this.#isSet = false
  }
}
