// Reduces the areas of a disk to as many bins as a strip has columns, so that a million areas draw as fast as ten.

import { type AreaMap, bytesBefore, type Estimate, estimatesOf, unknownOf } from './area-map.ts'
import type { Range } from './ranges.ts'

/** A column of a strip. */
export interface Bin extends Range {
  /** Bytes within areas. */
  bytes: number
  /** Bytes of which neither an area nor a slice is loaded. */
  unknown: number
  /** Whether some of the bytes are spread evenly over a slice, because only its density is known. */
  isEstimate: boolean
}

/** A map with what its bins are computed from, so that zooming does not compute it again. */
export interface PreparedMap {
  readonly map: AreaMap
  readonly estimates: readonly Estimate[]
  readonly unknown: readonly Range[]
}

export const prepareMap = (map: AreaMap): PreparedMap => ({
  map,
  estimates: estimatesOf(map),
  unknown: unknownOf(map),
})

/** Returns at most `count` bins of equal width that cover a part of the disk. Its work depends on their number, hardly on that of the areas. */
export function binsOf({ map, estimates, unknown }: PreparedMap, view: Range, count: number): Bin[] {
  const span = view.end - view.start
  const columns = Math.max(0, Math.min(count, span))
  const bound = (index: number) => view.start + Math.floor(span * (index / columns))
  let before = bytesBefore(map.areas, view.start)
  const bins = Array.from({ length: columns }, (_, index) => {
    const end = index === columns - 1 ? view.end : bound(index + 1)
    const bytesToEnd = bytesBefore(map.areas, end)
    const bytes = bytesToEnd - before
    before = bytesToEnd
    return { start: bound(index), end, bytes, unknown: 0, isEstimate: false }
  })
  distribute(bins, estimates, (bin, estimate, overlap) => {
    bin.bytes += (estimate.bytes * overlap) / (estimate.end - estimate.start)
    bin.isEstimate = true
  })
  distribute(bins, unknown, (bin, _, overlap) => {
    bin.unknown += overlap
  })
  return bins
}

/** Calls `add` for each bin and each range that overlaps it. Both lists are sorted and disjoint. */
function distribute<R extends Range>(
  bins: Bin[],
  ranges: readonly R[],
  add: (bin: Bin, range: R, overlap: number) => void,
): void {
  let at = 0
  for (const range of ranges) {
    while (at < bins.length && bins[at]!.end <= range.start) at += 1
    for (let each = at; each < bins.length && bins[each]!.start < range.end; each += 1) {
      const bin = bins[each]!
      const overlap = Math.min(bin.end, range.end) - Math.max(bin.start, range.start)
      if (overlap > 0) add(bin, range, overlap)
    }
  }
}

/** Upper limits of the shares that a strip draws in the same shade. */
export const shades = [0.05, 0.25, 0.5, 0.75, 1]

/** Returns the shade of a bin, from 0 for hardly any bytes, or -1 without any. */
export function shadeOf({ bytes, start, end }: Bin): number {
  if (bytes <= 0) return -1
  const share = bytes / (end - start)
  const shade = shades.findIndex((limit) => share <= limit)
  return shade === -1 ? shades.length - 1 : shade
}

/** Returns the columns that sorted ranges touch. */
export function touchedColumns(ranges: readonly Range[], view: Range, columns: number): [number, number][] {
  const touched: [number, number][] = []
  const scale = columns / (view.end - view.start)
  for (const { start, end } of ranges) {
    if (end <= view.start || start >= view.end) continue
    const from = Math.max(0, Math.floor((start - view.start) * scale))
    const to = Math.min(columns, Math.max(from + 1, Math.ceil((end - view.start) * scale)))
    const last = touched.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else touched.push([from, to])
  }
  return touched
}

export const columnsPath = (ranges: readonly Range[], view: Range, columns: number): string =>
  touchedColumns(ranges, view, columns)
    .map(([from, to]) => `M${from} 0H${to}V1H${from}Z`)
    .join('')
