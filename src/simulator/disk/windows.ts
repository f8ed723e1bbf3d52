// Splits a disk's areas into the windows that QueryChangedDiskAreas returns. A reply only covers its own
// [startOffset, startOffset + length): a client that queries once, or stops at an empty window, misses areas.

import type { DataObject } from '../../soap/vim-types.ts'
import { createRandom } from '../random.ts'
import type { Areas } from './ranges.ts'

export interface WindowRequest {
  readonly areas: Areas
  readonly capacity: number
  readonly grain: number
  readonly startOffset: number
  /** Maximum number of areas. */
  readonly limit: number
  /** Fraction of windows that are irregular: shorter than they could be, empty, or ending inside an area. */
  readonly irregular: number
  readonly seed: string
}

export function windowOf(request: WindowRequest): DataObject<'DiskChangeInfo'> {
  const { areas, capacity, grain, startOffset, limit, irregular } = request
  const random = createRandom(request.seed, 'window', startOffset)
  const isIrregular = random.next() < irregular
  const first = firstEndingAfter(areas, startOffset)
  const remaining = areas.starts.length - first
  const nextStart = Math.max(startOffset, areas.starts[first] ?? capacity)
  const kind = random.pick(['empty', 'empty', 'short', 'cut'])

  // An empty window that ends where the next area begins.
  if (isIrregular && kind === 'empty' && nextStart > startOffset) return window(request, nextStart, 0, 0)

  const count = Math.min(remaining, isIrregular && kind === 'short' ? 1 + random.integer(limit) : limit)
  if (count === 0) return window(request, capacity, 0, 0)
  const lastEnd = areas.ends[first + count - 1] as number
  const lastStart = Math.max(startOffset, areas.starts[first + count - 1] as number)
  const grains = Math.ceil((lastEnd - lastStart) / grain)
  // A window that ends inside an area; the next window returns the remainder.
  const cutAt = Math.floor(lastStart / grain) * grain + (1 + random.integer(Math.max(1, grains - 1))) * grain
  if (isIrregular && kind === 'cut' && grains > 1 && cutAt < lastEnd && cutAt < capacity) {
    return window(request, cutAt, first, count)
  }
  // All remaining areas up to the end of the disk; an irregular window ends at the last area, so an empty
  // window follows.
  const end = count === remaining && !isIrregular ? capacity : lastEnd
  return window(request, Math.min(end, capacity), first, count)
}

/** Returns the window up to `end` with `count` areas, clipped to the window except at the end of the disk. */
function window(
  { areas, capacity, startOffset }: WindowRequest,
  end: number,
  first: number,
  count: number,
): DataObject<'DiskChangeInfo'> {
  const changedArea = Array.from({ length: count }, (_, index) => {
    const start = Math.max(startOffset, areas.starts[first + index] as number)
    const areaEnd = areas.ends[first + index] as number
    return { start, length: (end === capacity ? areaEnd : Math.min(areaEnd, end)) - start }
  })
  return { startOffset, length: end - startOffset, changedArea }
}

function firstEndingAfter({ ends }: Areas, offset: number): number {
  let low = 0
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[middle] as number) <= offset) low = middle + 1
    else high = middle
  }
  return low
}
