// Runs plans: one RetrievePropertiesEx for all that is asked in a tick, whatever the types, and the pages of connections.
// Windows that are known to hold everything cost one retrieval; others a scan of their keys, then one for the page; pages
// that go on from another one the latter alone, as long as the walk is kept.

import DataLoader from 'dataloader'
import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import { inventoryView } from '../vim25/property-collector/container-views.ts'
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

/** What is remembered between requests: never values, only what shapes the next retrieval. */
export interface PlannerCache {
  readonly unknownProperties: UnknownProperties
  readonly pageOrders: PageOrderCache
  readonly sizeHints: SizeHints
}

/** Where a retrieval starts, and what it reads from there: at known objects, or at all of the node's type in the inventory. */
interface RetrievalTarget {
  readonly node: PlanNode
  /** Absent for the whole inventory. */
  readonly refs?: readonly ManagedObjectReference[]
  /** The connection over the whole inventory that the node is of, if it is windowed. */
  readonly connection?: ConnectionPlan
}

/** The connections that were scanned for their keys, and what the session had changed by the time that the scan began. */
interface KeyScan {
  readonly connections: Set<ConnectionPlan>
  readonly loaded: ReadonlySet<ManagedObject>
  readonly writeVersion: number
}

/** Calls back when all has been asked that is to be retrieved together. */
type Schedule = (dispatch: () => void) => void

/** Reads the inventory for one operation, or for one mutation's payload: what is read through one Reader is of one time. */
export class InventoryReader {
  readonly objectCache = new ObjectCache()
  readonly schedule: Schedule | undefined
  readonly #session: Session
  readonly #plannerCache: PlannerCache
  readonly #callOptions: CallOptions
  readonly #retrievals: DataLoader<RetrievalTarget, ReadonlySet<ManagedObject>>
  /** What pages were cut from, by what was reported: windows of one walk under several aliases are cut from one. */
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

  /** Retrieves an object with all that its plan needs; undefined when vSphere does not know it. */
  async object<M extends ManagedObjectType>(
    ref: ManagedObjectReference,
    node: PlanNode<M>,
  ): Promise<ManagedObject<M> | undefined> {
    const [object] = await this.objects([ref], node)
    return object
  }

  /** The same for several of one plan, in their order. */
  async objects<M extends ManagedObjectType>(
    refs: readonly ManagedObjectReference[],
    node: PlanNode<M>,
  ): Promise<(ManagedObject<M> | undefined)[]> {
    if (refs.length === 0) return []
    // An ended session answers with every path missing, and of an object without paths with nothing to tell it by.
    if (pathsAt(node).size === 0) node.read('name')
    const loaded = await this.#fetch({ refs, node })
    return refs
      .map((ref) => this.objectCache.get<M>(ref))
      .map((object) => (loaded.has(object) ? object : undefined))
  }

  /** All objects of a type in the inventory, without a window. */
  async all(node: PlanNode): Promise<ManagedObject[]> {
    const loaded = await this.#fetch({ node })
    return this.#inventoryObjects(loaded, node)
  }

