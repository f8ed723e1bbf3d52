// The windows in which QueryChangedDiskAreas gives a disk's areas. A reply speaks for no more than its own
// [startOffset, startOffset + length): who asks once, or stops at an empty window, has only a part.

import type { DataObject } from '../../soap/vim-types.ts'
import { createRandom } from '../random.ts'
import type { Areas } from './ranges.ts'

export interface WindowRequest {
  readonly areas: Areas
  readonly capacity: number
  readonly grain: number
  readonly startOffset: number
  /** At most so many areas. */
  readonly limit: number
  /** The share of windows that are cut short, in one way or another. */
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

  // An empty window, up to where the next area begins.
  if (isIrregular && kind === 'empty' && nextStart > startOffset) return window(request, nextStart, 0, 0)

  const count = Math.min(remaining, isIrregular && kind === 'short' ? 1 + random.integer(limit) : limit)
  if (count === 0) return window(request, capacity, 0, 0)
  const lastEnd = areas.ends[first + count - 1] as number
  const lastStart = Math.max(startOffset, areas.starts[first + count - 1] as number)
  const grains = Math.ceil((lastEnd - lastStart) / grain)
  // One that ends inside an area, whose rest the next window has.
  const cutAt = Math.floor(lastStart / grain) * grain + (1 + random.integer(Math.max(1, grains - 1))) * grain
  if (isIrregular && kind === 'cut' && grains > 1 && cutAt < lastEnd && cutAt < capacity) {
    return window(request, cutAt, first, count)
  }
  // All that is left, up to the end; or up to the last area alone, so that an empty window remains.
  const end = count === remaining && !isIrregular ? capacity : lastEnd
  return window(request, Math.min(end, capacity), first, count)
}

/** The window up to `end` with `count` areas from `first` on; what reaches out of it is cut, but for the end of the disk. */
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
