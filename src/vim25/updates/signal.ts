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
