// The scans of one request: whoever wants areas of the same disk since the same point shares one pass over the windows.
//
//   consumers join within a tick -> the pass begins at the least offset that any of them needs
//   -> each window goes to all of them -> a page leaves when it is full and its windows are confirmed
//   -> the pass ends when nobody is left
//   -> where all who are left begin farther on, the pass goes on from there; a failure meets those who have begun

import { type Area, CoverageError, merged, type Window } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'

/** Where the windows of one disk between two points come from. */
export interface WindowSource {
  /** Asks vSphere for them from an offset on, `ahead` for those who want all of them; see vim25/changed-disk-areas/changed-disk-areas.ts. */
  windows(startOffset: number, ahead: boolean): AsyncGenerator<Window>
  /** Proves that all windows up to now are of the same state of the disk, where that is not so by itself. */
  confirm?(): Promise<void>
}

/** What a consumer is given: whole areas, in order, and how far the disk is covered with them. */
interface Batch {
  readonly areas: readonly Area[]
  readonly covered: number
  /** Whether one more has begun, whose end is not known. */
  readonly oneMore: boolean
}

interface Consumer {
  /** Where it needs the pass to begin. */
  readonly from: number
  /** It needs the pass to go on to the capacity. */
  readonly toTheEnd: boolean
  /** Takes a batch; true when it needs no more. */
  readonly take: (batch: Batch) => boolean
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
  #joining: Consumer[] = []

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
        toTheEnd: false,
        fail: reject,
        finish: () => resolve({ areas, hasNextPage }),
        take: ({ areas: more, covered, oneMore }) => {
          for (const area of clippedFrom(more, from)) {
            if (areas.length === size) return true
            areas.push(area)
          }
          hasNextPage = covered < this.#capacity
          return (
            !hasNextPage ||
            areas.length === size ||
            (oneMore && areas.length > 0 && areas.length === size - 1)
          )
        },
      })
    })
  }

  /** How many areas there are on the whole disk, and how many bytes in them. Holds no list. */
  totals(): Promise<AreaTotals> {
    let count = 0
    let length = 0
    return this.#whole(
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
    return this.#whole(
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

  #whole<T>(add: (areas: readonly Area[]) => void, result: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#join({
        from: 0,
        toTheEnd: true,
        fail: reject,
        finish: () => resolve(result()),
        take: ({ areas, covered }) => {
          add(areas)
          return covered >= this.#capacity
        },
      })
    })
  }

  #join(consumer: Consumer): void {
    if (this.#joining.length === 0) {
      // After this tick, so that all that is selected beside it has joined too.
      setImmediate(() => {
        const consumers = this.#joining
        this.#joining = []
        void this.#pass(consumers)
      })
    }
    this.#joining.push(consumer)
  }

  async #pass(consumers: readonly Consumer[]): Promise<void> {
    let waiting = consumers
    const give = async (batch: Batch) => {
      const full = new Set(waiting.filter((consumer) => consumer.take(batch)))
      if (full.size === 0) return
      await this.#source.confirm?.()
      waiting = waiting.filter((consumer) => !full.has(consumer))
      for (const consumer of full) consumer.finish()
    }
    const least = () => Math.min(...waiting.map((consumer) => consumer.from))
    let asking = least()
    const ahead = waiting.some(({ toTheEnd }) => toTheEnd)
    try {
      if (this.#capacity === 0) await give({ areas: [], covered: 0, oneMore: false })
      for await (const batch of wholeAreas(this.#source.windows(asking, ahead), this.#capacity, this.#gap)) {
        asking = batch.asked
        await give(batch)
        if (waiting.length === 0) return
        // Those who are left begin farther on; nobody needs what lies between.
        if (least() > asking) return await this.#pass(waiting)
      }
      if (waiting.length > 0)
        throw new CoverageError(`the windows end at ${asking}, before the capacity of ${this.#capacity}`)
    } catch (error) {
      // A page that begins behind the failure does not need what failed.
      const behind = waiting.filter((consumer) => consumer.from > asking)
      for (const consumer of waiting) if (!behind.includes(consumer)) consumer.fail(error)
      if (behind.length > 0) await this.#pass(behind)
    }
  }
}

/**
 * The areas of windows, each in one piece: one that touches the end of its window, or comes near enough, may go on in the next
 * one, and is held until that is known. `asked`: where the windows so far end.
 */
export async function* wholeAreas(
  windows: AsyncIterable<Window>,
  capacity: number,
  gap: number,
): AsyncGenerator<Batch & { readonly asked: number }, void> {
  let held: Area[] = []
  for await (const { areas: found, nextOffset } of windows) {
    const areas = merged([...held, ...found], capacity, gap)
    const last = areas.at(-1)
    const mayGoOn =
      last !== undefined && nextOffset - (last.start + last.length) <= gap && nextOffset < capacity
    held = mayGoOn ? [last] : []
    yield {
      areas: mayGoOn ? areas.slice(0, -1) : areas,
      covered: mayGoOn ? last.start : nextOffset,
      oneMore: mayGoOn,
      asked: nextOffset,
    }
  }
}

function* clippedFrom(areas: readonly Area[], from: number): Generator<Area> {
  for (const { start, length } of areas) {
    const begin = Math.max(start, from)
    if (start + length > begin) yield { start: begin, length: start + length - begin }
  }
}
