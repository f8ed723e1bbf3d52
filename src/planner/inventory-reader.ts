// Executes plans: retrieves their objects (object-retriever.ts) and builds the pages of connections (connections/). A window
// known to hold all objects takes one retrieval. Other windows take a scan of the keys and a retrieval for the
// page, and one in between if the filter has heavy conditions. A page that continues another one skips the scan
// as long as the order is cached.

import { BatchScheduler } from '../concurrency/batch-scheduler.ts'
import { isOverBudget } from '../concurrency/event-loop.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import { type ConnectionPlan, connectionsOf } from './connections/connection-plan.ts'
import type { Page } from './connections/page.ts'
import { type KeyScan, Paginator, type PlannerCache } from './connections/paginator.ts'
import type { InventorySource } from './inventory-source.ts'
import { type ManagedObject, ObjectCache } from './managed-object.ts'
import { hasNestedEdges, nestedTargets } from './nested-edges.ts'
import { markUnreportedAsMissing, ObjectRetriever } from './object-retriever.ts'
import type { PlanNode } from './plan-node.ts'

/** What to read, and the connection over the whole inventory that the node belongs to, if it is paginated. */
interface ReadTarget {
  readonly node: PlanNode
  readonly refs?: readonly ManagedObjectReference[]
  readonly connection?: ConnectionPlan
}

/** Reads the inventory for one operation or one mutation payload. All data read through one reader is from one time. */
export class InventoryReader {
  readonly objectCache: ObjectCache
  readonly scheduler: BatchScheduler
  readonly source: InventorySource
  readonly #retriever: ObjectRetriever
  readonly #paginator: Paginator

  constructor(
    source: InventorySource,
    plannerCache: PlannerCache,
    callOptions: CallOptions,
    scheduler = new BatchScheduler(),
  ) {
    this.source = source
    this.objectCache = new ObjectCache(source)
    this.scheduler = scheduler
    this.#retriever = new ObjectRetriever(source, this.objectCache, callOptions, scheduler)
    this.#paginator = new Paginator({
      objectCache: this.objectCache,
      plannerCache,
      scheduler,
      fetch: (refs, node) => this.#fetch({ refs, node }),
      checkBytes: (bytes) => callOptions.onEstimate?.(bytes),
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
    if (node.requiredPaths.size === 0) node.read('name')
    const loaded = await this.#fetch({ refs, node })
    return refs
      .map((ref) => this.objectCache.get<M>(ref))
      .map((object) => (loaded.has(object) ? object : undefined))
  }

  /** Retrieves all objects of a type in the inventory, without pagination. */
  async all(node: PlanNode): Promise<ManagedObject[]> {
    const loaded = await this.#fetch({ node })
    return this.#retriever.inventoryObjects(loaded, node.type)
  }

  /** Returns the page of a connection over the whole inventory. */
  async page(connection: ConnectionPlan): Promise<Page> {
    const paginator = this.#paginator
    paginator.chooseModes([connection])
    const { rootFolder, writeVersion } = this.source
    const refs = connection.collection.isOfRootFolder && rootFolder ? [rootFolder] : undefined
    if (paginator.resumeFromCache(connection, [undefined], writeVersion))
      await paginator.loadPageItems(connection, connection.allFields)
    else {
      const loaded = await this.#fetch({ connection, node: connection.scan, ...(refs && { refs }) })
      if (refs) this.#markMissing(refs, loaded)
    }
    return paginator.page(connection)
  }

  /** Reads the objects that the nested edges of a plan lead to. All of one tick share a retrieval. */
  async #followNestedEdges(node: PlanNode, objects: readonly ManagedObject[]): Promise<void> {
    await Promise.all(
      nestedTargets(node, objects).map(async (target) => {
        this.#markMissing(target.refs, await this.#fetch(target))
      }),
    )
  }

  #markMissing(refs: readonly ManagedObjectReference[], loaded: ReadonlySet<ManagedObject>): void {
    for (const ref of refs) {
      const object = this.objectCache.get(ref)
      if (!loaded.has(object) && !object.isLoaded) object.markMissing()
    }
  }

  async #fetch(target: ReadTarget): Promise<ReadonlySet<ManagedObject>> {
    const { node, refs } = target
    const paginator = this.#paginator
    const { writeVersion } = this.source
    const resumed: ConnectionPlan[] = []
    if (refs) {
      paginator.chooseModesBelow(node)
      resumed.push(
        ...connectionsOf(node).filter((each) => paginator.resumeFromCache(each, refs, writeVersion)),
      )
    }
    const [loaded] = await Promise.all([
      this.#retriever.load(target),
      ...resumed.map((each) => paginator.loadPageItems(each, each.allFields)),
    ])
    const scan = await this.#paginate(target, loaded, writeVersion)
    await Promise.all(
      [...scan.connections].map((each) => paginator.loadPageItems(each, each.remainingFields)),
    )
    return loaded
  }

  /** Builds the pages of one read of a batch, without the data that only the objects on them need. */
  async #paginate(
    { node, refs, connection }: ReadTarget,
    loaded: ReadonlySet<ManagedObject>,
    writeVersion: number,
  ): Promise<KeyScan> {
    const paginator = this.#paginator
    // All reads of one batch continue in the same turn of the event loop.
    if (isOverBudget()) await this.scheduler.yieldToEventLoop()
    const objects = refs
      ? refs.map((ref) => this.objectCache.get(ref)).filter((object) => loaded.has(object))
      : this.#retriever.inventoryObjects(loaded, node.type)
    // Only for these objects: other retrievals of the same tick did not read the data for these edges.
    markUnreportedAsMissing(node, objects)
    if (hasNestedEdges(node)) await this.#followNestedEdges(node, objects)
    const scan: KeyScan = { connections: new Set(), loaded, writeVersion }
    if (connection) await paginator.paginate(connection, undefined, objects, scan)
    else if (refs) await paginator.paginateChildren(node, objects, scan)
    // Mark all of them first: the plan of one page must not request the pages nested in it, which are read
    // concurrently.
    for (const each of scan.connections) each.mode = 'resolved'
    return scan
  }
}
