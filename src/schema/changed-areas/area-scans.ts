// The scans of one request: whoever wants areas of the same disk since the same point shares one pass over the windows.
//
//   consumers join within a tick -> the pass begins at the least offset that any of them needs
//   -> each window goes to all of them -> a page leaves when it is full and its windows are confirmed
//   -> the pass ends when nobody is left
//   -> where all who are left begin farther on, the pass goes on from there; a failure meets those who have begun

import {
  type Area,
  type AreaWindow,
  CoverageError,
  mergeAreas,
} from '../../vim25/changed-disk-areas/changed-disk-areas.ts'

/** Where the windows of one disk between two points come from. */
export interface WindowSource {
  /** Asks vSphere for them from an offset on, `ahead` for those who want all of them; see vim25/changed-disk-areas/changed-disk-areas.ts. */
  windows(startOffset: number, prefetch: boolean): AsyncGenerator<AreaWindow>
  /** Proves that all windows up to now are of the same state of the disk, where that is not so by itself. */
  confirm?(): Promise<void>
}

/** What a consumer is given: whole areas, in order, and how far the disk is covered with them. */
interface Batch {
  readonly areas: readonly Area[]
  readonly coveredUntil: number
  /** Whether one more has begun, whose end is not known. */
  readonly hasPartialArea: boolean
}

interface Consumer {
  /** Where it needs the pass to begin. */
  readonly from: number
  /** It needs the pass to go on to the capacity. */
  readonly needsWholeDisk: boolean
  /** Takes a batch; true when it needs no more. */
  readonly accept: (batch: Batch) => boolean
  readonly finish: () => void
  readonly fail: (error: unknown) => void
}

/** One page of areas. */
export interface AreaPage {
  readonly areas: readonly Area[]
  /** False only when the capacity was reached. */
  readonly hasNextPage: boolean
}

export interface AreaTotals {
  readonly count: number
  readonly length: number
}

export class AreaScans {
  readonly #scans = new Map<string, AreaScan>()

  /** The scan of one disk between two points, areas merged whose gap is at most so large; the key names all of it. */
  scan(key: string, source: WindowSource, capacity: number, gap = 0): AreaScan {
    let scan = this.#scans.get(key)
    if (!scan) {
      scan = new AreaScan(source, capacity, gap)
      this.#scans.set(key, scan)
    }
    return scan
  }
}

export class AreaScan {
  readonly #source: WindowSource
  readonly #capacity: number
  readonly #gap: number
  #joiningConsumers: Consumer[] = []

  constructor(source: WindowSource, capacity: number, gap: number) {
    this.#source = source
    this.#capacity = capacity
    this.#gap = gap
  }

