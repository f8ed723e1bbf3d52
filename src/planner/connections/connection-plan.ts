// A connection within a plan: where its items come from, which properties filter, order and statistics need from every object (keys),
// and which the selection needs from the objects on the page (items). inventory-reader.ts decides how many retrievals that takes.

import type { BatchScheduler } from '../../concurrency/batch-scheduler.ts'
import { isOverBudget } from '../../concurrency/event-loop.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { heavyBytes, isHeavy } from '../heavy-paths.ts'
import { type ManagedObject, readOr } from '../managed-object.ts'
import { type Collection, type ConnectionMode, PlanNode, type PlannedConnection } from '../plan-node.ts'
import type { Filter, Verdict } from './filter.ts'
import type { PageWindow } from './page.ts'
import type { Order } from './sort.ts'

/** Keys of nested connections are prefetched if a parent has at most this many times the page size in objects. */
const prefetchFactor = 2

/** Returns the connections of a plan node. */
export const connectionsOf = (node: PlanNode): readonly ConnectionPlan[] =>
  node.connections as readonly PlannedConnection[] as readonly ConnectionPlan[]

export class ConnectionPlan implements PlannedConnection {
  readonly key: string
  readonly #orderKey: string
  readonly collection: Collection
  readonly window: PageWindow
  readonly order: Order
  readonly #filter: Filter
  /** What the selection needs from the objects on a page. */
  readonly items: PlanNode
  /** The position of the selection of one item: that of the objects, or of their parts. */
  readonly selection: PlanNode
  /** What aggregates and groups need from every matching item; planned at the position of an item. */
  readonly statistics: PlanNode
  readonly #statisticsOwner: PlanNode
  /** Whether the selection needs all matching items, for aggregates or groups. */
  needsMatching = false
  /**
   * The field nodes it was planned for. Its pages hold the data these fields select, and no data for other
   * fields.
   */
  readonly fields = new Set<object>()
  /** Whether the selection needs the page itself, not only the number of objects. */
  needsOrder = false
  mode: ConnectionMode = 'keysFirst'
  /** Whether the scan also reads the keys of nested connections, for all scanned objects instead of only the page. */
  #prefetchesNestedKeys = true
  #preparation: Promise<Error | undefined> | undefined
  /** The objects whose heavy properties were read; undefined if all were read with them. */
  #withHeavy: Set<ManagedObject> | undefined

  /**
   * @param ids.key identifies the plan among other selections of the same connection: equal arguments share a
   * plan.
   * @param ids.orderKey is the same for all windows of one filter and order.
   */
  constructor(
    { key, orderKey }: { key: string; orderKey: string },
    collection: Collection,
    window: PageWindow,
    order: Order,
    filter: Filter,
  ) {
    this.key = key
    this.#orderKey = orderKey
    this.collection = collection
    this.window = window
    this.order = order
    this.#filter = filter
    this.items = new PlanNode(collection.type)
    this.selection = this.#itemsOf(this.items)
    this.#statisticsOwner = new PlanNode(collection.type)
    this.statistics = this.#itemsOf(this.#statisticsOwner)
  }

