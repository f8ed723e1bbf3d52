// Executes plans: batches all reads of one tick into one RetrievePropertiesEx call, whatever the types, and
// builds the pages of connections. A window known to hold all objects takes one retrieval. Other windows take
// a scan of the keys and a retrieval for the page. A page that continues another one skips the scan as long
// as the order is cached.

import DataLoader from 'dataloader'
import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import { getContainerView } from '../vim25/property-collector/container-views.ts'
import { isRemoved, retrieveProperties } from '../vim25/property-collector/property-collector.ts'
import type { UnknownProperties } from '../vim25/property-collector/unknown-properties.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { Session } from '../vim25/session/session.ts'
import { type CompileTarget, compile } from './compile.ts'
import type { ConnectionPlan, OrderedResult } from './connection-plan.ts'
import { connectionNode, pathsAt, subtypeRequirements } from './expanded-node.ts'
import { isOfType, isUnreadable, type ManagedObject, ObjectCache, readOr } from './managed-object.ts'
import type { Page } from './page.ts'
import type { PageOrderCache } from './page-order-cache.ts'
import type { PlanNode } from './plan-node.ts'
import type { SizeHints } from './size-hints.ts'

/** State kept between requests. Never holds property values, only data that shapes the next retrieval. */
export interface PlannerCache {
  readonly unknownProperties: UnknownProperties
  readonly pageOrders: PageOrderCache
  readonly sizeHints: SizeHints
}

/**
 * Start of a retrieval and what to read from there: known objects, or all objects of the node's type in the
 * inventory.
 */
interface RetrievalTarget {
  readonly node: PlanNode
  /** Undefined for the whole inventory. */
  readonly refs?: readonly ManagedObjectReference[]
  /** The connection over the whole inventory that the node belongs to, if it is paginated. */
  readonly connection?: ConnectionPlan
}

/** Connections whose keys were scanned, and the session's write version when the scan began. */
interface KeyScan {
  readonly connections: Set<ConnectionPlan>
  readonly loaded: ReadonlySet<ManagedObject>
  readonly writeVersion: number
}

/** Calls back once all reads that belong in one batch are queued. */
type Schedule = (dispatch: () => void) => void

/**
 * Reads the inventory for one operation or one mutation payload. All data read through one reader is from one
 * time.
 */
export class InventoryReader {
  readonly objectCache = new ObjectCache()
  readonly schedule: Schedule | undefined
  readonly #session: Session
  readonly #plannerCache: PlannerCache
  readonly #callOptions: CallOptions
  readonly #retrievals: DataLoader<RetrievalTarget, ReadonlySet<ManagedObject>>
  /**
   * The results that pages are sliced from, by retrieval: aliases of one connection with the same order share
   * one.
   */
  readonly #orderedResults = new WeakMap<object, Map<string, OrderedResult>>()

