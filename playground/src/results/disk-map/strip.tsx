// One list of areas as a strip from the start of the disk to its end, or of the part that is shown.

import { type CSSProperties, type KeyboardEvent, type PointerEvent, useMemo } from 'react'
import { type Bin, binsOf, type PreparedMap, shadeOf, shades } from './bins.ts'
import { intersectRanges, type Range } from './ranges.ts'

/** Columns of a strip: about one for each pixel of a narrow pane. */
export const columnCount = 600

export interface StripProps {
  readonly label: string
  readonly prepared: PreparedMap
  readonly view: Range
  readonly offset: number | undefined
  readonly description: string
  readonly onOffset: (offset: number) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

export const percentOf = (offset: number, { start, end }: Range): string =>
  `${(100 * (offset - start)) / (end - start)}%`

/** Positions an element over a part of the strip. */
export const placeOf = (range: Range, view: Range): CSSProperties => ({
  left: percentOf(range.start, view),
  width: `${(100 * (range.end - range.start)) / (view.end - view.start)}%`,
})

/** Returns the columns of one shade as a path: one element however many columns there are. */
function pathOf(bins: readonly Bin[], shade: number): string {
  let path = ''
  for (let from = 0; from < bins.length; from += 1) {
    if (shadeOf(bins[from]!) !== shade) continue
    let to = from + 1
    while (to < bins.length && shadeOf(bins[to]!) === shade) to += 1
    path += `M${from} 0H${to}V1H${from}Z`
    from = to
  }
  return path
}

export function Strip({ label, prepared, view, offset, description, onOffset, onKeyDown }: StripProps) {
  const { start, end } = view
  // Moving the pointer renders again, and only the position has changed.
  const { columns, paths } = useMemo(() => {
    const bins = binsOf(prepared, { start, end }, columnCount)
    return { columns: bins.length, paths: shades.map((_, shade) => pathOf(bins, shade)) }
  }, [prepared, start, end])
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    onOffset(view.start + ((event.clientX - left) / width) * (view.end - view.start))
  }
  return (
    <div
      className="rv-disk-strip"
      role="slider"
      tabIndex={0}
      aria-label={`Position on the disk, ${label}`}
      aria-valuemin={0}
      aria-valuemax={prepared.map.capacity}
      aria-valuenow={offset ?? view.start}
      aria-valuetext={description}
      onPointerMove={follow}
      onPointerDown={follow}
      onKeyDown={onKeyDown}
    >
      <svg viewBox={`0 0 ${Math.max(1, columns)} 1`} preserveAspectRatio="none" aria-hidden="true">
        {shades.map((limit, shade) => (
          <path key={limit} className={`rv-shade-${shade}`} d={paths[shade]} />
        ))}
      </svg>
      {intersectRanges(prepared.unknown, [view]).map((range) => (
        <div key={range.start} className="rv-not-loaded" style={placeOf(range, view)}>
          <span className="rv-not-loaded-label">not loaded</span>
        </div>
      ))}
      {offset !== undefined && offset >= view.start && offset < view.end && (
        <div className="rv-disk-cursor" style={{ left: percentOf(offset, view) }} />
      )}
    </div>
  )
}
