// Edges along references inside data objects, such as the alarm of each AlarmState. The property collector cannot follow them, so a
// second retrieval reads their objects, once the data objects are known: for all objects of the first one together.

import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import { connectionsOf } from './connections/connection-plan.ts'
import { type ManagedObject, readOr } from './managed-object.ts'
import type { PlanNode } from './plan-node.ts'
import type { Traversal } from './traversals.ts'

/**
 * Creates an edge along references inside the value of a property.
 * @param refsOf returns the references of an object, whose property has been read
 */
export const nestedReferences = <T extends ManagedObjectType>(
  from: ManagedObjectType,
  path: string,
  to: T,
  field: string,
  refsOf: (object: ManagedObject) => readonly ManagedObjectReference[],
): Traversal<T> => ({
  name: `${from}.${path}[].${field}`,
  to,
  start: [],
  steps: {},
  requiredPaths: [path],
  isNested: true,
  follow: (object) =>
    refsOf(object)
      .map((ref) => object.objectCache.get<T>(ref))
      .filter(({ isMissing }) => !isMissing),
})

/** Objects that nested edges lead to, and what to read of them. */
interface NestedTarget {
  readonly refs: readonly ManagedObjectReference[]
  readonly node: PlanNode
}

/** Returns the objects that the nested edges of a plan lead to, from objects that have been read. */
export function nestedTargets(node: PlanNode, objects: readonly ManagedObject[]): NestedTarget[] {
  const targets: NestedTarget[] = []
  for (const [traversal, to] of node.edges) {
    if (traversal.service || !(traversal.isNested ? to.isNeeded : hasNestedEdges(to))) continue
    const reached = reachedFrom(objects, traversal)
    if (!traversal.isNested) targets.push(...nestedTargets(to, reached))
    else if (reached.length > 0) targets.push({ refs: reached.map(({ ref }) => ref), node: to })
  }
  for (const { collection, scan } of pendingConnections(node))
    if (collection.traversal && hasNestedEdges(scan))
      targets.push(...nestedTargets(scan, reachedFrom(objects, collection.traversal)))
  return targets
}

/** Whether a plan has nested edges anywhere. Most have none. */
export const hasNestedEdges = (node: PlanNode): boolean =>
  [...node.edges].some(([{ isNested }, to]) => isNested || hasNestedEdges(to)) ||
  pendingConnections(node).some(({ scan }) => hasNestedEdges(scan))

const pendingConnections = (node: PlanNode) => connectionsOf(node).filter(({ mode }) => mode !== 'resolved')

/** An edge that cannot be read leads nowhere here. The field itself reports the error. */
const reachedFrom = (objects: readonly ManagedObject[], traversal: Traversal): ManagedObject[] => [
  ...new Set(objects.flatMap((object) => readOr(() => traversal.follow(object), []))),
]
