// Executes plans: retrieves their objects (object-retriever.ts) and builds the pages of connections. A window
// known to hold all objects takes one retrieval. Other windows take a scan of the keys and a retrieval for the
// page. A page that continues another one skips the scan as long as the order is cached.

import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import { ConnectionPages, type OrderedResult, sortMatching } from './connection-pages.ts'
import type { InventorySource } from './inventory-source.ts'
import { isUnreadable, type ManagedObject, ObjectCache, readOr } from './managed-object.ts'
import { markUnreportedAsMissing, ObjectRetriever, type Schedule } from './object-retriever.ts'
import type { Page } from './page.ts'
import type { PageOrderCache } from './page-order-cache.ts'
import type { ConnectionPlan, PlanNode } from './plan-node.ts'
import type { SizeHints } from './size-hints.ts'

/** State kept between requests. Never holds property values, only data that shapes the next retrieval. */
export interface PlannerCache {
  readonly pageOrders: PageOrderCache
  readonly sizeHints: SizeHints
}

/** Connections whose keys were scanned, and the session's write version when the scan began. */
interface KeyScan {
  readonly connections: Set<ConnectionPlan>
  readonly loaded: ReadonlySet<ManagedObject>
  readonly writeVersion: number
}

/** What to read, and the connection over the whole inventory that the node belongs to, if it is paginated. */
interface ReadTarget {
  readonly node: PlanNode
  readonly refs?: readonly ManagedObjectReference[]
  readonly connection?: ConnectionPlan
}

/** Reads the inventory for one operation or one mutation payload. All data read through one reader is from one time. */
export class InventoryReader {
  readonly objectCache: ObjectCache
  readonly schedule: Schedule | undefined
  readonly source: InventorySource
  readonly #plannerCache: PlannerCache
  readonly #retriever: ObjectRetriever
  readonly #pages: ConnectionPages
  /** The results that pages are sliced from, by retrieval: aliases of one connection with the same order share one. */
  readonly #orderedResults = new WeakMap<object, Map<string, OrderedResult>>()

  constructor(
    source: InventorySource,
    plannerCache: PlannerCache,
    callOptions: CallOptions,
    schedule?: Schedule,
  ) {
    this.source = source
    this.objectCache = new ObjectCache(source)
    this.#pages = new ConnectionPages(this.objectCache)
    this.#plannerCache = plannerCache
    this.schedule = schedule
    this.#retriever = new ObjectRetriever(source, this.objectCache, callOptions, schedule)
  }

  /** Retrieves an object with everything its plan needs; undefined if vSphere does not know it. */
  async object<M extends ManagedObjectType>(
    ref: ManagedObjectReference,
    node: PlanNode<M>,
  ): Promise<ManagedObject<M> | undefined> {
    const [object] = await this.objects([ref], node)
    return object
  }

  /** Retrieves several objects with one plan, in the order of `refs`. */
  async objects<M extends ManagedObjectType>(
    refs: readonly ManagedObjectReference[],
    node: PlanNode<M>,
  ): Promise<(ManagedObject<M> | undefined)[]> {
    if (refs.length === 0) return []
    // An ended session reports every path as missing. With no paths requested, it could not be detected.
    if (node.requiredPaths.size === 0) node.read('name')
    const loaded = await this.#fetch({ refs, node })
    return refs
      .map((ref) => this.objectCache.get<M>(ref))
      .map((object) => (loaded.has(object) ? object : undefined))
  }

  /** Retrieves all objects of a type in the inventory, without pagination. */
  async all(node: PlanNode): Promise<ManagedObject[]> {
    const loaded = await this.#fetch({ node })
    return this.#retriever.inventoryObjects(loaded, node)
  }

