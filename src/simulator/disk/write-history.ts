// The book of one disk: every write that was ever made to it. What changed between two points is computed from here
// and from nowhere else. Knows no changeIds and no windows; tracking.ts and changed-areas.ts do.
//
//   first writes -- w w w w -- P -- w w w      a branch; a point is a place between two writes
//                               \
//                                -- w w -- now  going back to P begins another

import { type Areas, type ByteRange, grainAreas, grainOf, mergeRanges } from './ranges.ts'

export interface Write {
  readonly offset: number
  readonly length: number
  /** Milliseconds since 1970. */
  readonly time: number
}

interface Branch {
  readonly parent: Point | undefined
  readonly offsets: number[]
  readonly lengths: number[]
  readonly times: number[]
}

/** A moment in a disk's history. */
export interface Point {
  readonly branch: Branch
  readonly position: number
}

const newBranch = (parent?: Point): Branch => ({ parent, offsets: [], lengths: [], times: [] })
const maxCachedAreas = 4

export class WriteHistory {
  #capacity: number
  readonly #firstWrites: () => Iterable<Write>
  #branch = newBranch()
  #areas: { since: Point | undefined; until: Point; areas: Areas }[] = []

  /** `firstWrites` are those from before the first point; they are generated anew each time they are looked at. */
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

  /** More room behind all that is there. */
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
      throw new RangeError(`a write needs a whole offset and length, not ${offset} and ${length}`)
    }
    if (offset + length > this.capacity) {
      throw new RangeError(`a write of ${length} at ${offset} leaves a disk of ${this.capacity}`)
    }
    this.#branch.offsets.push(offset)
    this.#branch.lengths.push(length)
    this.#branch.times.push(time)
  }

  /** What comes next continues from that point; what came after it is no longer on the disk. */
  revertTo(point: Point): void {
    this.#branch = newBranch(point)
  }

  /** The writes between two points of one line of history, in order; from the very first if `since` is undefined. */
  *writes(since: Point | undefined, until: Point): Generator<Write> {
    const branchRanges = branchRangesBetween(since, until)
    if (!branchRanges) throw new RangeError('the one point does not come before the other')
    if (!since) yield* this.#firstWrites()
    for (const { branch, from, to } of branchRanges) {
      for (let index = from; index < to; index += 1) {
        yield {
          offset: branch.offsets[index] as number,
          length: branch.lengths[index] as number,
          time: branch.times[index] as number,
        }
      }
    }
  }

  /** The bytes written between two points, exactly. */
  ranges(since: Point | undefined, until: Point): ByteRange[] {
    return mergeRanges([...this.writtenRanges(since, until)])
  }

  /** The grains written to between two points. */
  areas(since: Point | undefined, until: Point): Areas {
    const kept = this.#areas.find((each) => isSame(each.since, since) && isSame(each.until, until))
    if (kept) return kept.areas
    const areas = grainAreas(this.writtenRanges(since, until), this.grain)
    // A client asks for them window by window, often several disks' or two points' at a time.
    this.#areas = [{ since, until, areas }, ...this.#areas.slice(0, maxCachedAreas - 1)]
    return areas
  }

  /** The writes as ranges, neither sorted nor merged. */
  *writtenRanges(since: Point | undefined, until: Point): Generator<ByteRange> {
    for (const { offset, length } of this.writes(since, until)) yield { start: offset, end: offset + length }
  }
}

interface BranchRange {
  readonly branch: Branch
  readonly from: number
  readonly to: number
}

/** The pieces of branches from one point to another, in order; undefined when the second did not grow from the first. */
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

/** Whether what is at one point grew from what was at the other. */
export const grewFrom = (since: Point, until: Point): boolean =>
  branchRangesBetween(since, until) !== undefined

/** The last point that both of two points grew from. */
export function commonPoint(a: Point, b: Point): Point {
  const ways = new Map<Branch, number>()
  for (let at: Point | undefined = a; at; at = at.branch.parent) ways.set(at.branch, at.position)
  for (let at: Point | undefined = b; at; at = at.branch.parent) {
    const position = ways.get(at.branch)
    if (position !== undefined) return { branch: at.branch, position: Math.min(position, at.position) }
  }
  throw new RangeError('the points are of two books')
}

const isSame = (a: Point | undefined, b: Point | undefined): boolean =>
  a?.branch === b?.branch && a?.position === b?.position
