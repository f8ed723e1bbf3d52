// Traversals: an edge as the property collector walks it, and as it is read back from the bag. vSphere tells no edge with
// its objects, so both ways are written side by side. edges.ts has those of the inventory.

import { isManagedSubtype, type ManagedObjectType } from '../soap/vim-types.ts'
import { isOfType, type ManagedObject } from './managed-object.ts'

/** One hop: from objects of a type along a path, then on by the steps named in `next`. */
export interface Step {
  readonly type: ManagedObjectType
  readonly path: string
  readonly next?: readonly string[]
  /** Objects reached by it can be what the traversal leads to. */
  readonly isTarget?: true
}

type CollectedPaths = Readonly<Partial<Record<ManagedObjectType, readonly string[]>>>

export interface Traversal<T extends ManagedObjectType = ManagedObjectType> {
  readonly name: string
  readonly to: T
  readonly start: readonly string[]
  readonly steps: Readonly<Record<string, Step>>
  /** What must be read of the object where it starts, and of those on the way, to find the way back in the bag. */
  readonly requiredPaths: readonly string[]
  readonly collectsOnPath?: CollectedPaths
  /** The objects that the edge leads to from one object. */
  readonly follow: (from: ManagedObject) => ManagedObject<T>[]
}

/** An edge that is a property holding one reference or several; those of other types than it leads to are left out. */
export function reference<T extends ManagedObjectType>(
  from: ManagedObjectType,
  path: string,
  to: T,
): Traversal<T> {
  return {
    name: `${from}.${path}:${to}`,
    to,
    start: ['it'],
    steps: { it: { type: from, path, isTarget: true } },
    requiredPaths: [path],
    follow: (object) =>
      object.references(path).filter((each): each is ManagedObject<T> => isOfType(each, to) && !each.isGone),
  }
}

/** The same for what is counted and listed in a connection: only what vSphere answers for. */
export function visibleReferences<T extends ManagedObjectType>(
  from: ManagedObjectType,
  path: string,
  to: T,
): Traversal<T> {
  const edge = reference(from, path, to)
  return { ...edge, follow: (object) => edge.follow(object).filter(({ isLoaded }) => isLoaded) }
}

/** An edge downwards over containers, to objects of a type at any depth: those on the way tell where it goes on. */
export function descent<T extends ManagedObjectType>(
  from: ManagedObjectType,
  path: string,
  to: T,
  steps: Readonly<Record<string, Step>>,
  collectsOnPath: CollectedPaths,
): Traversal<T> {
  return {
    name: `${from}.${path}/${to}`,
    to,
    start: [path],
    steps,
    requiredPaths: [path],
    collectsOnPath: collectsOnPath,
    follow: (object) => {
      const found: ManagedObject<T>[] = []
      const queue: ManagedObject[] = object.references(path)
      const seen = new Set<ManagedObject>()
      for (let each = queue.pop(); each; each = queue.pop()) {
        if (seen.has(each) || !each.isLoaded) continue
        seen.add(each)
        if (isOfType(each, to)) found.push(each)
        else queue.push(...nextObjects(each, collectsOnPath))
      }
      return found
    },
  }
}

/** The objects that containers name at these paths. */
export function* nextObjects(
  object: ManagedObject,
  collectsOnPath: CollectedPaths,
): Generator<ManagedObject> {
  for (const [type, paths] of Object.entries(collectsOnPath))
    if (isManagedSubtype(object.ref.type, type)) for (const path of paths) yield* object.references(path)
}
