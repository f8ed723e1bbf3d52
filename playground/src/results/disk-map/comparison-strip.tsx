// Two lists of areas of one disk against each other: a strip, and the sizes of what is in both or in only one.

import { useMemo } from 'react'
import { formatBytes } from '../values/format.ts'
import type { AreaMap } from './area-map.ts'
import { columnsPath } from './bins.ts'
import { formatShare } from './byte-scale.ts'
import { compareMaps, comparisonObstacle, isCompleteComparison } from './compare.ts'
import { lengthOf, type Range, subtractRanges } from './ranges.ts'
import { columnCount, placeOf } from './strip.tsx'

export interface ComparisonProps {
  readonly first: AreaMap
  readonly second: AreaMap
  readonly view: Range
}

export function ComparisonStrip({ first, second, view }: ComparisonProps) {
  const obstacle = comparisonObstacle(first, second)
  const comparison = useMemo(
    () => (obstacle === undefined ? compareMaps(first, second) : undefined),
    [first, second, obstacle],
  )
  const { start, end } = view
  const rows = useMemo(
    () =>
      comparison
        ? (
            [
              ['both', 'In both', comparison.both],
              ['first', `Only in ${first.name}`, comparison.onlyFirst],
              ['second', `Only in ${second.name}`, comparison.onlySecond],
            ] as const
          ).map(([kind, label, ranges]) => ({
            kind,
            label,
            length: lengthOf(ranges),
            path: columnsPath(ranges, { start, end }, columnCount),
          }))
        : [],
    [comparison, first, second, start, end],
  )
  if (!comparison) return <p className="rv-disk-obstacle">{obstacle}</p>
  return (
    <div className="rv-disk-comparison">
      {rows.map(({ kind, label, length, path }) => (
        <div className="rv-disk-strip-row" key={kind} data-comparison={kind}>
          <div className="rv-disk-strip-label">
            <strong>{label}</strong>{' '}
            <span>
              {formatBytes(length)} ({formatShare(length, lengthOf(comparison.compared))}
              {isCompleteComparison(comparison, first.capacity)
                ? ' of the disk)'
                : ` of the ${formatBytes(lengthOf(comparison.compared))} that both have loaded)`}
            </span>
          </div>
          <div className={`rv-disk-strip rv-thin rv-compared-${kind}`}>
            <svg viewBox={`0 0 ${columnCount} 1`} preserveAspectRatio="none" aria-hidden="true">
              <path d={path} />
            </svg>
            {subtractRanges([view], comparison.compared).map((range) => (
              <div key={range.start} className="rv-not-loaded" style={placeOf(range, view)} />
            ))}
          </div>
        </div>
      ))}
    </div>
  )
}