  /** The page of a connection over the whole inventory. */
  async page(connection: ConnectionPlan): Promise<Page> {
    this.#decideMode([connection])
    if (this.#resumeFromCache(connection, [undefined]))
      await this.#loadPageItems(connection, connection.allFields)
    else await this.#fetch({ connection, node: connectionNode(connection) })
    return connection.page(undefined) as Page
  }

  async #fetch(target: RetrievalTarget): Promise<ReadonlySet<ManagedObject>> {
    const { node, refs, connection } = target
    const resumed: ConnectionPlan[] = []
    if (refs) {
      this.#decideBelow(node)
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
    // Not of all that was reported: what other retrievals of the tick found was not read for these edges.
    markUnreportedGone(node, objects)
    const scan: KeyScan = { connections: new Set(), loaded, writeVersion }
    if (connection) {
      this.#recordSize(connection, undefined, objects.length)
      this.#paginate(connection, undefined, objects, scan)
    } else if (refs) this.#paginateChildren(node, objects, scan)
    // All of them first: the plan of one page must not ask again for the pages inside it, which are read beside it.
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

  /** Cuts the pages of a connection out of the orders that its cursors name, if each of its parents' is kept. Their objects are not read yet. */
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

  #decideMode(connections: readonly ConnectionPlan[]): void {
    for (const connection of connections) {
      if (connection.mode === 'resolved') continue
      connection.chooseMode(this.#plannerCache.sizeHints.maxOf(connection.collection.name))
      this.#decideBelow(connection.items)
    }
  }

  #decideBelow(node: PlanNode): void {
    this.#decideMode(node.connections)
    for (const below of node.edges.values()) this.#decideBelow(below)
  }

  /** Cuts one parent's page, and those of the connections inside it that were read along. */
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
      // Where it may not be read it leads nowhere; the field itself tells why.
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
        // Part of the way may not be read: this connection alone fails, where it is resolved.
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
      // Begun anew when the session ended in the middle.
      loaded = new Set()
      const gone = new Set<ManagedObject>()
      const targets = await Promise.all(
        retrievalTargets.map(
          async ({ refs, node }, index): Promise<CompileTarget> =>
            refs
              ? { refs, node, known: known[index] }
              : { view: await inventoryView(login, node.type, this.#callOptions), node },
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
          if (isRemoved(content)) gone.add(object)
          else loaded.add(object)
        },
      )
      for (const object of gone) {
        object.markGone()
        loaded.delete(object)
      }
    }, this.#callOptions)
    return retrievalTargets.map(({ refs, node }, index) => {
      const required = new Set([...pathsAt(node), ...subtypeRequirements(node)])
      const wasRequested = required.size === 0 || known[index]?.size !== required.size
      const present = refs
        ? refs
            .map((ref) => this.objectCache.get(ref))
            // Nothing was asked of those that are known already.
            .filter((object) => (wasRequested ? loaded.has(object) : object.isLoaded))
        : this.#inventoryObjects(loaded, node)
      for (const object of present) object.markComplete(required)
      return wasRequested ? loaded : new Set([...loaded, ...present])
    })
  }

  /** The paths that need not be asked for again: what a request has read it reads once. */
  #knownPathsOf({ refs, node }: RetrievalTarget): ReadonlySet<string> | undefined {
    if (!refs) return undefined
    const objects = refs.map((ref) => this.objectCache.get(ref))
    // Where the way leads on it is asked for again: an ended session shows in what is asked, and not in what is walked.
    const traversalPaths = new Set([...node.edges.keys()].flatMap(({ requiredPaths }) => requiredPaths))
    return new Set(
      [...node.paths, ...subtypeRequirements(node)].filter(
        (each) => !traversalPaths.has(each) && objects.every((object) => object.isComplete(each)),
      ),
    )
  }

  /** What a view has told. The root folder is in none, but can be on the way from other objects. */
  #inventoryObjects(loaded: ReadonlySet<ManagedObject>, { type }: PlanNode): ManagedObject[] {
    const root = this.#session.lastLogin?.content.rootFolder.value
    return [...loaded].filter((object) => isOfType(object, type) && object.ref.value !== root)
  }
}

/** Of what the edges of a plan lead to and vSphere did not tell of: whoever follows them must not find it. */
function markUnreportedGone(node: PlanNode, objects: Iterable<ManagedObject>): void {
  for (const [traversal, to] of node.edges) {
    if (!to.isNeeded) continue
    const found = new Set<ManagedObject>()
    for (const object of objects)
      for (const each of readOr(() => traversal.follow(object), [])) found.add(each)
    const present = [...found].filter((each) => each.isLoaded)
    for (const each of found) if (!each.isLoaded) each.markGone()
    markUnreportedGone(to, present)
  }
}
