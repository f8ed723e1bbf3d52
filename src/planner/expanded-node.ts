// Expands a plan into a tree: plan nodes with their connections turned into edges, and the paths to request
// at each node.

import { typeAtPath } from '../soap/type-registry.ts'
import type { ManagedObjectType } from '../soap/vim-types.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import { PlanNode } from './plan-node.ts'
import type { Traversal } from './traversals.ts'

export interface ExpandedNode {
  readonly type: ManagedObjectType
  readonly paths: ReadonlySet<string>
  /** Additional paths that are requested only for objects of a subtype. */
  readonly subtypePaths: ReadonlyMap<ManagedObjectType, ReadonlySet<string>>
  readonly edges: readonly ExpandedEdge[]
  /** The objects must be reported, even if only to know that they exist. */
  readonly isRequired: boolean
}

export interface ExpandedEdge {
  readonly traversal: Traversal
  readonly to: ExpandedNode
}

export const noPaths: ReadonlySet<string> = new Set()

/**
 * Expands a plan node and everything below it.
 * @param known requirements of the objects at this node that need not be requested again.
 */
export function expandConnections(
  node: PlanNode,
  known = noPaths,
  isRequired = known.size === 0,
): ExpandedNode {
  const merged = new Map<Traversal, PlanNode>()
  const connectionTraversals = new Set<Traversal>()
  const add = (traversal: Traversal, to: PlanNode) => {
    const other = merged.get(traversal)
    merged.set(traversal, other ? new PlanNode(to.type).include(other).include(to) : to)
  }
  for (const [traversal, to] of node.edges) if (to.isNeeded || traversal.collectsOnPath) add(traversal, to)
  for (const connection of node.connections) {
    const { traversal } = connection.collection
    if (!traversal || connection.mode === 'resolved') continue
    add(traversal, connectionNode(connection))
    connectionTraversals.add(traversal)
  }
  const paths = new Set(pathsAt(node))
  for (const path of known) paths.delete(path)
  const edges = [...merged].map(([traversal, to]) => ({
    traversal,
    to: expandConnections(to, noPaths, connectionTraversals.has(traversal) || to.isNeeded),
  }))
  const subtypePaths = new Map(
    [...node.subtypePaths]
      .map(([subtype, all]) => {
        const unknown = [...all].filter((path) => !known.has(requirement(subtype, path)))
        return [subtype, new Set(unknown)] as const
      })
      .filter(([, unknown]) => unknown.size > 0),
  )
  return {
    type: node.type,
    paths,
    subtypePaths,
    edges,
    isRequired: isRequired || paths.size > 0 || subtypePaths.size > 0,
  }
}

/** Key for a path that is requested only for objects of a subtype. Never equal to a path of the type itself. */
const requirement = (subtype: ManagedObjectType, path: string): string => `${subtype}:${path}`

/** Yields the requirements for subtypes at a node. */
export function* subtypeRequirements(node: PlanNode): Generator<string> {
  for (const [subtype, paths] of node.subtypePaths) for (const path of paths) yield requirement(subtype, path)
}

/** Returns the paths requested for all objects at a node itself. */
export function pathsAt(node: PlanNode): ReadonlySet<string> {
  const paths = new Set(node.paths)
  for (const { collection, mode } of node.connections) {
    if (mode === 'resolved') continue
    for (const path of collection.traversal?.requiredPaths ?? [])
      if (typeAtPath(node.type, path)) paths.add(path)
  }
  return paths
}

/** Returns what a connection needs from its objects in its current mode. */
export function connectionNode({ mode, keys, items, prefetchNestedKeys }: ConnectionPlan): PlanNode {
  const node = new PlanNode(items.type).include(keys)
  if (mode === 'singlePass') return node.include(items)
  // Keys of nested connections are read with this connection's own keys, so that nesting costs no extra
  // retrieval.
  if (prefetchNestedKeys)
    node.connections.push(...items.connections.filter((inner) => inner.mode === 'keysFirst'))
  return node
}
