// Decides when a list of a page no longer holds the objects that `inventoryChanges` follows.

/** A batch of the subscription `inventoryChanges`. */
export interface InventoryChangeBatchLike {
  readonly initial: boolean
  readonly changes: readonly { readonly kind: string }[]
}

/**
 * Creates a function that decides for each batch of one `inventoryChanges` subscription whether lists have to be read again: objects
 * were added or removed, or the subscription has started, also again, and is complete now. What was added or removed between the last
 * reading of a list and that start is in no batch.
 */
export function createListChangeDetector(): (batch: InventoryChangeBatchLike) => boolean {
  let isStarting = true
  return ({ initial, changes }) => {
    const wasStarting = isStarting
    isStarting = initial
    if (initial) return false
    // The first batch that is not initial is empty, unless something has changed already.
    return wasStarting || changes.length === 0 || changes.some(({ kind }) => kind !== 'MODIFY')
  }
}
