// A secret value that is replaced by a placeholder when it is printed, logged or serialized.

import { inspect } from 'node:util'

const placeholder = '[secret]'

/** Holds a secret, or a function that reads it. Only `reveal` returns it. */
export class Secret {
  readonly #value: string | (() => string)

  constructor(value: string | (() => string)) {
    this.#value = value
  }

  /** Whether the secret is read again each time, so that it may change. */
  get isReread(): boolean {
    return typeof this.#value === 'function'
  }

  /** Returns the current secret. */
  reveal(): string {
    return typeof this.#value === 'string' ? this.#value : this.#value()
  }

  toString(): string {
    return placeholder
  }

  toJSON(): string {
    return placeholder
  }

  [inspect.custom](): string {
    return placeholder
  }
}
