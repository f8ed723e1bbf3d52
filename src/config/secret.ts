// A value that is used and never shown: whatever prints, logs or serialises it gets a placeholder.

import { inspect } from 'node:util'

const placeholder = '[secret]'

/** Holds a secret; only `reveal` gives it away. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
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
