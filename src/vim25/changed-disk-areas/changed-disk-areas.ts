// QueryChangedDiskAreas from an offset to the capacity, window by window, each proven to follow the one before.
// A reply covers only [startOffset, startOffset + length) and may be empty in the middle of the disk; the usual script
// calls once and loses everything beyond. Whoever pages, counts or draws reads from here (schema/changed-areas/).

import type { DataObject } from '../../soap/vim-types.ts'

/** Bytes [start, start + length) of a disk. */
export interface Area {
  readonly start: number
  readonly length: number
}

/**
 * The areas of one window, sorted, disjoint, merged: each begins inside [startOffset, nextOffset). The last may reach
 * into the next window, which may tell it again; whoever joins windows merges there.
 */
export interface AreaWindow {
  readonly startOffset: number
  readonly nextOffset: number
  readonly areas: readonly Area[]
}

/** The answers do not prove that they cover the disk. Nothing of them may be used: a backup made from it loses data. */
export class CoverageError extends Error {
  override name = 'CoverageError' as const
}

/** Far beyond any real disk: a server that never gets on must not keep us for ever. */
const maxWindows = 1_000_000

/** vSphere tracks changes in grains of at least so many bytes, so that its windows can't be smaller on average. */
const minGrain = 64 * 1024

/** Below so many windows, their size proves nothing. */
const fewWindows = 1_000

/** Which window an answer is of. */
export type WindowBounds = Pick<DataObject<'DiskChangeInfo'>, 'startOffset' | 'length'>

/** Such an answer. */
export type DiskChangeInfo = WindowBounds & Pick<DataObject<'DiskChangeInfo'>, 'changedArea'>

/** Asks vSphere for the areas from an offset on; may tell which window the answer is of before its areas are there. */
type QueryWindow = (startOffset: number, onBounds: (bounds: WindowBounds) => void) => Promise<DiskChangeInfo>

/** A call for one window. */
interface WindowRequest {
  readonly response: Promise<DiskChangeInfo>
  /** Asks for the window behind it as soon as this one says where it ends, and no farther. */
  prefetchNext(): void
  /**
   * The call for the window behind it, if it was made. It is given away: calls that hold each other would be held by the first
   * of them for as long as the garbage collector has not looked at that, with all their areas.
   */
  takeNext(): WindowRequest | undefined
}

/**
 * Yields windows until the capacity is reached. Asks for a window when it is taken; `ahead`: the one behind it too, for those
 * who will want it, while this one still arrives.
 * @throws CoverageError when an answer is not exactly what was asked for or does not advance.
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
  // At the capacity itself vSphere raises InvalidArgument, so it is never asked there.
  while (offset < capacity) {
    windows += 1
    if (windows > maxWindows || (windows > fewWindows && offset - startOffset < (windows - 1) * minGrain))
      throw new CoverageError(
        `vSphere answered ${windows - 1} windows for ${offset - startOffset} bytes from offset ${startOffset} on`,
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
  // One that was asked for ahead may never be taken; whoever takes it is told.
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

/** Where the window of an answer ends. */
function windowEnd({ startOffset, length }: WindowBounds, requestedOffset: number): number {
  if (startOffset !== requestedOffset)
    throw new CoverageError(
      `asked for the areas from offset ${requestedOffset} on, vSphere answered from ${startOffset} on`,
    )
  if (typeof length !== 'number' || length <= 0 || !Number.isSafeInteger(requestedOffset + length)) {
    throw new CoverageError(`vSphere answered a window of ${length} bytes at offset ${requestedOffset}`)
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
        `vSphere answered an area of ${size} bytes at ${start} in the window from ${requestedOffset} to ${end}`,
      )
    }
    areas.push({ start, length: size })
  }
  // The last area may reach past its window, and past the end of a healthy disk: tracking counts in whole grains.
  return { startOffset: requestedOffset, nextOffset: end, areas: mergeAreas(areas, capacity) }
}

/** Sorts, merges what overlaps or has at most so large a gap between, and clips to the capacity. vSphere promises no order. */
export function mergeAreas(areas: readonly Area[], capacity: number, gap = 0): readonly Area[] {
  // Nearly all come as they should be.
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
