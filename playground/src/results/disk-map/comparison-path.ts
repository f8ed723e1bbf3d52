// Ranges of a disk as an SVG path with at most one part for each column.

import type { Range } from './ranges.ts'

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
