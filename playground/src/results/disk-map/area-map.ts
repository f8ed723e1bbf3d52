// The areas of a disk as a picture needs them: what is known of the disk, exactly or by slices, and what is not loaded.

import { type Range, subtractRanges } from './ranges.ts'

/** A range of bytes that is in use or that changed. */
export interface Area {
  readonly start: number
  readonly length: number
}

/** One list of areas of one disk. */
export interface AreaMap {
  /** Name of the list in the response, such as "allocatedAreas" or an alias. */
  readonly name: string
  /** What its areas are: everything in use, what changed since a point, or not known. */
  readonly meaning: 'in use' | 'changed' | 'listed'
  /** Size of the disk, in bytes. */
  readonly capacity: number
  /** Whether the response has the size of the disk. Otherwise `capacity` is the end of the last area. */
  readonly isCapacityKnown: boolean
  /** The loaded areas: sorted and disjoint. */
  readonly areas: readonly Area[]
  /** Where the loaded areas are all areas there are. */
  readonly known: readonly Range[]
  /** Bytes within areas in equal slices of the whole disk. */
  readonly density?: readonly number[] | undefined
  /** Length of all areas of the disk, in bytes, loaded or not. */
  readonly totalLength?: number | undefined
  /** Number of all areas of the disk, loaded or not. */
  readonly totalCount?: number | undefined
}

/** What a page of areas says about its position on the disk. */
export interface AreaPage {
  readonly areas: readonly Area[]
  readonly capacity: number
  /** Whether the page begins at the start of the disk, which it does without a cursor. */
  readonly isFirst: boolean
  readonly hasNextPage?: boolean | undefined
  readonly totalCount?: number | undefined
}

/**
 * Returns where the areas of a page are all areas of the disk. A page after a cursor begins at an unknown offset, so at its first
 * area; a page before another one ends behind its last area.
 */
export function knownByPage({ areas, capacity, isFirst, hasNextPage, totalCount }: AreaPage): Range[] {
  const isLast = hasNextPage === false || (isFirst && totalCount === areas.length)
  const last = areas.at(-1)
  const start = isFirst ? 0 : (areas[0]?.start ?? (isLast ? capacity : 0))
  const end = isLast ? capacity : last === undefined ? start : last.start + last.length
  return start < end ? [{ start, end }] : []
}

/** A range of the disk with the number of bytes in it that are within areas. */
export interface Segment extends Range {
  readonly bytes: number
  /** Whether the whole range is within one area. Otherwise its bytes are somewhere in the range. */
  readonly isExact: boolean
}

/** Returns where slice `index` of `count` equal slices begins. The gateway rounds down in the same way. */
export const sliceStart = (capacity: number, count: number, index: number): number =>
  Number((BigInt(index) * BigInt(capacity)) / BigInt(count))

/** Returns the areas of a map, and where they are not loaded, what its density says: sorted and disjoint. */
export function segmentsOf({ areas, known, density, capacity }: AreaMap): Segment[] {
  const exact = areas.map(({ start, length }) => ({
    start,
    end: start + length,
    bytes: length,
    isExact: true,
  }))
  if (!density || density.length === 0) return exact
  const count = density.length
  // Both lists are sorted, so one pass over the areas serves all slices.
  let at = 0
  const spread = density.flatMap((bytes, index) => {
    const slice = { start: sliceStart(capacity, count, index), end: sliceStart(capacity, count, index + 1) }
    const parts = subtractRanges([slice], known)
    const length = parts.reduce((sum, { start, end }) => sum + end - start, 0)
    let loaded = 0
    while (at < exact.length && exact[at]!.end <= slice.start) at += 1
    for (let each = at; each < exact.length && exact[each]!.start < slice.end; each += 1)
      loaded += Math.min(exact[each]!.end, slice.end) - Math.max(exact[each]!.start, slice.start)
    const remaining = Math.max(0, bytes - loaded)
    if (remaining === 0) return []
    return parts.map(({ start, end }) => ({
      start,
      end,
      bytes: (remaining * (end - start)) / length,
      isExact: false,
    }))
  })
  return [...exact, ...spread].sort((a, b) => a.start - b.start)
}

/** Returns where neither areas nor slices say what the disk has. */
export const unknownOf = ({ known, density, capacity }: AreaMap): Range[] =>
  density && density.length > 0 ? [] : subtractRanges([{ start: 0, end: capacity }], known)
