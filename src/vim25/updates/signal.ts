// Wakes one who waits. Rung many times before it is listened to, it wakes once: whoever is slow meets no backlog.

export class Bell {
  #rung = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** For good: nothing follows. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  /** Resolves when it has rung since the last time; rejects as soon as it has failed. */
  async rung(): Promise<void> {
    if (!this.#rung && !this.#failure)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#wake = undefined
    if (this.#failure) throw this.#failure.error
    this.#rung = false
  }
}