  /** Prepares the filter, once. Returns the error if that fails. */
  prepare(): Promise<Error | undefined> {
    this.#preparation ??= (this.#filter.prepare?.() ?? Promise.resolve()).then(
      () => undefined,
      (error: Error) => error,
    )
    return this.#preparation
  }

  /** Chooses the mode by the largest known size of the collection; undefined if no size is known. */
  chooseMode(maxSize: number | undefined): void {
    this.mode = maxSize !== undefined && maxSize <= this.window.size ? 'singlePass' : 'keysFirst'
    this.#prefetchesNestedKeys = maxSize === undefined || maxSize <= prefetchFactor * this.window.size
    this.#withHeavy = this.#readsHeavyLater ? new Set() : undefined
  }

  /** Notes that the pages were sliced from a cached order. Their objects are read with all fields, so that all conditions apply. */
  resume(): void {
    this.mode = 'resolved'
    this.#withHeavy = undefined
  }

  /** What filter, order and statistics need from every object. */
  get keys(): PlanNode {
    const node = this.#filterKeys('all')
    const items = this.#itemsOf(node)
    if (this.needsOrder) for (const { plan } of this.order.keys) plan(items)
    return node.include(this.#statisticsOwner)
  }

  /** The same without heavy properties. */
  get lightKeys(): PlanNode {
    const node = this.#filterKeys('light')
    if (this.needsOrder)
      for (const { plan } of this.order.keys) {
        const one = this.#newNode()
        plan(this.#itemsOf(one))
        if (!this.#isHeavy(one)) node.include(one)
      }
    return this.#isHeavy(this.#statisticsOwner) ? node : node.include(this.#statisticsOwner)
  }

  /** Whether only the light conditions are evaluated in the scan, and the heavy properties read for the objects that these leave. */
  get #readsHeavyLater(): boolean {
    return this.mode === 'keysFirst' && this.#filter.hasLightConditions && this.#isHeavy(this.keys)
  }

  /** The nested connections whose keys are read with this connection's own keys, so that nesting costs no extra retrieval. */
  get prefetched(): readonly ConnectionPlan[] {
    return this.#prefetchesNestedKeys
      ? connectionsOf(this.items).filter(({ mode }) => mode === 'keysFirst')
      : []
  }

  /** What the connection needs from all its objects in its current mode. */
  get scan(): PlanNode {
    if (this.mode === 'singlePass') return this.allFields
    const node = this.#scannedKeys
    node.connections.push(...this.prefetched)
    return node
  }

  get #scannedKeys(): PlanNode {
    return this.#withHeavy ? this.lightKeys : this.keys
  }

  /** What the selection needs from the objects on a page beyond the keys that were scanned. */
  get remainingFields(): PlanNode {
    return this.items.minus(this.#scannedKeys)
  }

  /** Items and keys. Used when only the order is cached, to check again that the objects still match. */
  get allFields(): PlanNode {
    return this.keys.include(this.items)
  }

  /** What to read of the objects that the scan left undecided, and which of the scanned objects these are; undefined for nothing. */
  async heavyRead(
    objects: readonly ManagedObject[],
    scheduler: BatchScheduler,
  ): Promise<HeavyRead | undefined> {
    const withHeavy = this.#withHeavy
    if (!withHeavy) return undefined
    const node = this.keys.minus(this.lightKeys)
    const needsAllMatching =
      this.#isHeavy(this.#statisticsOwner) || (this.needsOrder && this.order.keys.some(this.#isHeavyKey))
    const isNeeded = (item: object): boolean => {
      const verdict = this.#filter.evaluate(item, 'light')
      return verdict === undefined || (verdict && needsAllMatching)
    }
    const undecided: ManagedObject[] = []
    for (const object of objects) {
      if (isOverBudget()) await scheduler.yieldToEventLoop()
      if (this.itemsOf(object)?.some(isNeeded)) undecided.push(object)
    }
    for (const object of undecided) withHeavy.add(object)
    return { node, objects: undecided, bytes: undecided.length * heavyBytes(node) }
  }

  /** Returns the items of an object: itself or its parts; undefined if its parts cannot be read. */
  itemsOf(object: ManagedObject): readonly object[] | undefined {
    const { parts } = this.collection
    return parts ? readOr(() => parts.of(object), undefined) : [object]
  }

  /** IDs of the orders that the window's cursors belong to. */
  get orderIds(): readonly string[] {
    const { after, before } = this.window
    return [after?.orderId, before?.orderId].filter((id) => id !== undefined)
  }

  /** Returns the cache key of the order of one parent's objects, common to all pages. */
  orderKeyOf(parent: ManagedObjectReference | undefined): string {
    return `${this.#orderKey} ${parent?.value ?? ''}`
  }

  /** Whether an item of an object meets all conditions of the filter. */
  verdict(item: object, owner: ManagedObject): Verdict {
    const all = !this.#withHeavy || this.#withHeavy.has(owner)
    return this.#filter.evaluate(item, all ? 'all' : 'light')
  }

  #newNode(): PlanNode {
    return new PlanNode(this.collection.type)
  }

  /** Returns the position of the items of the objects at a node. */
  #itemsOf(node: PlanNode): PlanNode {
    return this.collection.parts?.plan(node) ?? node
  }

  #filterKeys(conditions: 'light' | 'all'): PlanNode {
    const node = this.#newNode()
    this.#filter.plan(this.#itemsOf(node), conditions)
    return node
  }

  readonly #isHeavyKey = ({ plan }: Order['keys'][number]): boolean => {
    const node = this.#newNode()
    plan(this.#itemsOf(node))
    return this.#isHeavy(node)
  }

  /** What the parts themselves are read from does not count: every scan reads it. */
  #isHeavy(node: PlanNode): boolean {
    if (!this.collection.parts) return isHeavy(node)
    const parts = this.#newNode()
    this.#itemsOf(parts)
    return isHeavy(node.minus(parts))
  }
}

/** A retrieval of heavy properties, for the objects that the light conditions left. */
export interface HeavyRead {
  readonly node: PlanNode
  readonly objects: readonly ManagedObject[]
  /** Estimated size of the response. */
  readonly bytes: number
}
