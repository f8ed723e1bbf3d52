// A connection of managed objects within a plan: where its objects come from, which properties filter and
// order need from every object (keys), and which the selection needs from the objects on the page (items).
// inventory-reader.ts decides whether one retrieval can do both.

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

/** Decides whether an object belongs in a connection. */
export interface Filter {
  /** Adds the properties that the decision needs to a plan node. */
  readonly plan: (node: PlanNode) => void
  readonly matches: (object: ManagedObject) => boolean
}

/** Keys of nested connections are prefetched if a parent has at most this many times the page size in objects. */
const prefetchFactor = 2

/** Source of a connection's objects: the whole inventory, or an edge from the object that has the field. */
export interface Collection {
  readonly name: string
  readonly type: ManagedObjectType
  /** Undefined for the whole inventory, which is read through a container view. */
  readonly traversal?: Traversal
}

export type ConnectionMode =
  /** The objects are known to fit in the window: one retrieval reads keys and items of all of them. */
  | 'singlePass'
  /** Two retrievals: first the keys of all objects, then the items of those on the page. */
  | 'keysFirst'
  /** The pages are already sliced; nothing more to retrieve here. */
  | 'resolved'

/** The matching objects: how many, and in which order if the selection needs one. */
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
  /**
   * The field nodes it was planned for. Its pages hold the data these fields select, and no data for other
   * fields.
   */
  readonly fields = new Set<object>()
  readonly #order: Order
  readonly #filter: Filter
  readonly #pages = new Map<string, Page>()
  readonly #failures = new Map<string, Error>()
  #needsRefs = false
  mode: ConnectionMode = 'keysFirst'
  /** Whether the scan also reads the keys of nested connections, for all scanned objects instead of only the page. */
  prefetchNestedKeys = true

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
    this.#order = order
    this.#filter = filter
    this.items = new PlanNode(collection.type)
  }

  /** Chooses the mode by the largest known size of the collection; undefined if no size is known. */
  chooseMode(maxSize: number | undefined): void {
    this.mode = maxSize !== undefined && maxSize <= this.window.size ? 'singlePass' : 'keysFirst'
    this.prefetchNestedKeys = maxSize === undefined || maxSize <= prefetchFactor * this.window.size
  }

  /** Declares that the selection needs the page itself, not only the number of objects. */
  requireOrder(): void {
    this.#needsRefs = true
  }

  /** The properties that filter and order need from every object. */
  get keys(): PlanNode {
    const node = new PlanNode(this.collection.type)
    this.#filter.plan(node)
    if (this.#needsRefs) node.read(...this.#order.requiredPaths)
    return node
  }

  /** What the selection needs from the objects on a page beyond the keys that were scanned. */
  get remainingFields(): PlanNode {
    return this.items.minus(this.keys)
  }

  /** Items and keys. Used when only the order is cached, to check again that the objects still match. */
  get allFields(): PlanNode {
    return this.keys.include(this.items)
  }

  /** IDs of the orders that the window's cursors belong to. */
  get orderIds(): readonly string[] {
    const { after, before } = this.window
    return [after?.orderId, before?.orderId].filter((id) => id !== undefined)
  }

  /** Returns the cache key of the order of one parent's objects, common to all pages. */
  orderKeyOf(parent: ManagedObjectReference | undefined): string {
    return `${this.#orderKey} ${parentKey(parent)}`
  }

  matches(object: ManagedObject): boolean {
    return this.#filter.matches(object)
  }

  /**
   * Filters and sorts the objects that pages are sliced from. The result is the same for all windows of one
   * filter and order.
   * @param identify assigns an ID to an order.
   */
  sortMatching(
    objects: readonly ManagedObject[],
    identify: (refs: readonly SortedRef[]) => OrderedObjects,
  ): OrderedResult {
    const matching = objects.filter((object) => this.matches(object))
    return this.#needsRefs
      ? { count: matching.length, sorted: identify(sortRefs(matching, this.#order)) }
      : { count: matching.length }
  }

  /** Returns a key that distinguishes ordered results of the same objects. */
  orderedResultKey(parent: ManagedObjectReference | undefined): string {
    return `${this.#needsRefs} ${this.orderKeyOf(parent)}`
  }

  /**
   * Slices the page of one parent (undefined for the whole inventory).
   * @returns whether there are objects before or after the page.
   */
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

  /** Slices the page of one parent from a known order. */
  paginateSorted(
    sorted: OrderedObjects,
    parent: ManagedObjectReference | undefined,
    objectCache: ObjectCache,
  ): Page {
    const page = slicePage(sorted, this.#order, this.window, (ref) => objectCache.get(ref))
    this.#pages.set(parentKey(parent), page)
    return page
  }

  /** Records why one parent's objects could not be determined. */
  fail(parent: ManagedObjectReference, error: Error): void {
    this.#failures.set(parentKey(parent), error)
  }

  /** @throws the error recorded for this parent, if there is one. */
  page(parent: ManagedObjectReference | undefined): Page | undefined {
    const failure = this.#failures.get(parentKey(parent))
    if (failure) throw failure
    return this.#pages.get(parentKey(parent))
  }

  get pages(): Iterable<Page> {
    return this.#pages.values()
  }

  /** Removes from its pages the objects that no longer exist or no longer match. */
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
