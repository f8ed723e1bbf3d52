// A connection of managed objects within a plan: where its objects come from, what filter and order need of each (keys),
// what the selection needs of those on the page (items). inventory-reader.ts decides whether one retrieval can do both.

import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { ManagedObject, ObjectCache } from './managed-object.ts'
import {
  type Order,
  type OrderedObjects,
  type Page,
  type PageWindow,
  type SortedRef,
  slicePage,
  sortRefs,
} from './page.ts'
import { PlanNode } from './plan-node.ts'
import type { Traversal } from './traversals.ts'

/** What decides whether an object belongs in a connection. */
export interface Filter {
  /** Adds what must be read to decide. */
  readonly plan: (node: PlanNode) => void
  readonly matches: (object: ManagedObject) => boolean
}

/** How many times as many objects as a page holds may have the keys of the windows inside them read along. */
const prefetchFactor = 2

/** Where a connection's objects come from: the whole inventory, or along an edge from the object that has the field. */
export interface Collection {
  readonly name: string
  readonly type: ManagedObjectType
  /** Absent for the whole inventory, which a container view holds. */
  readonly traversal?: Traversal
}

export type ConnectionMode =
  /** Known to fit its window: keys and items of all objects in one retrieval. */
  | 'singlePass'
  /** First the keys of all objects, then the items of those on the page. */
  | 'keysFirst'
  /** Its pages are cut; nothing more to ask here. */
  | 'resolved'

/** The objects that fit: how many, and in which order if that matters. */
export interface OrderedResult {
  readonly count: number
  readonly sorted?: OrderedObjects
}

export class ConnectionPlan {
  readonly key: string
  readonly #orderKey: string
  readonly collection: Collection
  readonly window: PageWindow
  readonly items: PlanNode
  /** The fields of the operation that it was planned for: its pages hold what these select, and nothing for others. */
  readonly fields = new Set<object>()
  readonly #order: Order
  readonly #filter: Filter
  readonly #pages = new Map<string, Page>()
  readonly #failures = new Map<string, Error>()
  #needsRefs = false
  mode: ConnectionMode = 'keysFirst'
  /** Whether the scan reads the keys of the windows inside it along, which are then those of all objects and not of a page's. */
  prefetchNestedKeys = true

  /**
   * `key` tells it from other selections of the same connection: the same arguments are the same plan. `walk` is the same
   * for all windows of one filter and order.
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
    this.#order = order
    this.#filter = filter
    this.items = new PlanNode(collection.type)
  }

  /** Decides how it is read, by how many objects its parents were last known to have; undefined when that is not known. */
  chooseMode(maxSize: number | undefined): void {
    this.mode = maxSize !== undefined && maxSize <= this.window.size ? 'singlePass' : 'keysFirst'
    this.prefetchNestedKeys = maxSize === undefined || maxSize <= prefetchFactor * this.window.size
  }

  /** The selection looks at the page itself and not only at the number of objects. */
  requireOrder(): void {
    this.#needsRefs = true
  }

  /** What filter and order read of every object. */
  get keys(): PlanNode {
    const node = new PlanNode(this.collection.type)
    this.#filter.plan(node)
    if (this.#needsRefs) node.read(...this.#order.requiredPaths)
    return node
  }

  /** What the selection needs of the objects on a page whose keys were scanned. */
  get remainingFields(): PlanNode {
    return this.items.minus(this.keys)
  }

  /** The same with the keys: where only the order is known, it is looked at again whether they still fit. */
  get allFields(): PlanNode {
    return this.keys.include(this.items)
  }

  /** The orders that its cursors were cut from. */
  get orderIds(): readonly string[] {
    const { after, before } = this.window
    return [after?.orderId, before?.orderId].filter((id) => id !== undefined)
  }

  /** Names the walk through all pages of one parent. */
  orderKeyOf(parent: ManagedObjectReference | undefined): string {
    return `${this.#orderKey} ${parentKey(parent)}`
  }

  matches(object: ManagedObject): boolean {
    return this.#filter.matches(object)
  }

  /** What pages are cut from: the same for all windows of a walk, as long as the objects are. `identify` gives an order its id. */
  sortMatching(
    objects: readonly ManagedObject[],
    identify: (refs: readonly SortedRef[]) => OrderedObjects,
  ): OrderedResult {
    const matching = objects.filter((object) => this.matches(object))
    return this.#needsRefs
      ? { count: matching.length, sorted: identify(sortRefs(matching, this.#order)) }
      : { count: matching.length }
  }

  /** Tells arrangements of the same objects apart. */
  orderedResultKey(parent: ManagedObjectReference | undefined): string {
    return `${this.#needsRefs} ${this.orderKeyOf(parent)}`
  }

  /** Cuts the page of one parent (none for the whole inventory); whether there is more than it. */
  paginate(
    parent: ManagedObjectReference | undefined,
    { count, sorted }: OrderedResult,
    objectCache: ObjectCache,
  ): boolean {
    if (!sorted) {
      this.#pages.set(parentKey(parent), { ...emptyPage, totalCount: count })
      return false
    }
    const { hasNextPage, hasPreviousPage } = this.paginateSorted(sorted, parent, objectCache)
    return hasNextPage || hasPreviousPage
  }

  /** Cuts the page of one parent out of an order that is known. */
  paginateSorted(
    sorted: OrderedObjects,
    parent: ManagedObjectReference | undefined,
    objectCache: ObjectCache,
  ): Page {
    const page = slicePage(sorted, this.#order, this.window, (ref) => objectCache.get(ref))
    this.#pages.set(parentKey(parent), page)
    return page
  }

  /** Keeps why one parent's objects cannot be told. */
  fail(parent: ManagedObjectReference, error: Error): void {
    this.#failures.set(parentKey(parent), error)
  }

  /** @throws what stood in the way of one parent's objects. */
  page(parent: ManagedObjectReference | undefined): Page | undefined {
    const failure = this.#failures.get(parentKey(parent))
    if (failure) throw failure
    return this.#pages.get(parentKey(parent))
  }

  get pages(): Iterable<Page> {
    return this.#pages.values()
  }

  /** Keeps on its pages only what is still there, and still fits. */
  filterPages(predicate: (object: ManagedObject) => boolean): void {
    for (const [parent, page] of this.#pages) {
      this.#pages.set(parent, { ...page, items: page.items.filter(({ object }) => predicate(object)) })
    }
  }
}

const emptyPage = {
  items: [],
  startCursor: null,
  endCursor: null,
  hasNextPage: false,
  hasPreviousPage: false,
} satisfies Omit<Page, 'totalCount'>

const parentKey = (parent: ManagedObjectReference | undefined): string => parent?.value ?? ''
