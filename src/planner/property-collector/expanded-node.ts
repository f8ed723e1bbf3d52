// Expands a plan into a tree: plan nodes with their connections turned into edges, and the paths to request
// at each node.

import type { ManagedObjectType } from '../../soap/vim-types.ts'
import { PlanNode, subtypeRequirement } from '../plan-node.ts'
import type { Traversal } from '../traversals.ts'

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
  for (const [traversal, to] of node.edges)
    if (!traversal.service && !traversal.isNested && (to.isNeeded || traversal.collectsOnPath))
      add(traversal, to)
  for (const connection of node.connections) {
    const { traversal } = connection.collection
    if (!traversal || connection.mode === 'resolved') continue
    add(traversal, connection.scan)
    connectionTraversals.add(traversal)
  }
  const paths = new Set(node.requiredPaths)
  for (const path of known) paths.delete(path)
  const edges = [...merged].map(([traversal, to]) => ({
    traversal,
    to: expandConnections(to, noPaths, connectionTraversals.has(traversal) || to.isNeeded),
  }))
  const subtypePaths = new Map(
    [...node.subtypePaths]
      .map(([subtype, all]) => {
        const unknown = [...all].filter((path) => !known.has(subtypeRequirement(subtype, path)))
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
