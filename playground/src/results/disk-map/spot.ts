// What is at one position of a strip, in words.

import { bisector } from 'd3-array'
import { formatBytes } from '../values/format.ts'
import { type Area, type AreaMap, bytesBefore, firstAreaFrom, sliceStart } from './area-map.ts'
import type { PreparedMap } from './bins.ts'
import { exactBytes, formatShare } from './byte-scale.ts'
import type { Range } from './ranges.ts'

const byStart = bisector(({ start }: Area) => start).left

/** Describes the areas within a column of a strip: one area, how many, the slice that they are in, or the gap. */
export function describeSpot({ map }: PreparedMap, column: Range): string {
  const { areas, capacity } = map
  const from = firstAreaFrom(areas, column.start)
  const to = byStart(areas, column.end)
  if (to - from === 1) return describeArea(areas[from]!, capacity)
  if (to > from) return describeAreas(map, to - from, column)
  const known = map.known.find(({ start, end }) => start <= column.start && column.start < end)
  if (known) {
    const previous = areas[from - 1]
    const start = Math.max(known.start, previous ? previous.start + previous.length : 0)
    const end = Math.min(known.end, areas[from]?.start ?? capacity)
    return `nothing ${map.meaning} from ${formatBytes(start)} to ${formatBytes(end)} (${formatBytes(end - start)})`
  }
  return describeSlice(map.density, capacity, column.start) ?? 'not loaded'
}

const describeArea = ({ start, length }: Area, capacity: number): string =>
  `1 area: start ${formatBytes(start)} (${exactBytes(start)}), length ${formatBytes(length)} (${exactBytes(length)}), share ${formatShare(length, capacity)} of the disk`

function describeAreas({ areas, capacity }: AreaMap, count: number, { start, end }: Range): string {
  const bytes = bytesBefore(areas, end) - bytesBefore(areas, start)
  const span = end - start
  return `${count} areas within ${formatBytes(span)}: start ${formatBytes(start)} (${exactBytes(start)}), length ${formatBytes(bytes)} together (${formatShare(bytes, span)}), share ${formatShare(bytes, capacity)} of the disk`
}

function describeSlice(
  density: readonly number[] | undefined,
  capacity: number,
  offset: number,
): string | undefined {
  if (!density || density.length === 0) return undefined
  const estimate = Math.floor((offset / capacity) * density.length)
  // Slices begin at whole bytes, so the quotient can be one off.
  const index = [estimate - 1, estimate, estimate + 1].find(
    (each) =>
      each >= 0 &&
      each < density.length &&
      sliceStart(capacity, density.length, each) <= offset &&
      offset < sliceStart(capacity, density.length, each + 1),
  )
  if (index === undefined) return undefined
  const [start, end] = [index, index + 1].map((each) => sliceStart(capacity, density.length, each)) as [
    number,
    number,
  ]
  const bytes = density[index]!
  return `slice from ${formatBytes(start)} to ${formatBytes(end)}: ${formatBytes(bytes)} (${formatShare(bytes, end - start)} of the slice, ${formatShare(bytes, capacity)} of the disk)`
}
