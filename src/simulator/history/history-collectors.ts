// History collectors of any kind: they read a growing history in pages, and belong to the session that created them.

import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { ServiceMethodTable } from '../service/service-method.ts'
import type { Session } from '../service/sessions.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import { maxCollectors } from './event-log.ts'

/** A history, filtered for one collector. */
export interface History<T> {
  /** Returns the items that match the filter of the collector, the oldest first, whether or not the user may see them. */
  items(): readonly T[]
  /** The position of an item: greater than that of each older one. */
  positionOf(item: T): number
  /** Whether the user of the session may see the item. */
  isVisible(item: T): boolean
  /** Returns the item as the client reads it. */
  valueOf(item: T): unknown
  /**
   * Calls back when the latest page may have changed.
   * @returns a function that stops it.
   */
  subscribe(listener: () => void): () => void
}

type CollectorType = ManagedObjectType & ('EventHistoryCollector' | 'TaskHistoryCollector')

/** The page size of a collector that has set none, as in vcsim. */
const defaultPageSize = 10
const maxPageSize = 1000

/** One collector. Its position is between two items: `#next` is the least position that ReadNext returns. */
class HistoryCollector<T = unknown> {
  readonly #history: History<T>
  readonly #stop: () => void
  #pageSize: number
  #next = Number.NEGATIVE_INFINITY

  constructor(history: History<T>, pageSize: number, onChange: () => void) {
    this.#history = history
    this.#pageSize = pageSize
    this.#stop = history.subscribe(onChange)
  }

  /** The newest items, the newest first. Like every page, it is cut before the items that the user may not see are dropped. */
  get latestPage(): readonly unknown[] {
    return this.#visible(this.#history.items().slice(-this.#pageSize).reverse())
  }

  setPageSize(count: number): void {
    this.#pageSize = assertCount(count)
  }

  rewind(): void {
    this.#next = Number.NEGATIVE_INFINITY
  }

  /** Moves to the position before the latest page. */
  reset(): void {
    const [oldest] = this.#history.items().slice(-this.#pageSize)
    this.#next = oldest === undefined ? Number.NEGATIVE_INFINITY : this.#history.positionOf(oldest)
  }

  readNext(count: number): readonly unknown[] {
    const items = this.#history.items()
    const from = this.#indexOf(items)
    const page = items.slice(from, from + assertCount(count))
    const last = page.at(-1)
    if (last !== undefined) this.#next = this.#history.positionOf(last) + 1
    return this.#visible(page)
  }

  /** Returns the items before the position, the newest first. */
  readPrevious(count: number): readonly unknown[] {
    const items = this.#history.items()
    const to = this.#indexOf(items)
    const page = items.slice(Math.max(0, to - assertCount(count)), to)
    const [oldest] = page
    if (oldest !== undefined) this.#next = this.#history.positionOf(oldest)
    return this.#visible(page.reverse())
  }

  stop(): void {
    this.#stop()
  }

  #indexOf(items: readonly T[]): number {
    const index = items.findIndex((item) => this.#history.positionOf(item) >= this.#next)
    return index < 0 ? items.length : index
  }

  #visible(page: readonly T[]): readonly unknown[] {
    return page.filter((item) => this.#history.isVisible(item)).map((item) => this.#history.valueOf(item))
  }
}

const collectors = new WeakMap<SimulatedObject, HistoryCollector>()

/**
 * Creates a collector. It ends by DestroyCollector or with the session.
 * @param pageSize of the filter; undefined for the default
 * @throws InvalidState if the session has the most collectors of this kind
 */
export function createHistoryCollector<T>(
  { session, objects }: { readonly session: Session; readonly objects: SimulatedInventory },
  type: CollectorType,
  filter: unknown,
  history: History<T>,
  pageSize?: number,
): ManagedObjectReference {
  const existing = [...session.objects.values()].filter((object) => object.type === type)
  if (existing.length >= maxCollectors) throw new VimFault({ _typeName: 'InvalidState' })
  const size = pageSize === undefined ? defaultPageSize : assertCount(pageSize)
  const latestPage = () => collectorOf(object).latestPage
  const object = session.create(objects, type, { filter, latestPage })
  const collector = new HistoryCollector(history, size, () => object.set('latestPage', latestPage))
  collectors.set(object, collector as HistoryCollector)
  session.ended.addEventListener('abort', () => collector.stop(), { once: true })
  return object.ref
}

/** Returns the collector behind an object of a session. */
export function collectorOf(object: SimulatedObject): HistoryCollector {
  const collector = collectors.get(object)
  if (!collector) throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: object.ref })
  return collector
}

function assertCount(count: number): number {
  if (count < 1 || count > maxPageSize)
    throw new VimFault({ _typeName: 'InvalidArgument', invalidProperty: 'maxCount' })
  return count
}

/** The methods of HistoryCollector, the base of the collectors of events and tasks. */
export const historyCollectorMethods: ServiceMethodTable = {
  SetCollectorPageSize({ self, args }) {
    const collector = collectorOf(self)
    collector.setPageSize(args.maxCount)
    self.set('latestPage', () => collector.latestPage)
  },

  RewindCollector({ self }) {
    collectorOf(self).rewind()
  },

  ResetCollector({ self }) {
    collectorOf(self).reset()
  },

  DestroyCollector({ self, session, objects }) {
    collectorOf(self).stop()
    session.remove(self)
    // Filters on the collector must be evaluated again.
    objects.emit('removed', self)
  },
}
