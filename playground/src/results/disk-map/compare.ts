// Compares two maps of one disk: which bytes are in both, and which in only one.

import type { AreaMap } from './area-map.ts'
import { intersectRanges, lengthOf, type Range, subtractRanges } from './ranges.ts'

/** Where two maps agree and differ, within the part of the disk of which both are loaded. */
export interface Comparison {
  readonly both: readonly Range[]
  readonly onlyFirst: readonly Range[]
  readonly onlySecond: readonly Range[]
  /** The part of the disk that was compared. */
  readonly compared: readonly Range[]
}

/** Returns a reason why two maps cannot be compared, or undefined if they can. */
export function comparisonObstacle(first: AreaMap, second: AreaMap): string | undefined {
  if (first.isCapacityKnown && second.isCapacityKnown && first.capacity !== second.capacity)
    return 'The disk had another size at that time, so the maps are not compared.'
  if (intersectRanges(first.known, second.known).length > 0) return undefined
  return 'To compare the maps, select nodes { start length } and pageInfo { hasNextPage } in both: slices do not say which bytes are the same.'
}

const rangesOf = ({ areas, known }: AreaMap): Range[] =>
  intersectRanges(
    areas.map(({ start, length }) => ({ start, end: start + length })),
    known,
  )

export function compareMaps(first: AreaMap, second: AreaMap): Comparison {
  const compared = intersectRanges(first.known, second.known)
  const one = intersectRanges(rangesOf(first), compared)
  const other = intersectRanges(rangesOf(second), compared)
  return {
    both: intersectRanges(one, other),
    onlyFirst: subtractRanges(one, other),
    onlySecond: subtractRanges(other, one),
    compared,
  }
}

/** Whether all of the disk was compared. */
export const isCompleteComparison = ({ compared }: Comparison, capacity: number): boolean =>
  lengthOf(compared) === capacity
