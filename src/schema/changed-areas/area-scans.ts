// Shares scans within one request: fields that need areas of the same disk since the same point share one pass over the windows.
//
//   consumers join within one tick -> the pass starts at the lowest offset that any consumer needs
//   -> consumers that come later still join until its first window has arrived, unless they need an earlier one
//   -> each window is delivered to all consumers -> a page is complete when it is full and its windows are confirmed
//   -> the pass ends when no consumer remains
//   -> if all remaining consumers start at a higher offset, the pass skips to it; an error fails only consumers that have started

import {
  type Area,
  type AreaWindow,
  CoverageError,
} from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import { type MergedAreas, mergeAcrossWindows } from './merge-windows.ts'

/** The source of the windows of one disk between two points in time. */
export interface WindowSource {
  /**
   * Queries the windows from an offset on.
   * @param prefetch whether to query the next window before the consumer needs it, for a scan of the whole disk; see
   *   vim25/changed-disk-areas/changed-disk-areas.ts
   */
  windows(startOffset: number, prefetch: boolean): AsyncGenerator<AreaWindow>
  /** Checks that all windows so far belong to the same state of the disk. Defined only for a live disk, which can change. */
  confirm?(): Promise<void>
  /** Queries the window at an offset for a later request. Defined only for a disk in a snapshot, which cannot change. */
  prefetch?(startOffset: number): void
}

interface Consumer {
  /** The offset at which the consumer needs the pass to start. */
  readonly from: number
  /** Whether the consumer needs the pass to continue to the capacity. */
  readonly needsWholeDisk: boolean
  /** Processes a batch. Returns true if the consumer needs no further batch. */
  readonly accept: (batch: MergedAreas) => boolean
  /** @param isAlone whether no other consumer has joined the pass */
  readonly finish: (isAlone: boolean) => void
  readonly fail: (error: unknown) => void
}

/** A pass over the windows. */
interface Pass {
  /** Those that need further batches. */
  consumers: readonly Consumer[]
  /** The offset of the window that is queried. */
  offset: number
  /** Whether it has had a single consumer all along. */
  isAlone: boolean
}

/** One page of areas. */
export interface AreaPage {
  readonly areas: readonly Area[]
  /** False only if the capacity was reached. */
  readonly hasNextPage: boolean
}

export interface AreaTotals {
  readonly count: number
  readonly length: number
}

export class AreaScans {
  readonly #scans = new Map<string, AreaScan>()

  /**
   * Returns the shared scan of one disk between two points in time.
   * @param key identifies the disk, the two points and the gap
   * @param gap areas that are at most this many bytes apart are merged
   */
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
  /** The passes that others may still join, since no window has arrived. */
  readonly #openPasses = new Set<Pass>()

  constructor(source: WindowSource, capacity: number, gap: number) {
    this.#source = source
    this.#capacity = capacity
    this.#gap = gap
  }

  /**
   * Returns the first `size` areas at or after an offset. Stops querying when the page is full, or when only the last area is
   * missing and its end needs another window: otherwise, a window with exactly as many areas as a page would cost two calls.
   * @param options.isContinued whether the client has read the page before this one, so that it probably reads the next one too
   */
  page(from: number, size: number, { isContinued = false } = {}): Promise<AreaPage> {
    const areas: Area[] = []
    return new Promise((resolve, reject) => {
      // An empty page needs no query. Whether areas follow is then unknown, so hasNextPage is true before the end.
      if (size === 0 || from >= this.#capacity) return resolve({ areas, hasNextPage: from < this.#capacity })
      let hasNextPage = true
      this.#join({
        from,
        needsWholeDisk: false,
        fail: reject,
        finish: (isAlone) => {
          const last = areas.at(-1)
          // Together with other consumers, such as totals, the next request would start at another offset.
          if (isContinued && isAlone && hasNextPage && last) this.#source.prefetch?.(last.start + last.length)
          resolve({ areas, hasNextPage })
        },
        accept: ({ areas: batchAreas, coveredUntil, hasPartialArea }) => {
          for (const area of batchAreas) {
            if (area.start + area.length <= from) continue
            if (areas.length === size) return true
            areas.push(area.start < from ? { start: from, length: area.start + area.length - from } : area)
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

  /** Returns the number and the total length of the areas on the whole disk, without keeping a list of them. */
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

  /** Returns the number of bytes within areas for each of `buckets` equal slices of the disk. */
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
    for (const pass of this.#openPasses) {
      if (consumer.from < pass.offset) continue
      pass.consumers = [...pass.consumers, consumer]
      pass.isAlone = false
      return
    }
    if (this.#joiningConsumers.length === 0) {
      // Runs after this tick, so that all consumers from the same selection have joined.
      setImmediate(() => {
        const consumers = this.#joiningConsumers
        this.#joiningConsumers = []
        void this.#runPass(consumers)
      })
    }
    this.#joiningConsumers.push(consumer)
  }

  async #runPass(consumers: readonly Consumer[], isAlone = consumers.length === 1): Promise<void> {
    const pass: Pass = { consumers, offset: minStart(consumers), isAlone }
    this.#openPasses.add(pass)
    const deliver = async (batch: MergedAreas) => {
      this.#openPasses.delete(pass)
      const finished = new Set(pass.consumers.filter((consumer) => consumer.accept(batch)))
      if (finished.size === 0) return
      await this.#source.confirm?.()
      pass.consumers = pass.consumers.filter((consumer) => !finished.has(consumer))
      for (const consumer of finished) consumer.finish(pass.isAlone)
    }
    const prefetch = consumers.some(({ needsWholeDisk }) => needsWholeDisk)
    try {
      if (this.#capacity === 0) await deliver({ areas: [], coveredUntil: 0, hasPartialArea: false })
      for await (const batch of mergeAcrossWindows(
        this.#source.windows(pass.offset, prefetch),
        this.#capacity,
        this.#gap,
      )) {
        pass.offset = batch.scannedUntil
        await deliver(batch)
        if (pass.consumers.length === 0) return
        // All remaining consumers start at a higher offset, so the windows in between are skipped.
        if (minStart(pass.consumers) > pass.offset) return await this.#runPass(pass.consumers, pass.isAlone)
      }
      if (pass.consumers.length > 0)
        throw new CoverageError(
          `the areas end at offset ${pass.offset}, before the capacity of ${this.#capacity} bytes`,
        )
    } catch (error) {
      this.#openPasses.delete(pass)
      // A page that starts after the failed window does not need that window.
      const unaffected = pass.consumers.filter((consumer) => consumer.from > pass.offset)
      for (const consumer of pass.consumers) if (!unaffected.includes(consumer)) consumer.fail(error)
      if (unaffected.length > 0) await this.#runPass(unaffected, pass.isAlone)
    }
  }
}

const minStart = (consumers: readonly Consumer[]) => Math.min(...consumers.map(({ from }) => from))
