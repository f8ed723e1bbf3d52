// Finds the changes for inventoryChanges: all objects that match the filter, then those that enter, change or leave.
// The update stream only reports which objects to read again. They are read completely, all of one event together, and compared with
// the state that was sent. So no change is lost or sent twice if the stream replays or loses updates, and a slow client costs only
// one entry for each changed object.

import { delay } from '../../concurrency/timing.ts'
import { Signal } from '../../vim25/updates/signal.ts'
import { RereadDelays } from '../../vim25/updates/transient-error.ts'
import type { Context } from '../context.ts'
import type { Coverage } from '../core/connections/coverage.ts'
import { type ClassifiedError, classifyError, isSurvivable } from '../errors/classify-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import type { FollowedType, InventoryChange } from './followed-type.ts'

/** Changes that are sent together. */
export interface InventoryChangeBatch {
  /** Whether the batch is part of the state at the start. */
  readonly initial: boolean
  readonly changes: readonly InventoryChange[]
  readonly coverage: readonly Coverage[]
}

/** Produces the batches of one subscription. */
export class InventoryChangeStream {
  readonly #types: readonly FollowedType[]
  readonly #vcenter: RequestVCenter
  readonly #batchSize: number
  readonly #budget: Context['budget']
  /** The state at the start was not sent completely yet. */
  #isInitial = true
  #hasScanned = false
  /** A full scan is needed. */
  #isStale = false
  /** The list of matching objects must be compared with those that were sent. */
  #needsComparison = false
  /** Why the update stream is not open. */
  #streamError: ClassifiedError | undefined
  /** Why the objects could not be read last. */
  #readError: ClassifiedError | undefined
  /** The coverage of the last batch; undefined before the first. From then on the stream waits for the end of an outage. */
  #lastCoverage: string | undefined
  #epoch = 0
  readonly #signal = new Signal()
  readonly #rereadDelays: RereadDelays

  /** @param context - its default page size is the maximum number of changes in a batch */
  constructor(
    types: readonly FollowedType[],
    vcenter: RequestVCenter,
    { pageSizes, budget }: Pick<Context, 'pageSizes' | 'budget'>,
  ) {
    this.#types = types
    this.#vcenter = vcenter
    this.#batchSize = pageSizes.defaultSize
    this.#budget = budget
    this.#rereadDelays = new RereadDelays(vcenter.recovery.reread)
  }

  async *batches(): AsyncGenerator<InventoryChangeBatch, void> {
    const { signal } = this.#vcenter.callOptions
    const ignoreAbort = this.#signal.failOnAbort(signal)
    const unwatch = this.#watch()
    try {
      for (;;) {
        await this.#signal.wait()
        // Reads that find no change, such as comparisons, do not add up until the next batch.
        this.#budget.reset()
        try {
          yield* this.#pendingBatches()
          this.#rereadDelays.reset()
        } catch (error) {
          if (this.#lastCoverage === undefined || !isSurvivable(error)) throw error
          this.#readError = classifyError(error)
          yield* this.#changedCoverage()
          // Retries until a read succeeds, with a full scan as after a lost update stream.
          this.#isStale = true
          await delay(this.#rereadDelays.after(error), { signal })
          this.#signal.notify()
        }
      }
    } finally {
      unwatch()
      ignoreAbort()
    }
  }

  #watch(): () => void {
    const target = {
      types: this.#types.map(({ type }) => type),
      paths: this.#types.flatMap(({ watchedPaths }) => watchedPaths),
    }
    const notified = (change: () => void, epoch = this.#epoch) => {
      this.#epoch = epoch
      change()
      this.#signal.notify()
    }
    return this.#vcenter.inventory.watch(target, {
      onRefresh: (epoch) =>
        notified(() => {
          this.#streamError = undefined
          this.#isStale = true
        }, epoch),
      onChanged: (objects, epoch) =>
        notified(() => {
          for (const type of this.#types) type.markChanged(objects)
        }, epoch),
      onCompare: (epoch) =>
        notified(() => {
          this.#needsComparison = true
        }, epoch),
      onUnavailable: (error) =>
        notified(() => {
          this.#streamError = classifyError(error)
        }),
      onError: (error) => this.#signal.fail(error),
    })
  }

  /** Reads and yields what has changed, until nothing is left or a new scan is needed. */
  async *#pendingBatches(): AsyncGenerator<InventoryChangeBatch, void> {
    if (this.#isStale) await this.#scan()
    else if (this.#needsComparison) await this.#compare()
    // The update stream cannot be opened, so that nothing was scanned yet.
    else if (!this.#hasScanned) return yield* this.#changedCoverage()
    while (!this.#isStale) {
      const initial = this.#isInitial ? await this.#diff((type, count) => type.takeInitial(count)) : undefined
      if (initial) {
        if (initial.length > 0) yield this.#batch(initial)
        continue
      }
      const changes = await this.#diff((type, count) => type.takeDirty(count))
      // The first batch that is not initial shows that the start is complete, so it is sent even if nothing has changed.
      const isFirst = this.#isInitial
      this.#isInitial = false
      if (isFirst || (changes && changes.length > 0)) yield this.#batch(changes ?? [])
      if (!changes) break
    }
    yield* this.#changedCoverage()
  }

  async #scan(): Promise<void> {
    this.#isStale = false
    this.#needsComparison = false
    const reader = this.#reader()
    await Promise.all(this.#types.map((type) => type.scan(reader, this.#isInitial)))
    this.#hasScanned = true
    this.#readError = undefined
  }

  async #compare(): Promise<void> {
    this.#needsComparison = false
    const reader = this.#reader()
    await Promise.all(this.#types.map((type) => type.compare(reader)))
  }

  /**
   * Takes up to a batch of objects and reads them, those of all types together.
   *
   * @returns their changes; undefined if there are no such objects
   */
  async #diff(
    take: (type: FollowedType, count: number) => readonly string[],
  ): Promise<InventoryChange[] | undefined> {
    let count = this.#batchSize
    const taken = this.#types.map((type) => {
      const keys = take(type, count)
      count -= keys.length
      return { type, keys }
    })
    if (count === this.#batchSize) return undefined
    const reader = this.#reader()
    const diffs = await Promise.all(taken.map(({ type, keys }) => type.read(keys, reader)))
    this.#readError = undefined
    return diffs.flatMap((diff) => diff())
  }

  #batch(changes: readonly InventoryChange[]): InventoryChangeBatch {
    const coverage = this.#coverage()
    this.#lastCoverage = digestOf(coverage)
    return { initial: this.#isInitial, changes, coverage: [coverage] }
  }

  /** Yields a batch without changes if the coverage has changed since the last batch. */
  *#changedCoverage(): Generator<InventoryChangeBatch, void> {
    if (digestOf(this.#coverage()) !== this.#lastCoverage) yield this.#batch([])
  }

  #coverage(): Coverage {
    const error = this.#streamError ?? this.#readError ?? null
    return {
      source: this.#vcenter.source,
      isComplete: error === null,
      undecidedCount: this.#types.reduce((sum, { undecidedCount }) => sum + undecidedCount, 0),
      error,
    }
  }

  /** Returns a reader that joins no retrieval of an earlier epoch, which may lack the change. */
  #reader() {
    return this.#vcenter.freshReader(this.#epoch)
  }
}

const digestOf = ({ isComplete, undecidedCount, error }: Coverage): string =>
  `${isComplete} ${undecidedCount} ${error?.code}`
