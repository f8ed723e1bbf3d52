// The areas of a disk as a picture needs them: what is known of the disk, exactly or by slices, and what is not loaded.

import { bisector } from 'd3-array'
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
  /** The loaded areas: sorted and disjoint. The list of a stream is appended to in place. */
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

const byEnd = bisector(({ start, length }: Area) => start + length).right

/** Returns the first area that ends behind `offset`, or the number of areas. */
export const firstAreaFrom = (areas: readonly Area[], offset: number): number => byEnd(areas, offset)

/** The lengths of the first 0, 1, 2 … areas of a list together. Lists only grow at their end, and so do their sums. */
const sumsOfLists = new WeakMap<readonly Area[], number[]>()

function sumsOf(areas: readonly Area[]): readonly number[] {
  const sums = sumsOfLists.get(areas) ?? [0]
  sumsOfLists.set(areas, sums)
  for (let count = sums.length - 1; count < areas.length; count += 1)
    sums.push(sums[count]! + areas[count]!.length)
  return sums
}

/** Returns the number of bytes within areas before `offset`. It reads few of the areas. */
export function bytesBefore(areas: readonly Area[], offset: number): number {
  const index = firstAreaFrom(areas, offset)
  const area = areas[index]
  return sumsOf(areas)[index]! + (area ? Math.max(0, offset - area.start) : 0)
}

/** Returns the length of all areas. */
export const totalLengthOf = (areas: readonly Area[]): number => sumsOf(areas)[areas.length]!

/** A range of the disk with a number of bytes that are somewhere in it. */
export interface Estimate extends Range {
  readonly bytes: number
}

/** Returns where slice `index` of `count` equal slices begins. The gateway rounds down in the same way. */
export const sliceStart = (capacity: number, count: number, index: number): number =>
  Number((BigInt(index) * BigInt(capacity)) / BigInt(count))

/** Returns what the density of a map says about the parts of the disk whose areas are not loaded: sorted and disjoint. */
export function estimatesOf({ areas, known, density = [], capacity }: AreaMap): Estimate[] {
  const count = density.length
  return density.flatMap((bytes, index) => {
    const slice = { start: sliceStart(capacity, count, index), end: sliceStart(capacity, count, index + 1) }
    const parts = subtractRanges([slice], known)
    const length = parts.reduce((sum, { start, end }) => sum + end - start, 0)
    const loaded = bytesBefore(areas, slice.end) - bytesBefore(areas, slice.start)
    const remaining = Math.max(0, bytes - loaded)
    if (remaining === 0) return []
    return parts.map(({ start, end }) => ({ start, end, bytes: (remaining * (end - start)) / length }))
  })
}

/** Returns where neither areas nor slices say what the disk has. */
export const unknownOf = ({ known, density, capacity }: AreaMap): Range[] =>
  density && density.length > 0 ? [] : subtractRanges([{ start: 0, end: capacity }], known)