  constructor(session: Session, plannerCache: PlannerCache, callOptions: CallOptions, schedule?: Schedule) {
    this.#session = session
    this.#plannerCache = plannerCache
    this.#callOptions = callOptions
    this.schedule = schedule
    this.#retrievals = new DataLoader((retrievalTargets) => this.#retrieve(retrievalTargets), {
      cache: false,
      ...(schedule && { batchScheduleFn: schedule }),
    })
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
    if (pathsAt(node).size === 0) node.read('name')
    const loaded = await this.#fetch({ refs, node })
    return refs
      .map((ref) => this.objectCache.get<M>(ref))
      .map((object) => (loaded.has(object) ? object : undefined))
  }

  /** Retrieves all objects of a type in the inventory, without pagination. */
  async all(node: PlanNode): Promise<ManagedObject[]> {
    const loaded = await this.#fetch({ node })
    return this.#inventoryObjects(loaded, node)
  }

  /** Returns the page of a connection over the whole inventory. */
  async page(connection: ConnectionPlan): Promise<Page> {
    this.#chooseModes([connection])
    if (this.#resumeFromCache(connection, [undefined]))
      await this.#loadPageItems(connection, connection.allFields)
    else await this.#fetch({ connection, node: connectionNode(connection) })
    return connection.page(undefined) as Page
  }

  async #fetch(target: RetrievalTarget): Promise<ReadonlySet<ManagedObject>> {
    const { node, refs, connection } = target
    const resumed: ConnectionPlan[] = []
    if (refs) {
      this.#chooseModesBelow(node)
      resumed.push(...node.connections.filter((each) => this.#resumeFromCache(each, refs)))
    }
    const writeVersion = this.#session.writeVersion
    const [loaded] = await Promise.all([
      this.#retrievals.load(target),
      ...resumed.map((each) => this.#loadPageItems(each, each.allFields)),
    ])
    const objects = refs
      ? refs.map((ref) => this.objectCache.get(ref)).filter((object) => loaded.has(object))
      : this.#inventoryObjects(loaded, node)
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
    const refs = new Map<string, ManagedObjectReference>()
    for (const { items } of connection.pages)
      for (const { object } of items) refs.set(object.ref.value, object.ref)
    if (refs.size === 0 || !node.isNeeded) return
    const loaded = await this.#fetch({ refs: [...refs.values()], node })
    connection.filterPages((object) => loaded.has(object) && connection.matches(object))
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
    const { writeVersion } = this.#session
    const cachedOrders = parents.map((parent) =>
      pageOrders.get(connection.orderKeyOf(parent), connection.orderIds, writeVersion),
    )
    if (!cachedOrders.every((each) => each !== undefined)) return false
    for (const [index, ordered] of cachedOrders.entries())
      connection.paginateSorted(ordered, parents[index], this.objectCache)
    this.objectCache.addConnection(connection)
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
    const hasMorePages = connection.paginate(parent, orderedResult, this.objectCache)
    this.objectCache.addConnection(connection)
    const onPage = (connection.page(parent)?.items ?? []).map(({ object }) => object)
    if (hasMorePages && orderedResult.sorted)
      this.#plannerCache.pageOrders.set(
        connection.orderKeyOf(parent),
        orderedResult.sorted,
        scan.writeVersion,
      )
    if (connection.mode === 'singlePass') this.#paginateChildren(connection.items, onPage, scan)
    else {
      scan.connections.add(connection)
      for (const nested of connection.prefetchNestedKeys ? connection.items.connections : []) {
        if (nested.mode === 'keysFirst') this.#paginateForParents(nested, onPage, scan)
      }
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
    const key = connection.orderedResultKey(parent)
    const orderedResult =
      known.get(key) ??
      connection.sortMatching(objects, (sortedRefs) =>
        this.#plannerCache.pageOrders.identify(connection.orderKeyOf(parent), sortedRefs),
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
        connection.fail(parent.ref, error)
        this.objectCache.addConnection(connection)
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

  async #retrieve(retrievalTargets: readonly RetrievalTarget[]): Promise<ReadonlySet<ManagedObject>[]> {
    const known = retrievalTargets.map((target) => this.#knownPathsOf(target))
    let loaded = new Set<ManagedObject>()
    await this.#session.withLogin(async (login) => {
      // Starts again if the session ended halfway.
      loaded = new Set()
      const removed = new Set<ManagedObject>()
      const targets = await Promise.all(
        retrievalTargets.map(
          async ({ refs, node }, index): Promise<CompileTarget> =>
            refs
              ? { refs, node, known: known[index] }
              : { view: await getContainerView(login, node.type, this.#callOptions), node },
        ),
      )
      const { specSet, requestedPaths } = compile(targets)
      await retrieveProperties(
        login,
        specSet,
        this.#plannerCache.unknownProperties,
        this.#callOptions,
        (content) => {
          const object = this.objectCache.get(content.obj)
          if (!object.isLoaded) this.#callOptions.onObject?.()
          object.merge(content, requestedPaths(content.obj.type))
          if (isRemoved(content)) removed.add(object)
          else loaded.add(object)
        },
      )
      for (const object of removed) {
        object.markMissing()
        loaded.delete(object)
      }
    }, this.#callOptions)
    return retrievalTargets.map(({ refs, node }, index) => {
      const required = new Set([...pathsAt(node), ...subtypeRequirements(node)])
      const wasRequested = required.size === 0 || known[index]?.size !== required.size
      const present = refs
        ? refs
            .map((ref) => this.objectCache.get(ref))
            // No request was made for objects that are already known.
            .filter((object) => (wasRequested ? loaded.has(object) : object.isLoaded))
        : this.#inventoryObjects(loaded, node)
      for (const object of present) object.markComplete(required)
      return wasRequested ? loaded : new Set([...loaded, ...present])
    })
  }

  /** Returns the paths that need not be requested again: a request reads each path once. */
  #knownPathsOf({ refs, node }: RetrievalTarget): ReadonlySet<string> | undefined {
    if (!refs) return undefined
    const objects = refs.map((ref) => this.objectCache.get(ref))
    // Start paths of edges are requested again: an ended session is visible in requested properties, not in
    // traversals.
    const traversalPaths = new Set([...node.edges.keys()].flatMap(({ requiredPaths }) => requiredPaths))
    return new Set(
      [...node.paths, ...subtypeRequirements(node)].filter(
        (each) => !traversalPaths.has(each) && objects.every((object) => object.isComplete(each)),
      ),
    )
  }

  /** Returns the objects that a view reported. Excludes the root folder: no view has it, but edges can lead to it. */
  #inventoryObjects(loaded: ReadonlySet<ManagedObject>, { type }: PlanNode): ManagedObject[] {
    const root = this.#session.lastLogin?.content.rootFolder.value
    return [...loaded].filter((object) => isOfType(object, type) && object.ref.value !== root)
  }
}

/**
 * Marks the objects that the plan's edges lead to and vSphere did not report, so that no resolver returns
 * them.
 */
function markUnreportedAsMissing(node: PlanNode, objects: Iterable<ManagedObject>): void {
  for (const [traversal, to] of node.edges) {
    if (!to.isNeeded) continue
    const found = new Set<ManagedObject>()
    for (const object of objects)
      for (const each of readOr(() => traversal.follow(object), [])) found.add(each)
    const present = [...found].filter((each) => each.isLoaded)
    for (const each of found) if (!each.isLoaded) each.markMissing()
    markUnreportedAsMissing(to, present)
  }
}
