// Wakes one who waits. Rung many times before it is listened to, it wakes once: whoever is slow meets no backlog.

export class Signal {
  #isSet = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  notify(): void {
    this.#isSet = true
    this.#wake?.()
  }

  /** For good: nothing follows. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  /** Resolves when it has rung since the last time; rejects as soon as it has failed. */
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