  /** Returns the page of a connection over the whole inventory. */
  async page(connection: ConnectionPlan): Promise<Page> {
    this.#chooseModes([connection])
    if (this.#resumeFromCache(connection, [undefined]))
      await this.#loadPageItems(connection, connection.allFields)
    else await this.#fetch({ connection, node: connection.scan })
    return this.#pages.page(connection, undefined) as Page
  }

  async #fetch(target: ReadTarget): Promise<ReadonlySet<ManagedObject>> {
    const { node, refs, connection } = target
    const resumed: ConnectionPlan[] = []
    if (refs) {
      this.#chooseModesBelow(node)
      resumed.push(...node.connections.filter((each) => this.#resumeFromCache(each, refs)))
    }
    const writeVersion = this.source.writeVersion
    const [loaded] = await Promise.all([
      this.#retriever.load(target),
      ...resumed.map((each) => this.#loadPageItems(each, each.allFields)),
    ])
    const objects = refs
      ? refs.map((ref) => this.objectCache.get(ref)).filter((object) => loaded.has(object))
      : this.#retriever.inventoryObjects(loaded, node)
    // Only for these objects: other retrievals of the same tick did not read the data for these edges.
    markUnreportedAsMissing(node, objects)
    const scan: KeyScan = { connections: new Set(), loaded, writeVersion }
    if (connection) {
      this.#recordSize(connection, undefined, objects.length)
      this.#paginate(connection, undefined, objects, scan)
    } else if (refs) this.#paginateChildren(node, objects, scan)
    // Mark all of them first: the plan of one page must not request the pages nested in it, which are read
    // concurrently.
    for (const each of scan.connections) each.mode = 'resolved'
    await Promise.all([...scan.connections].map((each) => this.#loadPageItems(each, each.remainingFields)))
    return loaded
  }

  /** Reads the objects on the pages of a connection. */
  async #loadPageItems(connection: ConnectionPlan, node: PlanNode): Promise<void> {
    const refs = new Map(this.#pages.objectsOn(connection).map(({ ref }) => [ref.value, ref]))
    if (refs.size === 0 || !node.isNeeded) return
    const loaded = await this.#fetch({ refs: [...refs.values()], node })
    this.#pages.filter(connection, (object) => loaded.has(object) && connection.matches(object))
  }

  /**
   * Slices the pages of a connection from the orders that its cursors name, without reading the objects yet.
   * @returns false unless the order of every parent is cached.
   */
  #resumeFromCache(
    connection: ConnectionPlan,
    parents: readonly (ManagedObjectReference | undefined)[],
  ): boolean {
    if (connection.mode === 'resolved') return false
    const { pageOrders } = this.#plannerCache
    const { writeVersion } = this.source
    const cachedOrders = parents.map((parent) =>
      pageOrders.get(connection.orderKeyOf(parent), connection.orderIds, writeVersion),
    )
    if (!cachedOrders.every((each) => each !== undefined)) return false
    for (const [index, sorted] of cachedOrders.entries())
      this.#pages.slice(connection, parents[index], { count: sorted.refs.length, sorted })
    connection.mode = 'resolved'
    return true
  }

  #chooseModes(connections: readonly ConnectionPlan[]): void {
    for (const connection of connections) {
      if (connection.mode === 'resolved') continue
      connection.chooseMode(this.#plannerCache.sizeHints.maxOf(connection.collection.name))
      this.#chooseModesBelow(connection.items)
    }
  }

  #chooseModesBelow(node: PlanNode): void {
    this.#chooseModes(node.connections)
    for (const below of node.edges.values()) this.#chooseModesBelow(below)
  }

  /** Slices one parent's page, and the pages of the nested connections whose keys were prefetched. */
  #paginate(
    connection: ConnectionPlan,
    parent: ManagedObjectReference | undefined,
    objects: readonly ManagedObject[],
    scan: KeyScan,
  ): void {
    const orderedResult = this.#orderedResultFor(connection, parent, objects, scan)
    const page = this.#pages.slice(connection, parent, orderedResult)
    const onPage = page.items.map(({ object }) => object)
    if ((page.hasNextPage || page.hasPreviousPage) && orderedResult.sorted)
      this.#plannerCache.pageOrders.set(
        connection.orderKeyOf(parent),
        orderedResult.sorted,
        scan.writeVersion,
      )
    if (connection.mode === 'singlePass') this.#paginateChildren(connection.items, onPage, scan)
    else {
      scan.connections.add(connection)
      for (const nested of connection.prefetched) this.#paginateForParents(nested, onPage, scan)
    }
  }

  #orderedResultFor(
    connection: ConnectionPlan,
    parent: ManagedObjectReference | undefined,
    objects: readonly ManagedObject[],
    { loaded }: KeyScan,
  ): OrderedResult {
    const known = this.#orderedResults.get(loaded) ?? new Map<string, OrderedResult>()
    this.#orderedResults.set(loaded, known)
    const orderKey = connection.orderKeyOf(parent)
    const key = `${connection.needsOrder} ${orderKey}`
    const orderedResult =
      known.get(key) ??
      sortMatching(connection, objects, (sortedRefs) =>
        this.#plannerCache.pageOrders.identify(orderKey, sortedRefs),
      )
    known.set(key, orderedResult)
    return orderedResult
  }

  #paginateChildren(node: PlanNode, objects: readonly ManagedObject[], scan: KeyScan): void {
    for (const connection of node.connections)
      if (connection.mode !== 'resolved') this.#paginateForParents(connection, objects, scan)
    for (const [traversal, below] of node.edges) {
      if (!below.hasConnections) continue
      // If the edge cannot be read, it has no children here. The field itself reports the error.
      const children = new Set(objects.flatMap((object) => readOr(() => traversal.follow(object), [])))
      if (children.size > 0) this.#paginateChildren(below, [...children], scan)
    }
  }

  #paginateForParents(connection: ConnectionPlan, parents: readonly ManagedObject[], scan: KeyScan): void {
    for (const parent of parents) {
      let objects: ManagedObject[]
      try {
        objects = connection.collection.traversal?.follow(parent) ?? []
      } catch (error) {
        if (!isUnreadable(error)) throw error
        // Part of the path cannot be read: only this connection fails, when it is resolved.
        this.#pages.fail(connection, parent.ref, error)
        continue
      }
      this.#recordSize(connection, parent.ref, objects.length)
      this.#paginate(connection, parent.ref, objects, scan)
    }
  }

  #recordSize(
    { collection }: ConnectionPlan,
    parent: ManagedObjectReference | undefined,
    count: number,
  ): void {
    this.#plannerCache.sizeHints.record(collection.name, parent?.value ?? '', count)
  }
}
