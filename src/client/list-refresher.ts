// Reads a list of a page again when `inventoryChanges` shows that it no longer holds the same objects.

import { createListChangeDetector, type InventoryChangeBatchLike } from './list-change-detector.ts'

/**
 * Creates a function that takes the batches of one `inventoryChanges` subscription, and reads a list again when
 * `createListChangeDetector` says so: never twice at the same time, and once more if there was such a batch meanwhile. Libraries join
 * identical requests, and the gateway may have read the response of the earlier one before the change.
 *
 * The function's `read` starts the reading; its promise settles when the response has arrived or failed. The library that reads reports
 * errors, so they are ignored here.
 */
export function createListRefresher(): (
  batch: InventoryChangeBatchLike,
  read: () => Promise<unknown>,
) => void {
  const changesList = createListChangeDetector()
  let isReading = false
  let next: (() => Promise<unknown>) | undefined

  async function start(read: () => Promise<unknown>): Promise<void> {
    isReading = true
    try {
      await read()
    } catch {}
    isReading = false
    const waiting = next
    next = undefined
    if (waiting) await start(waiting)
  }

  return (batch, read) => {
    if (!changesList(batch)) return
    if (isReading) next = read
    else void start(read)
  }
}
