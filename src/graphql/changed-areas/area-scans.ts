// The scans of one request: whoever wants areas of the same disk since the same point shares one pass over the windows.
//
//   consumers join within a tick -> the pass begins at the least offset that any of them needs
//   -> each window goes to all of them -> a page leaves when it is full -> the pass ends when nobody is left
//   -> where all who are left begin farther on, the pass goes on from there; a failure meets those who have begun

import { type Area, CoverageError, merged, type Window } from '../../vim25/changed-disk-areas.ts'

/** Asks vSphere for windows from an offset on; see vim25/changed-disk-areas.ts. */
export type WindowSource = (startOffset: number) => AsyncGenerator<Window>

/** What a consumer is given: whole areas, in order, and how far the disk is covered with them. */
interface Batch {
  readonly areas: readonly Area[]
  readonly covered: number
}

interface Consumer {
  /** Where it needs the pass to begin. */
  readonly from: number
  /** Takes a batch; true when it needs no more. */
  readonly take: (batch: Batch) => boolean
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

  /** The scan of one disk between two points; the key names all three. */
  scan(key: string, source: WindowSource, capacity: number): AreaScan {
    let scan = this.#scans.get(key)
    if (!scan) {
      scan = new AreaScan(source, capacity)
      this.#scans.set(key, scan)
    }
    return scan
  }
}

export class AreaScan {
  readonly #source: WindowSource
  readonly #capacity: number
  #joining: Consumer[] = []

  constructor(source: WindowSource, capacity: number) {
    this.#source = source
    this.#capacity = capacity
  }

  /** The first areas that begin at an offset or behind it. Stops asking when it has them. */
  page(from: number, size: number): Promise<AreaPage> {
    const areas: Area[] = []
    return new Promise((resolve, reject) => {
      // A page of nothing asks nothing; whether something follows is then not known, so it may.
      if (size === 0 || from >= this.#capacity) return resolve({ areas, hasNextPage: from < this.#capacity })
      const done = (hasNextPage: boolean) => {
        resolve({ areas, hasNextPage })
        return true
      }
      this.#join({
        from,
        fail: reject,
        take: (batch) => {
          for (const area of clippedFrom(batch.areas, from)) {
            if (areas.length === size) return done(true)
            areas.push(area)
          }
          if (batch.covered >= this.#capacity) return done(false)
          return areas.length === size && done(true)
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
        fail: reject,
        take: ({ areas, covered }) => {
          add(areas)
          if (covered < this.#capacity) return false
          resolve(result())
          return true
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
    const give = (batch: Batch) => {
      waiting = waiting.filter((consumer) => !consumer.take(batch))
    }
    const least = () => Math.min(...waiting.map((consumer) => consumer.from))
    let asking = least()
    try {
      if (this.#capacity === 0) give({ areas: [], covered: 0 })
      for await (const batch of wholeAreas(this.#source(asking), this.#capacity)) {
        asking = batch.asked
        give(batch)
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
 * The areas of windows, each in one piece: one that touches the end of its window may go on in the next one, and is held until
 * that is known. `asked`: where the windows so far end.
 */
export async function* wholeAreas(
  windows: AsyncIterable<Window>,
  capacity: number,
): AsyncGenerator<Batch & { readonly asked: number }, void> {
  let held: Area[] = []
  for await (const { areas: found, nextOffset } of windows) {
    const areas = merged([...held, ...found], capacity)
    const last = areas.at(-1)
    const mayGoOn = last !== undefined && last.start + last.length >= nextOffset && nextOffset < capacity
    held = mayGoOn ? [last] : []
    yield {
      areas: mayGoOn ? areas.slice(0, -1) : areas,
      covered: mayGoOn ? last.start : nextOffset,
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
