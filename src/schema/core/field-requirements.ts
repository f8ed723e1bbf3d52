// Declares which vSphere properties and edges a field needs. The result is spread into the field's options. A field that is just a
// property is a `t.vimProperty` (vim-property.ts). A resolver that reads a path outside the plan throws (planner/managed-object.ts).

import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { ConnectionPlan } from '../../planner/connections/connection-plan.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { type FieldPlan, type PlanPosition, planSelection } from '../../planner/selection.ts'
import type { Traversal } from '../../planner/traversals.ts'
import type { ManagedObjectType } from '../../soap/vim-types.ts'
import type { Context } from '../context.ts'

/** Creates the field options that carry a plan. */
export const requires = (plan: FieldPlan<Context>): FieldRequirements => ({ extensions: { plan } })

interface FieldRequirements {
  readonly extensions: { readonly plan: FieldPlan<Context> }
}

/** Returns the position of a field's plan as the plan node of an object. */
export function nodeAt(position: PlanPosition): PlanNode {
  if (position instanceof PlanNode) return position
  throw new Error('a field of an object cannot be planned on a connection')
}

/** Returns the position of a field's plan as the plan of a connection. */
export function connectionAt(position: PlanPosition): ConnectionPlan {
  if (position instanceof ConnectionPlan) return position
  throw new Error('a field of a connection cannot be planned on an object')
}

/** Requires paths of the field's own object. The selection below the field is planned on the same object. */
export const requiresPaths = (...paths: readonly string[]): FieldRequirements =>
  requires((position) => nodeAt(position).read(...paths))

/** Requires the objects along an edge, and paths of the field's own object. */
export const requiresTraversal = (traversal: Traversal, ...paths: readonly string[]): FieldRequirements =>
  requires((position) => {
    nodeAt(position)
      .read(...paths)
      .follow(traversal)
    return undefined
  })

/** Requires nothing, neither for the field nor for the selection below it. */
export const noRequirements = requires(() => undefined)

/** The fields whose selections are planned later, by the position at which they were found. */
const postponed = new WeakMap<PlanPosition, FieldNode[]>()

/** Requires nothing yet: the selection below the field is planned once the objects, and with them their types, are known. */
export const postponesPlan = requires((position, _args, _context, field) => {
  postponed.get(position)?.push(field)
  return undefined
})

/**
 * Returns the fields of the operation with `postponesPlan`, below a field that is being resolved.
 *
 * @param typeName - the type of that field
 */
export function postponedFields(
  info: GraphQLResolveInfo,
  typeName: string,
  context: Context,
): readonly FieldNode[] {
  const position = new PlanNode('ManagedEntity')
  const fieldNodes: FieldNode[] = []
  postponed.set(position, fieldNodes)
  planSelection(info, typeName, position, context)
  return fieldNodes
}

/** A sequence of edges. The last one leads to objects of a type. */
export type TraversalPath<N extends ManagedObjectType> = readonly [
  ...before: readonly Traversal[],
  last: Traversal<N>,
]

/** Resolves to the object at the end of a sequence of edges; null if there is none. */
export const reference = <N extends ManagedObjectType>(...path: TraversalPath<N>) => ({
  ...requiresPathTraversals(path),
  resolve: (object: ManagedObject): ManagedObject<N> | null => followPath(object, path)[0] ?? null,
})

/** Resolves to all objects at the end of a sequence of edges. */
export const references = <N extends ManagedObjectType>(...path: TraversalPath<N>) => ({
  ...requiresPathTraversals(path),
  resolve: (object: ManagedObject): ManagedObject<N>[] => followPath(object, path),
})

const requiresPathTraversals = (path: readonly Traversal[]) =>
  requires((position) => path.reduce((node, traversal) => node.follow(traversal), nodeAt(position)))

function followPath<N extends ManagedObjectType>(
  object: ManagedObject,
  [first, ...others]: TraversalPath<N>,
): ManagedObject<N>[] {
  // Most paths have one edge: conditions and groups follow it from every object of a scan.
  const objects = first?.follow(object) ?? [object]
  return others.reduce<readonly ManagedObject[]>(
    (before, traversal) => before.flatMap((each) => traversal.follow(each)),
    objects,
  ) as ManagedObject<N>[]
}
