// Merges the areas of consecutive windows, so that no area is split at a window boundary.

import { type Area, type AreaWindow, mergeAreas } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'

/** Whole areas, sorted, and the offset up to which they cover the disk. */
export interface MergedAreas {
  readonly areas: readonly Area[]
  readonly coveredUntil: number
  /** Whether another area starts at `coveredUntil` whose end is not known yet. */
  readonly hasPartialArea: boolean
}

/**
 * Merges areas across window boundaries. An area that ends within `gap` bytes of the end of its window may continue in the next
 * window, so it is held back until that window is read. `scannedUntil` is the end of the windows read so far.
 */
export async function* mergeAcrossWindows(
  windows: AsyncIterable<AreaWindow>,
  capacity: number,
  gap: number,
): AsyncGenerator<MergedAreas & { readonly scannedUntil: number }, void> {
  let pending: Area[] = []
  for await (const { areas: found, nextOffset } of windows) {
    const areas = mergeAreas(pending.length > 0 ? [...pending, ...found] : found, capacity, gap)
    const last = areas.at(-1)
    const mayContinue =
      last !== undefined && nextOffset - (last.start + last.length) <= gap && nextOffset < capacity
    pending = mayContinue ? [last] : []
    yield {
      areas: mayContinue ? areas.slice(0, -1) : areas,
      coveredUntil: mayContinue ? last.start : nextOffset,
      hasPartialArea: mayContinue,
      scannedUntil: nextOffset,
    }
  }
}
