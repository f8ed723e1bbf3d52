// A value that is used and never shown: whatever prints, logs or serialises it gets a placeholder.

import { inspect } from 'node:util'

const placeholder = '[secret]'

/** Holds a secret, or knows where to look for it; only `reveal` gives it away. */
export class Secret {
  readonly #value: string | (() => string)

  constructor(value: string | (() => string)) {
    this.#value = value
  }

  /** The secret as it is now. */
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
