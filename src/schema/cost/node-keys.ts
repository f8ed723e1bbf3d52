// Tells apart what is selected at different places by the field nodes that select it.

import type { FieldNode } from 'graphql'

export class NodeKeys {
  readonly #numbers = new Map<FieldNode, number>()

  /** The same text for the same nodes in the same order, and for no others. */
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
