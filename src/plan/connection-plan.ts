// A connection of managed objects within a plan: where its objects come from, what filter and order need of each (keys),
// what the selection needs of those on the page (items). reader.ts decides whether one retrieval can do both.

import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { ManagedObject } from './managed-object.ts'
import { cutPage, type Order, type Page, type Window } from './page.ts'
import { PlanNode } from './plan-node.ts'
import type { Traversal } from './traversals.ts'

/** What decides whether an object belongs in a connection. */
export interface Filter {
  /** Adds what must be read to decide. */
  readonly plan: (node: PlanNode) => void
  readonly matches: (object: ManagedObject) => boolean
}

/** Where a connection's objects come from: the whole inventory, or along an edge from the object that has the field. */
export interface Collection {
  readonly name: string
  readonly type: ManagedObjectType
  /** Absent for the whole inventory, which a container view holds. */
  readonly traversal?: Traversal
}

export type ConnectionMode =
  /** Known to fit its window: keys and items of all objects in one retrieval. */
  | 'whole'
  /** First the keys of all objects, then the items of those on the page. */
  | 'keys'
  /** Its pages are cut; nothing more to ask here. */
  | 'paged'

export class ConnectionPlan {
  readonly key: string
  readonly collection: Collection
  readonly window: Window
  readonly items: PlanNode
  /** The fields of the operation that it was planned for: its pages hold what these select, and nothing for others. */
  readonly fields = new Set<object>()
  readonly #order: Order
  readonly #filter: Filter
  readonly #pages = new Map<string, Page>()
  readonly #failures = new Map<string, Error>()
  #ordered = false
  mode: ConnectionMode = 'keys'

  /** `key` tells it from other selections of the same connection: the same arguments are the same plan. */
  constructor(key: string, collection: Collection, window: Window, order: Order, filter: Filter) {
    this.key = key
    this.collection = collection
    this.window = window
    this.#order = order
    this.#filter = filter
    this.items = new PlanNode(collection.type)
  }

  /** The selection looks at the page itself and not only at the number of objects. */
  needsOrder(): void {
    this.#ordered = true
  }

  /** What filter and order read of every object. */
  get keys(): PlanNode {
    const node = new PlanNode(this.collection.type)
    this.#filter.plan(node)
    if (this.#ordered) node.read(...this.#order.reads)
    return node
  }

  /** Cuts the page of one parent (none for the whole inventory) out of all its objects. */
  cut(parent: ManagedObjectReference | undefined, objects: readonly ManagedObject[]): Page {
    const matching = objects.filter((object) => this.#filter.matches(object))
    const page = this.#ordered
      ? cutPage(matching, this.#order, this.window)
      : { items: [], hasNextPage: false, hasPreviousPage: false, totalCount: matching.length }
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

  /** Leaves out objects that were gone when the page was read. */
  leaveOut(isGone: (object: ManagedObject) => boolean): void {
    for (const [parent, page] of this.#pages) {
      this.#pages.set(parent, { ...page, items: page.items.filter(({ object }) => !isGone(object)) })
    }
  }
}

const parentKey = (parent: ManagedObjectReference | undefined): string => parent?.value ?? ''
