// Decides when a list of a page no longer holds the objects that `inventoryChanges` follows.

/** A batch of the subscription `inventoryChanges`. */
export interface InventoryChangeBatchLike {
  readonly initial: boolean
  readonly changes: readonly { readonly kind: string }[]
}

/**
 * Creates a function that decides for each batch of one `inventoryChanges` subscription whether lists have to be read again: objects
 * were added or removed, or the subscription has started again, and such changes may have been missed.
 */
export function createListChangeDetector(): (batch: InventoryChangeBatchLike) => boolean {
  let hasState = false
  return ({ initial, changes }) => {
    const hadState = hasState
    hasState = !initial
    // A new start has no initial batches if it finds no objects; then its first batch is empty.
    if (initial || changes.length === 0) return hadState
    return changes.some(({ kind }) => kind !== 'MODIFY')
  }
}
