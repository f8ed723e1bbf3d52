// Retrieves objects into the object cache: batches all reads of one tick into one RetrievePropertiesEx call,
// whatever the types, and omits paths that are already known.

import DataLoader from 'dataloader'
import type { ManagedObjectReference } from '../soap/vim-types.ts'
import { getContainerView } from '../vim25/property-collector/container-views.ts'
import { isRemoved, retrieveProperties } from '../vim25/property-collector/property-collector.ts'
import type { UnknownProperties } from '../vim25/property-collector/unknown-properties.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { Session } from '../vim25/session/session.ts'
import { type CompileTarget, compile } from './compile.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import { pathsAt, subtypeRequirements } from './expanded-node.ts'
import { isOfType, type ManagedObject, type ObjectCache, readOr } from './managed-object.ts'
import type { PlanNode } from './plan-node.ts'

/**
 * Start of a retrieval and what to read from there: known objects, or all objects of the node's type in the
 * inventory.
 */
export interface RetrievalTarget {
  readonly node: PlanNode
  /** Undefined for the whole inventory. */
  readonly refs?: readonly ManagedObjectReference[]
  /** The connection over the whole inventory that the node belongs to, if it is paginated. */
  readonly connection?: ConnectionPlan
}

/** Calls back once all reads that belong in one batch are queued. */
export type Schedule = (dispatch: () => void) => void

/** The retrievals of one reader. */
export class ObjectRetriever {
  readonly #session: Session
  readonly #unknownProperties: UnknownProperties
  readonly #objectCache: ObjectCache
  readonly #callOptions: CallOptions
  readonly #retrievals: DataLoader<RetrievalTarget, ReadonlySet<ManagedObject>>

  constructor(
    session: Session,
    unknownProperties: UnknownProperties,
    objectCache: ObjectCache,
    callOptions: CallOptions,
    schedule?: Schedule,
  ) {
    this.#session = session
    this.#unknownProperties = unknownProperties
    this.#objectCache = objectCache
    this.#callOptions = callOptions
    this.#retrievals = new DataLoader((retrievalTargets) => this.#retrieve(retrievalTargets), {
      cache: false,
      ...(schedule && { batchScheduleFn: schedule }),
    })
  }

  /**
   * Retrieves a target, together with the other targets of the same tick.
   * @returns all objects that the retrieval returned, those of the other targets included
   */
  load(target: RetrievalTarget): Promise<ReadonlySet<ManagedObject>> {
    return this.#retrievals.load(target)
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
      await retrieveProperties(login, specSet, this.#unknownProperties, this.#callOptions, (content) => {
        const object = this.#objectCache.get(content.obj)
        if (!object.isLoaded) this.#callOptions.onObject?.()
        object.merge(content, requestedPaths(content.obj.type))
        if (isRemoved(content)) removed.add(object)
        else loaded.add(object)
      })
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
            .map((ref) => this.#objectCache.get(ref))
            // No request was made for objects that are already known.
            .filter((object) => (wasRequested ? loaded.has(object) : object.isLoaded))
        : this.inventoryObjects(loaded, node)
      for (const object of present) object.markComplete(required)
      return wasRequested ? loaded : new Set([...loaded, ...present])
    })
  }

  /** Returns the paths that need not be requested again: a request reads each path once. */
  #knownPathsOf({ refs, node }: RetrievalTarget): ReadonlySet<string> | undefined {
    if (!refs) return undefined
    const objects = refs.map((ref) => this.#objectCache.get(ref))
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
  inventoryObjects(loaded: ReadonlySet<ManagedObject>, { type }: PlanNode): ManagedObject[] {
    const root = this.#session.lastLogin?.content.rootFolder.value
    return [...loaded].filter((object) => isOfType(object, type) && object.ref.value !== root)
  }
}

/**
 * Marks the objects that the plan's edges lead to and vSphere did not report, so that no resolver returns
 * them.
 */
export function markUnreportedAsMissing(node: PlanNode, objects: Iterable<ManagedObject>): void {
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