  /**
   * The first areas that begin at an offset or behind it. Stops asking when it has them; or when it has all but one, and
   * only another window could tell where that one ends: windows of as many areas as a page has would cost two calls each.
   */
  page(from: number, size: number): Promise<AreaPage> {
    const areas: Area[] = []
    return new Promise((resolve, reject) => {
      // A page of nothing asks nothing; whether something follows is then not known, so it may.
      if (size === 0 || from >= this.#capacity) return resolve({ areas, hasNextPage: from < this.#capacity })
      let hasNextPage = true
      this.#join({
        from,
        needsWholeDisk: false,
        fail: reject,
        finish: () => resolve({ areas, hasNextPage }),
        accept: ({ areas: batchAreas, coveredUntil, hasPartialArea }) => {
          for (const area of clipTo(batchAreas, from)) {
            if (areas.length === size) return true
            areas.push(area)
          }
          hasNextPage = coveredUntil < this.#capacity
          return (
            !hasNextPage ||
            areas.length === size ||
            (hasPartialArea && areas.length > 0 && areas.length === size - 1)
          )
        },
      })
    })
  }

  /** How many areas there are on the whole disk, and how many bytes in them. Holds no list. */
  totals(): Promise<AreaTotals> {
    let count = 0
    let length = 0
    return this.#scanWholeDisk(
      (areas) => {
        for (const area of areas) {
          count += 1
          length += area.length
        }
      },
      () => ({ count, length }),
    )
  }

  /** The bytes within areas in each of so many equal slices of the disk. */
  density(buckets: number): Promise<number[]> {
    const bytes = new Array<number>(buckets).fill(0)
    // Whole bytes only: slice i is [floor(i*capacity/buckets), floor((i+1)*capacity/buckets)). BigInt keeps large disks exact.
    const bounds = Array.from({ length: buckets + 1 }, (_, index) =>
      Number((BigInt(index) * BigInt(this.#capacity)) / BigInt(buckets)),
    )
    const bound = (index: number) => bounds[index] as number
    let bucket = 0
    return this.#scanWholeDisk(
      (areas) => {
        for (const { start, length } of areas) {
          while (bound(bucket + 1) <= start) bucket += 1
          for (let each = bucket; each < buckets && bound(each) < start + length; each += 1) {
            bytes[each] =
              (bytes[each] as number) +
              Math.min(start + length, bound(each + 1)) -
              Math.max(start, bound(each))
          }
        }
      },
      () => bytes,
    )
  }

  #scanWholeDisk<T>(add: (areas: readonly Area[]) => void, result: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#join({
        from: 0,
        needsWholeDisk: true,
        fail: reject,
        finish: () => resolve(result()),
        accept: ({ areas, coveredUntil }) => {
          add(areas)
          return coveredUntil >= this.#capacity
        },
      })
    })
  }

  #join(consumer: Consumer): void {
    if (this.#joiningConsumers.length === 0) {
      // After this tick, so that all that is selected beside it has joined too.
      setImmediate(() => {
        const consumers = this.#joiningConsumers
        this.#joiningConsumers = []
        void this.#runPass(consumers)
      })
    }
    this.#joiningConsumers.push(consumer)
  }

  async #runPass(consumers: readonly Consumer[]): Promise<void> {
    let remaining = consumers
    const deliver = async (batch: Batch) => {
      const finished = new Set(remaining.filter((consumer) => consumer.accept(batch)))
      if (finished.size === 0) return
      await this.#source.confirm?.()
      remaining = remaining.filter((consumer) => !finished.has(consumer))
      for (const consumer of finished) consumer.finish()
    }
    const minStart = () => Math.min(...remaining.map((consumer) => consumer.from))
    let offset = minStart()
    const prefetch = remaining.some(({ needsWholeDisk }) => needsWholeDisk)
    try {
      if (this.#capacity === 0) await deliver({ areas: [], coveredUntil: 0, hasPartialArea: false })
      for await (const batch of mergeAcrossWindows(
        this.#source.windows(offset, prefetch),
        this.#capacity,
        this.#gap,
      )) {
        offset = batch.scannedUntil
        await deliver(batch)
        if (remaining.length === 0) return
        // Those who are left begin farther on; nobody needs what lies between.
        if (minStart() > offset) return await this.#runPass(remaining)
      }
      if (remaining.length > 0)
        throw new CoverageError(`the windows end at ${offset}, before the capacity of ${this.#capacity}`)
    } catch (error) {
      // A page that begins behind the failure does not need what failed.
      const unaffected = remaining.filter((consumer) => consumer.from > offset)
      for (const consumer of remaining) if (!unaffected.includes(consumer)) consumer.fail(error)
      if (unaffected.length > 0) await this.#runPass(unaffected)
    }
  }
}

/**
 * The areas of windows, each in one piece: one that touches the end of its window, or comes near enough, may go on in the next
 * one, and is held until that is known. `asked`: where the windows so far end.
 */
export async function* mergeAcrossWindows(
  windows: AsyncIterable<AreaWindow>,
  capacity: number,
  gap: number,
): AsyncGenerator<Batch & { readonly scannedUntil: number }, void> {
  let pending: Area[] = []
  for await (const { areas: found, nextOffset } of windows) {
    const areas = mergeAreas([...pending, ...found], capacity, gap)
    const last = areas.at(-1)
    const mayContinue =
      last !== undefined && nextOffset - (last.start + last.length) <= gap && nextOffset < capacity
    pending = mayContinue ? [last] : []
    yield {
      areas: mayContinue ? areas.slice(0, -1) : areas,
      coveredUntil: mayContinue ? last.start : nextOffset,
      hasPartialArea: mayContinue,
      scannedUntil: nextOffset,
    }
  }
}

function* clipTo(areas: readonly Area[], from: number): Generator<Area> {
  for (const { start, length } of areas) {
    const clippedStart = Math.max(start, from)
    if (start + length > clippedStart) yield { start: clippedStart, length: start + length - clippedStart }
  }
}
