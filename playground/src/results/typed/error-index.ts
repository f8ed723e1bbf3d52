// Finds the errors of a result by path.

import type { GraphQLFormattedError } from 'graphql'

export type Path = readonly (string | number)[]

export const pathKey = (path: Path): string => JSON.stringify(path)

export class ErrorIndex {
  readonly #below = new Map<string, GraphQLFormattedError[]>()

  constructor(errors: readonly GraphQLFormattedError[]) {
    for (const error of errors) {
      const path = error.path ?? []
      for (let length = 0; length <= path.length; length++) {
        const key = pathKey(path.slice(0, length))
        const known = this.#below.get(key)
        if (known) known.push(error)
        else this.#below.set(key, [error])
      }
    }
  }

  /** The errors at this path or below it. For a null these are its reasons: an error below a non-null field makes its parent null. */
  below(path: Path): readonly GraphQLFormattedError[] {
    return this.#below.size === 0 ? [] : (this.#below.get(pathKey(path)) ?? [])
  }
}
