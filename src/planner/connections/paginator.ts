// Builds the pages of the connections of a plan from scanned objects: reads the heavy properties that the scan left out, filters, sorts
// and slices, and continues with the connections nested in the pages.

import type { BatchScheduler } from '../../concurrency/batch-scheduler.ts'
import { isOverBudget } from '../../concurrency/event-loop.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { isUnreadable, type ManagedObject, type ObjectCache, readOr } from '../managed-object.ts'
import type { PlanNode } from '../plan-node.ts'
import { ConnectionPages, type OrderedResult, sortMatching } from './connection-pages.ts'
import { type ConnectionPlan, connectionsOf, type HeavyRead } from './connection-plan.ts'
import type { Page } from './page.ts'
import type { PageOrderCache } from './page-order-cache.ts'
import type { SizeHints } from './size-hints.ts'

/** State kept between requests. Never holds property values, only data that shapes the next retrieval. */
export interface PlannerCache {
  readonly pageOrders: PageOrderCache
  readonly sizeHints: SizeHints
}

/** Connections whose keys were scanned, and the session's write version when the scan began. */
export interface KeyScan {
  readonly connections: Set<ConnectionPlan>
  readonly loaded: ReadonlySet<ManagedObject>
  readonly writeVersion: number
}

/** The reader that the pages are built for. */
interface Reads {
  readonly objectCache: ObjectCache
  readonly plannerCache: PlannerCache
  readonly scheduler: BatchScheduler
  /** Retrieves objects; returns those that vSphere reported. */
  readonly fetch: (
    refs: readonly ManagedObjectReference[],
    node: PlanNode,
  ) => Promise<ReadonlySet<ManagedObject>>
  /** Throws if a retrieval of about this size is not allowed. */
  readonly checkBytes: (bytes: number) => void
}

export class Paginator {
  readonly #reads: Reads
  readonly #pages: ConnectionPages
  /** The results that pages are sliced from, by retrieval: aliases of one connection with the same order share one. */
  readonly #orderedResults = new WeakMap<object, Map<string, Promise<OrderedResult>>>()
  /** The objects whose heavy properties are being read, and the estimated bytes of these retrievals. */
  readonly #heavyReads = { objects: new Set<ManagedObject>(), bytes: 0 }

  constructor(reads: Reads) {
    this.#reads = reads
    this.#pages = new ConnectionPages(reads.objectCache)
  }

  /** Returns the page of a connection over the whole inventory. */
  page(connection: ConnectionPlan): Page {
    return this.#pages.page(connection, undefined) as Page
  }

