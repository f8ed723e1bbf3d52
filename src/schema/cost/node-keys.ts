// Assigns keys to selections, by the field nodes that make them up.

import type { FieldNode } from 'graphql'

export class NodeKeys {
  readonly #numbers = new Map<FieldNode, number>()

  /** Returns a key that is equal only for the same nodes in the same order. */
  keyOf(nodes: readonly FieldNode[]): string {
    return nodes
      .map((node) => {
        const number = this.#numbers.get(node) ?? this.#numbers.size
        this.#numbers.set(node, number)
        return number
      })
      .join()
  }
}
