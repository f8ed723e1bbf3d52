// Traversals: an edge as the property collector follows it, and as it is read back from the object cache.
// vSphere does not report which edge led to an object, so both directions are defined together. edges.ts has
// the edges of the inventory.

import { isManagedSubtype } from '../soap/type-registry.ts'
import type { ManagedObjectType } from '../soap/vim-types.ts'
import { isEntityOf, isOfType, type ManagedObject } from './managed-object.ts'

/** One hop: from objects of a type along a path, continuing with the steps named in `next`. */
export interface Step {
  readonly type: ManagedObjectType
  readonly path: string
  readonly next?: readonly string[]
  /** Objects reached by this step can be targets of the traversal. */
  readonly isTarget?: true
  /** Objects reached by this step are only passed through: their paths are not collected. */
  readonly isPassedThrough?: true
}

/** A manager of the vCenter, of which there is one; named as in ServiceContent. */
export type ServiceObject = 'customFieldsManager'

type CollectedPaths = Readonly<Partial<Record<ManagedObjectType, readonly string[]>>>

export interface Traversal<T extends ManagedObjectType = ManagedObjectType> {
  readonly name: string
  readonly to: T
  readonly start: readonly string[]
  readonly steps: Readonly<Record<string, Step>>
  /** Paths to read from the start object, to follow the edge again in the object cache. */
  readonly requiredPaths: readonly string[]
  /** The subtype of the start object that has these paths; other objects do not have them. */
  readonly requiredFrom?: ManagedObjectType
  readonly collectsOnPath?: CollectedPaths
  /** The edge leads to a manager that no property refers to (service-objects.ts). */
  readonly service?: ServiceObject
  /** The references are inside data objects, where no traversal finds them. Their objects take one more retrieval (nested-edges.ts). */
  readonly isNested?: true
  /** Returns the objects that the edge leads to from one object. */
  readonly follow: (from: ManagedObject) => ManagedObject<T>[]
}

/** Creates an edge for a property with one or several references; references to other types are skipped. */
export function reference<T extends ManagedObjectType>(
  from: ManagedObjectType,
  path: string,
  to: T,
): Traversal<T> {
  return {
    name: `${from}.${path}:${to}`,
    to,
    start: ['reference'],
    steps: { reference: { type: from, path, isTarget: true } },
    requiredPaths: [path],
    follow: (object) =>
      object
        .references(path)
        .filter((each): each is ManagedObject<T> => isEntityOf(each, to) && !each.isMissing),
  }
}

/** Whether an edge leads to the objects that a property of the start object refers to, and to no others. */
export const isOwnReference = ({ steps, service }: Traversal): boolean =>
  service === undefined && Object.values(steps).every(({ next }) => next === undefined)

/** Like `reference`, for a property of a subtype of the start object; objects of other types lead nowhere. */
export function referenceOfSubtype<T extends ManagedObjectType>(
  from: ManagedObjectType,
  path: string,
  to: T,
): Traversal<T> {
  const edge = reference(from, path, to)
  return {
    ...edge,
    requiredFrom: from,
    follow: (object) => (isOfType(object, from) ? edge.follow(object) : []),
  }
}

/** Like `reference`, for objects counted and listed in a connection: only those that vSphere returned. */
export function visibleReferences<T extends ManagedObjectType>(
  from: ManagedObjectType,
  path: string,
  to: T,
): Traversal<T> {
  const edge = reference(from, path, to)
  return { ...edge, follow: (object) => edge.follow(object).filter(({ isLoaded }) => isLoaded) }
}

/**
 * Creates an edge down through containers to objects of a type at any depth.
 * @param start the paths of the start object; each is also the key of a step.
 * @param collectsOnPath the properties with child references of the containers on the path.
 */
export function descendants<T extends ManagedObjectType>(
  from: ManagedObjectType,
  start: readonly string[],
  to: T,
  steps: Readonly<Record<string, Step>>,
  collectsOnPath: CollectedPaths,
): Traversal<T> {
  return {
    name: `${from}.${start.join('+')}/${to}`,
    to,
    start,
    steps,
    requiredPaths: start,
    collectsOnPath,
    follow: (object) => {
      const found: ManagedObject<T>[] = []
      const queue = start.flatMap((path) => object.references(path))
      const seen = new Set<ManagedObject>()
      for (let each = queue.pop(); each; each = queue.pop()) {
        if (seen.has(each) || !each.isLoaded) continue
        seen.add(each)
        if (isEntityOf(each, to)) found.push(each)
        // Targets can be containers too, such as folders.
        queue.push(...nextObjects(each, collectsOnPath))
      }
      return found
    },
  }
}

/** Yields the objects that containers refer to at these paths. */
export function* nextObjects(
  object: ManagedObject,
  collectsOnPath: CollectedPaths,
): Generator<ManagedObject> {
  for (const [type, paths] of Object.entries(collectsOnPath))
    if (isManagedSubtype(object.ref.type, type)) for (const path of paths) yield* object.references(path)
}