  /** Chooses the modes of connections and of those nested in them, by the known sizes of their collections. */
  chooseModes(connections: readonly ConnectionPlan[]): void {
    for (const connection of connections) {
      if (connection.mode === 'resolved') continue
      // In parallel to the scan.
      void connection.prepare()
      connection.chooseMode(this.#reads.plannerCache.sizeHints.maxOf(connection.collection.name))
      this.chooseModesBelow(connection.items)
    }
  }

  chooseModesBelow(node: PlanNode): void {
    this.chooseModes(connectionsOf(node))
    for (const below of node.edges.values()) this.chooseModesBelow(below)
  }

  /**
   * Slices the pages of a connection from the orders that its cursors name, without reading the objects yet.
   * @returns false unless the order of every parent is cached.
   */
  resumeFromCache(
    connection: ConnectionPlan,
    parents: readonly (ManagedObjectReference | undefined)[],
    writeVersion: number,
  ): boolean {
    // Aggregates and groups need the values of all objects, which are not cached.
    if (connection.mode === 'resolved' || connection.needsMatching) return false
    const { pageOrders } = this.#reads.plannerCache
    const cachedOrders = parents.map((parent) =>
      pageOrders.get(connection.orderKeyOf(parent), connection.orderIds, writeVersion),
    )
    if (!cachedOrders.every((each) => each !== undefined)) return false
    for (const [index, sorted] of cachedOrders.entries())
      this.#pages.slice(connection, parents[index], { ...sorted, count: sorted.refs.length, sorted })
    connection.resume()
    return true
  }

  /** Reads what a plan node needs from the objects on the pages of a connection, and removes those that no longer match. */
  async loadPageItems(connection: ConnectionPlan, node: PlanNode): Promise<void> {
    const refs = new Map(this.#pages.objectsOn(connection).map(({ ref }) => [ref.value, ref]))
    if (refs.size === 0 || !node.isNeeded) return
    const [loaded, failure] = await Promise.all([
      this.#reads.fetch([...refs.values()], node),
      connection.prepare(),
    ])
    if (failure) this.#pages.failAll(connection, failure)
    else this.#pages.filter(connection, (owner) => loaded.has(owner))
  }

  /** Slices one parent's page, and the pages of the nested connections whose keys were prefetched. */
  async paginate(
    connection: ConnectionPlan,
    parent: ManagedObjectReference | undefined,
    objects: readonly ManagedObject[],
    scan: KeyScan,
  ): Promise<void> {
    const { sizeHints, pageOrders } = this.#reads.plannerCache
    const failure = await connection.prepare()
    if (failure) {
      // Which objects match is not known, so there is no page: a list must not look complete.
      this.#pages.fail(connection, parent, failure)
      return
    }
    sizeHints.record(connection.collection.name, parent?.value ?? '', objects.length)
    const present = await this.#withHeavyProperties(connection, objects)
    const orderedResult = await this.#orderedResultFor(connection, parent, present, scan)
    const page = this.#pages.slice(connection, parent, orderedResult)
    const isContinued = page.hasNextPage || page.hasPreviousPage
    if (isContinued && orderedResult.sorted)
      pageOrders.set(connection.orderKeyOf(parent), orderedResult.sorted, scan.writeVersion)
    const onPage = [...new Set(page.items.map(({ owner }) => owner))]
    if (connection.mode === 'singlePass') await this.paginateChildren(connection.items, onPage, scan)
    else {
      scan.connections.add(connection)
      await Promise.all(connection.prefetched.map((nested) => this.#paginateForParents(nested, onPage, scan)))
    }
  }

  /** Slices the pages of all connections at a node and below it. */
  async paginateChildren(node: PlanNode, objects: readonly ManagedObject[], scan: KeyScan): Promise<void> {
    const pending = connectionsOf(node).filter(({ mode }) => mode !== 'resolved')
    const below = [...node.edges].filter(([, { hasConnections }]) => hasConnections)
    await Promise.all([
      ...pending.map((connection) => this.#paginateForParents(connection, objects, scan)),
      ...below.map(([traversal, to]) => {
        // If the edge cannot be read, it has no children here. The field itself reports the error.
        const children = new Set(objects.flatMap((object) => readOr(() => traversal.follow(object), [])))
        return children.size > 0 ? this.paginateChildren(to, [...children], scan) : undefined
      }),
    ])
  }

  async #paginateForParents(
    connection: ConnectionPlan,
    parents: readonly ManagedObject[],
    scan: KeyScan,
  ): Promise<void> {
    await Promise.all(
      parents.map(async (parent) => {
        // A traversal can pass the whole inventory.
        if (isOverBudget()) await this.#reads.scheduler.yieldToEventLoop()
        let objects: ManagedObject[]
        try {
          objects = connection.collection.traversal?.follow(parent) ?? []
        } catch (error) {
          if (!isUnreadable(error)) throw error
          // Part of the path cannot be read: only this connection fails, when it is resolved.
          this.#pages.fail(connection, parent.ref, error)
          return undefined
        }
        return this.paginate(connection, parent.ref, objects, scan)
      }),
    )
  }

  /**
   * Reads the heavy properties that filter, order and statistics need, only of the objects that the light conditions left. All
   * connections of one level share the retrieval.
   * @returns the objects without those that were deleted meanwhile
   */
  async #withHeavyProperties(
    connection: ConnectionPlan,
    objects: readonly ManagedObject[],
  ): Promise<readonly ManagedObject[]> {
    const heavy = await connection.heavyRead(objects, this.#reads.scheduler)
    if (!heavy || heavy.objects.length === 0) return objects
    const loaded = await this.#fetchHeavy(heavy)
    const missing = new Set(heavy.objects.filter((object) => !loaded.has(object)))
    return missing.size === 0 ? objects : objects.filter((object) => !missing.has(object))
  }

  /** Retrieves heavy properties, unless they are too large together with those that other connections are reading. */
  async #fetchHeavy({ objects, node, bytes }: HeavyRead): Promise<ReadonlySet<ManagedObject>> {
    const reads = this.#heavyReads
    const added = objects.filter((object) => !reads.objects.has(object))
    const addedBytes = (bytes / objects.length) * added.length
    this.#reads.checkBytes(reads.bytes + addedBytes)
    for (const object of added) reads.objects.add(object)
    reads.bytes += addedBytes
    try {
      return await this.#reads.fetch(
        objects.map(({ ref }) => ref),
        node,
      )
    } finally {
      for (const object of added) reads.objects.delete(object)
      reads.bytes -= addedBytes
    }
  }

  #orderedResultFor(
    connection: ConnectionPlan,
    parent: ManagedObjectReference | undefined,
    objects: readonly ManagedObject[],
    { loaded }: KeyScan,
  ): Promise<OrderedResult> {
    const known = this.#orderedResults.get(loaded) ?? new Map<string, Promise<OrderedResult>>()
    this.#orderedResults.set(loaded, known)
    const orderKey = connection.orderKeyOf(parent)
    const key = `${connection.needsOrder} ${connection.needsMatching} ${orderKey}`
    const orderedResult =
      known.get(key) ??
      sortMatching(connection, objects, this.#reads.scheduler, (sorted) =>
        this.#reads.plannerCache.pageOrders.identify(orderKey, sorted),
      )
    known.set(key, orderedResult)
    return orderedResult
  }
}
