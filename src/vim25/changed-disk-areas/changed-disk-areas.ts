// Reads the changed areas of a disk with QueryChangedDiskAreas, window by window from an offset to the capacity, and verifies that
// each window directly follows the one before. A reply covers only [startOffset, startOffset + length) and may be empty in the
// middle of the disk; scripts that call the method only once lose everything after that. Used by schema/changed-areas/.

import type { DataObject } from '../../soap/vim-types.ts'

/** Bytes [start, start + length) of a disk. */
export interface Area {
  readonly start: number
  readonly length: number
}

/**
 * The areas of one window: sorted, disjoint and merged. Each area starts inside [startOffset, nextOffset). The last one may
 * extend into the next window, which may return the same bytes again, so code that joins windows must merge them there.
 */
export interface AreaWindow {
  readonly startOffset: number
  readonly nextOffset: number
  readonly areas: readonly Area[]
}

/** The replies do not prove that they cover the disk. They must not be used: a backup made from them could lose data. */
export class CoverageError extends Error {
  override name = 'CoverageError' as const
}

/** Maximum number of windows, far more than any real disk needs. Protects against a server whose windows hardly advance. */
const maxWindows = 1_000_000

/** Minimum size in bytes of the grains in which vSphere tracks changes. The average window cannot be smaller. */
const minGrainBytes = 64 * 1024

/** The average window size is only checked from this number of windows on. */
const minWindowsForSizeCheck = 1_000

/** The bounds of the window that a reply covers. */
export type WindowBounds = Pick<DataObject<'DiskChangeInfo'>, 'startOffset' | 'length'>

/** A reply of QueryChangedDiskAreas. */
export type DiskChangeInfo = WindowBounds & Pick<DataObject<'DiskChangeInfo'>, 'changedArea'>

/** Requests the areas from an offset on. May call `onBounds` before the areas have arrived. */
type QueryWindow = (startOffset: number, onBounds: (bounds: WindowBounds) => void) => Promise<DiskChangeInfo>

/** A call for one window. */
interface WindowRequest {
  readonly response: Promise<DiskChangeInfo>
  /** Requests the next window, and only that one, as soon as the bounds of this window are known. */
  prefetchNext(): void
  /**
   * Returns the request for the next window, if there is one, and drops the reference to it. Otherwise the first request would
   * keep the whole chain of requests with all their areas in memory.
   */
  takeNext(): WindowRequest | undefined
}

/**
 * Yields windows until the capacity is reached. Requests each window when the consumer takes it.
 * @param prefetch also request the next window while the current one is still arriving
 * @throws CoverageError if a reply does not start at the requested offset, is invalid, or does not advance
 */
export async function* changedDiskWindows(
  query: QueryWindow,
  capacity: number,
  startOffset = 0,
  prefetch = false,
): AsyncGenerator<AreaWindow> {
  let offset = startOffset
  let windows = 0
  let request: WindowRequest | undefined
  // vSphere raises InvalidArgument for an offset equal to the capacity, so that is never requested.
  while (offset < capacity) {
    windows += 1
    if (
      windows > maxWindows ||
      (windows > minWindowsForSizeCheck && offset - startOffset < (windows - 1) * minGrainBytes)
    )
      throw new CoverageError(
        `vSphere returned ${windows - 1} windows for only ${offset - startOffset} bytes from offset ${startOffset}`,
      )
    request = request?.takeNext() ?? requestWindow(query, offset, capacity)
    if (prefetch) request.prefetchNext()
    const window = validateWindow(await request.response, offset, capacity)
    yield window
    offset = window.nextOffset
  }
}

function requestWindow(query: QueryWindow, offset: number, capacity: number): WindowRequest {
  let nextOffset: number | undefined
  let shouldPrefetch = false
  let next: WindowRequest | undefined
  const requestNext = () => {
    if (shouldPrefetch && nextOffset !== undefined && nextOffset < capacity)
      next ??= requestWindow(query, nextOffset, capacity)
  }
  const response = query(offset, (bounds) => {
    nextOffset = windowEnd(bounds, offset)
    requestNext()
  })
  // A prefetched window may never be taken. This prevents an unhandled rejection; a consumer still gets the error.
  response.catch(() => {})
  return {
    response,
    prefetchNext() {
      shouldPrefetch = true
      requestNext()
    },
    takeNext() {
      const taken = next
      next = undefined
      return taken
    },
  }
}

/**
 * Returns the end offset of the window of a reply.
 * @throws CoverageError if the bounds are invalid
 */
function windowEnd({ startOffset, length }: WindowBounds, requestedOffset: number): number {
  if (startOffset !== requestedOffset)
    throw new CoverageError(
      `vSphere returned the areas from offset ${startOffset}, but ${requestedOffset} was requested`,
    )
  if (typeof length !== 'number' || length <= 0 || !Number.isSafeInteger(requestedOffset + length)) {
    throw new CoverageError(
      `vSphere returned an invalid window of ${length} bytes at offset ${requestedOffset}`,
    )
  }
  return requestedOffset + length
}

function validateWindow(reply: DiskChangeInfo, requestedOffset: number, capacity: number): AreaWindow {
  const end = Math.min(windowEnd(reply, requestedOffset), capacity)
  const areas: Area[] = []
  for (const { start, length: size } of reply.changedArea ?? []) {
    if (
      typeof start !== 'number' ||
      typeof size !== 'number' ||
      size <= 0 ||
      start < requestedOffset ||
      start >= end
    ) {
      throw new CoverageError(
        `vSphere returned an invalid area of ${size} bytes at offset ${start} in the window from ${requestedOffset} to ${end}`,
      )
    }
    areas.push({ start, length: size })
  }
  // The last area may extend beyond its window and beyond the end of the disk, because changes are tracked in whole grains.
  return { startOffset: requestedOffset, nextOffset: end, areas: mergeAreas(areas, capacity) }
}

/**
 * Sorts areas, which vSphere may return in any order, merges them, and clips them to the capacity.
 * @param gap merges areas that overlap or are at most this many bytes apart
 */
export function mergeAreas(areas: readonly Area[], capacity: number, gap = 0): readonly Area[] {
  // Nearly all areas are already sorted and merged.
  if (isMerged(areas, capacity, gap)) return areas
  const result: Area[] = []
  for (const { start, length } of [...areas].sort((a, b) => a.start - b.start)) {
    const end = Math.min(start + length, capacity)
    if (end <= start) continue
    const last = result.at(-1)
    if (last && start - (last.start + last.length) <= gap) {
      result[result.length - 1] = {
        start: last.start,
        length: Math.max(last.start + last.length, end) - last.start,
      }
    } else result.push({ start, length: end - start })
  }
  return result
}

function isMerged(areas: readonly Area[], capacity: number, gap: number): boolean {
  let lastEnd = Number.NEGATIVE_INFINITY
  for (const { start, length } of areas) {
    if (length <= 0 || start - lastEnd <= gap) return false
    lastEnd = start + length
  }
  return lastEnd <= capacity
}
