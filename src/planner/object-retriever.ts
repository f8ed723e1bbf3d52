// Retrieves objects into the object cache: batches all reads of one tick into one retrieval, whatever the types,
// and omits paths that are already known.

import DataLoader from 'dataloader'
import type { BatchScheduler } from '../concurrency/batch-scheduler.ts'
import { isOverBudget } from '../concurrency/event-loop.ts'
import type { ManagedObjectType } from '../soap/vim-types.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { InventorySource, RetrievalTarget } from './inventory-source.ts'
import { isEntityOf, type ManagedObject, type ObjectCache, readOr } from './managed-object.ts'
import type { PlanNode } from './plan-node.ts'
import { serviceTargets } from './service-objects.ts'

/** The retrievals of one reader. */
export class ObjectRetriever {
  readonly #source: InventorySource
  readonly #objectCache: ObjectCache
  readonly #callOptions: CallOptions
  readonly #scheduler: BatchScheduler
  readonly #retrievals: DataLoader<RetrievalTarget, ReadonlySet<ManagedObject>>

  constructor(
    source: InventorySource,
    objectCache: ObjectCache,
    callOptions: CallOptions,
    scheduler: BatchScheduler,
  ) {
    this.#source = source
    this.#objectCache = objectCache
    this.#callOptions = callOptions
    this.#scheduler = scheduler
    this.#retrievals = new DataLoader((targets) => this.#retrieve(targets), {
      cache: false,
      batchScheduleFn: scheduler.schedule,
    })
  }

  /**
   * Retrieves a target, together with the other targets of the same tick.
   * @returns all objects that the retrieval returned, those of the other targets included
   */
  load(target: RetrievalTarget): Promise<ReadonlySet<ManagedObject>> {
    return this.#retrievals.load(target)
  }

  async #retrieve(targets: readonly RetrievalTarget[]): Promise<ReadonlySet<ManagedObject>[]> {
    const all = [...targets, ...serviceTargets(targets, this.#source)]
    const withKnown = all.map((target) => ({ ...target, known: this.#knownTo(target) }))
    const { found, deleted } = await this.#source.retrieve(
      withKnown,
      this.#callOptions,
      (content, requested) => {
        const object = this.#objectCache.get(content.obj)
        if (!object.isLoaded) this.#callOptions.onObject?.()
        object.merge(content, requested)
        return object
      },
    )
    for (const object of deleted) object.markMissing()
    // Aliases of one connection request the same objects. One set of paths for all of them keeps each object small.
    const inventories = new Map<ManagedObjectType, Set<string>>()
    for (const { refs, node } of withKnown) {
      if (refs) continue
      const paths = inventories.get(node.type) ?? new Set()
      for (const path of requirementsOf(node)) paths.add(path)
      inventories.set(node.type, paths)
    }
    for (const [type, paths] of inventories) {
      if (isOverBudget()) await this.#scheduler.yieldToEventLoop()
      for (const object of this.inventoryObjects(found, type)) object.markComplete(paths)
    }
    const loaded = withKnown.map(({ refs, node, known }) => {
      // Every path of an inventory is requested.
      if (!refs) return found
      const requirements = new Set(requirementsOf(node))
      const wasRequested = requirements.size === 0 || known?.size !== requirements.size
      const present = refs
        .map((ref) => this.#objectCache.get(ref))
        // No request was made for objects that are already known.
        .filter((object) => (wasRequested ? found.has(object) : object.isLoaded))
      for (const object of present) object.markComplete(requirements)
      return wasRequested ? found : new Set([...found, ...present])
    })
    return loaded.slice(0, targets.length)
  }

  /** Returns the requirements that need not be requested again: a request reads each path once. */
  #knownTo({ refs, node }: RetrievalTarget): ReadonlySet<string> | undefined {
    if (!refs) return undefined
    const objects = refs.map((ref) => this.#objectCache.get(ref))
    // Start paths of edges are requested again: an ended session is visible in requested properties, not in
    // traversals.
    const traversalPaths = new Set(
      [...node.edges.keys()].flatMap(({ requiredPaths, isNested }) => (isNested ? [] : requiredPaths)),
    )
    return new Set(
      node.ownRequirements.filter(
        (each) => !traversalPaths.has(each) && objects.every((object) => object.isComplete(each)),
      ),
    )
  }

  /** Returns the objects of the inventory that have a type. Excludes the root folder, although edges can lead to it. */
  inventoryObjects(found: ReadonlySet<ManagedObject>, type: ManagedObjectType): ManagedObject[] {
    const root = this.#source.rootFolder?.value
    return [...found].filter((object) => isEntityOf(object, type) && object.ref.value !== root)
  }
}

const requirementsOf = (node: PlanNode): readonly string[] => [...node.requiredPaths, ...node.ownRequirements]

/**
 * Marks the objects that the plan's edges lead to and vSphere did not report, so that no resolver returns
 * them.
 */
export function markUnreportedAsMissing(node: PlanNode, objects: Iterable<ManagedObject>): void {
  for (const [traversal, to] of node.edges) {
    if (!to.isNeeded || traversal.isNested) continue
    const found = new Set<ManagedObject>()
    for (const object of objects)
      for (const each of readOr(() => traversal.follow(object), [])) found.add(each)
    const present = [...found].filter((each) => each.isLoaded)
    for (const each of found) if (!each.isLoaded) each.markMissing()
    markUnreportedAsMissing(to, present)
  }
}
