// Complete write history of one disk. All changes between two points are computed from it. It is independent of
// changeIds (tracking.ts) and windows (windows.ts). Writes are appended to a branch:
//
//   first writes -- w w w w -- P -- w w w      a point is a position between two writes
//                               \
//                                -- w w -- now  reverting to P starts a new branch

import { type Areas, type ByteRange, grainAreas, grainOf, mergeRanges } from './ranges.ts'

export interface Write {
  readonly offset: number
  readonly length: number
  /** Milliseconds since 1970. */
  readonly time: number
}

/** A write with a number that no other write of the disk has, also on discarded branches. */
export interface NumberedWrite extends Write {
  readonly number: number
}

interface Branch {
  readonly parent: Point | undefined
  readonly offsets: number[]
  readonly lengths: number[]
  readonly times: number[]
  readonly numbers: number[]
}

/** A position in a disk's history. */
export interface Point {
  readonly branch: Branch
  readonly position: number
}

const newBranch = (parent?: Point): Branch => ({
  parent,
  offsets: [],
  lengths: [],
  times: [],
  numbers: [],
})
const maxCachedAreas = 4

export class WriteHistory {
  #capacity: number
  readonly #firstWrites: () => Iterable<Write>
  #branch = newBranch()
  #recorded = 0
  #areas: { since: Point | undefined; until: Point; areas: Areas }[] = []

  /** @param firstWrites returns the writes before the first point. It is called again each time they are needed. */
  constructor(capacity: number, firstWrites: () => Iterable<Write> = () => []) {
    this.#capacity = capacity
    this.#firstWrites = firstWrites
  }

  get capacity(): number {
    return this.#capacity
  }

  get grain(): number {
    return grainOf(this.#capacity)
  }

  /** Adds capacity at the end. */
  grow(capacity: number): void {
    if (capacity < this.#capacity) throw new RangeError('a disk cannot shrink')
    this.#capacity = capacity
    this.#areas = []
  }

  readonly beginning: Point = { branch: this.#branch, position: 0 }

  get now(): Point {
    return { branch: this.#branch, position: this.#branch.offsets.length }
  }

  record(offset: number, length: number, time: number): void {
    if (!(Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length > 0)) {
      throw new RangeError(
        `a write needs a non-negative integer offset and a positive integer length, got ${offset} and ${length}`,
      )
    }
    if (offset + length > this.capacity) {
      throw new RangeError(
        `a write of ${length} bytes at offset ${offset} exceeds the disk's capacity of ${this.capacity} bytes`,
      )
    }
    this.#branch.offsets.push(offset)
    this.#branch.lengths.push(length)
    this.#branch.times.push(time)
    this.#recorded += 1
    this.#branch.numbers.push(this.#recorded)
  }

  /** Continues the history from a point; writes after it are no longer on the disk. */
  revertTo(point: Point): void {
    this.#branch = newBranch(point)
  }

  /**
   * Yields the writes between two points on one line of history, in order; from the first write if `since` is
   * undefined.
   * @throws RangeError if `since` does not precede `until`.
   */
  *writes(since: Point | undefined, until: Point): Generator<Write> {
    for (const { number: _, ...write } of this.numberedWrites(since, until)) yield write
  }

  /** Yields the same writes with their numbers: negative before the first point, positive after it. */
  *numberedWrites(since: Point | undefined, until: Point): Generator<NumberedWrite> {
    const branchRanges = requireBranchRanges(since, until)
    let first = 0
    if (!since)
      for (const { offset, length, time } of this.#firstWrites())
        yield { offset, length, time, number: --first }
    for (const { branch, from, to } of branchRanges) {
      for (let index = from; index < to; index += 1) {
        yield {
          offset: branch.offsets[index] as number,
          length: branch.lengths[index] as number,
          time: branch.times[index] as number,
          number: branch.numbers[index] as number,
        }
      }
    }
  }

  /** Returns the exact bytes written between two points. */
  ranges(since: Point | undefined, until: Point): ByteRange[] {
    return mergeRanges([...this.writtenRanges(since, until)])
  }

  /** Returns the grains written between two points. */
  areas(since: Point | undefined, until: Point): Areas {
    const cached = this.#areas.find((each) => isSame(each.since, since) && isSame(each.until, until))
    if (cached) return cached.areas
    const areas = grainAreas(this.writtenRanges(since, until), this.grain)
    // A client queries areas window by window, often for several disks or pairs of points concurrently.
    this.#areas = [{ since, until, areas }, ...this.#areas.slice(0, maxCachedAreas - 1)]
    return areas
  }

  /** Yields the writes as ranges, neither sorted nor merged. */
  *writtenRanges(since: Point | undefined, until: Point): Generator<ByteRange> {
    // Reads the offsets and lengths only: the sizes of files are computed from all writes, often.
    const branchRanges = requireBranchRanges(since, until)
    if (!since)
      for (const { offset, length } of this.#firstWrites()) yield { start: offset, end: offset + length }
    for (const { branch, from, to } of branchRanges) {
      for (let index = from; index < to; index += 1) {
        const start = branch.offsets[index] as number
        yield { start, end: start + (branch.lengths[index] as number) }
      }
    }
  }
}

interface BranchRange {
  readonly branch: Branch
  readonly from: number
  readonly to: number
}

/**
 * Returns the branch sections from one point to another, in order; undefined if `until` does not descend from
 * `since`.
 */
function branchRangesBetween(since: Point | undefined, until: Point): BranchRange[] | undefined {
  const branchRanges: BranchRange[] = []
  let at: Point | undefined = until
  while (at && at.branch !== since?.branch) {
    branchRanges.unshift({ branch: at.branch, from: 0, to: at.position })
    at = at.branch.parent
  }
  if (!since) return branchRanges
  if (!at || since.position > at.position) return undefined
  return [{ branch: at.branch, from: since.position, to: at.position }, ...branchRanges]
}

function requireBranchRanges(since: Point | undefined, until: Point): BranchRange[] {
  const branchRanges = branchRangesBetween(since, until)
  if (!branchRanges) throw new RangeError('`since` does not precede `until`')
  return branchRanges
}

/** Whether `until` descends from `since`. */
export const isAncestor = (since: Point, until: Point): boolean =>
  branchRangesBetween(since, until) !== undefined

/** Returns the latest common ancestor of two points. */
export function commonAncestor(a: Point, b: Point): Point {
  const positions = new Map<Branch, number>()
  for (let at: Point | undefined = a; at; at = at.branch.parent) positions.set(at.branch, at.position)
  for (let at: Point | undefined = b; at; at = at.branch.parent) {
    const position = positions.get(at.branch)
    if (position !== undefined) return { branch: at.branch, position: Math.min(position, at.position) }
  }
  throw new RangeError('the points belong to different disks')
}

const isSame = (a: Point | undefined, b: Point | undefined): boolean =>
  a?.branch === b?.branch && a?.position === b?.position
