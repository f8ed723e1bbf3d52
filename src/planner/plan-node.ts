// What an operation needs at one position in the inventory graph: paths to read, edges to follow, connections
// to paginate. Field declarations add to it while the selection set is visited; compile.ts turns it into a
// PropertyFilterSpec.

import { isManagedSubtype, typeAtPath } from '../soap/type-registry.ts'
import type { ManagedObjectType } from '../soap/vim-types.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import type { Traversal } from './traversals.ts'

export class PlanNode<out M extends ManagedObjectType = ManagedObjectType> {
  readonly type: M
  readonly paths = new Set<string>()
  /** Paths to read only from objects of a subtype, by that subtype. */
  readonly subtypePaths = new Map<ManagedObjectType, Set<string>>()
  readonly edges = new Map<Traversal, PlanNode>()
  readonly connections: ConnectionPlan[] = []
  /** The node that this node was reached from. A snapshot's node uses it to find the node of its VM. */
  owner: PlanNode | undefined

  constructor(type: M, ...paths: readonly string[]) {
    this.type = type
    this.read(...paths)
  }

  read(...paths: readonly string[]): this {
    for (const path of paths) this.paths.add(path)
    return this
  }

  /** Reads paths from objects at this node that are of a subtype. */
  readSubtype(subtype: ManagedObjectType, ...paths: readonly string[]): this {
    if (isManagedSubtype(this.type, subtype)) return this.read(...paths)
    const known = this.subtypePaths.get(subtype) ?? new Set()
    if (paths.length > 0) this.subtypePaths.set(subtype, known)
    for (const path of paths) known.add(path)
    return this
  }

  /**
   * Returns the node at the end of an edge. Following an edge twice returns the same node, so objects are
   * read once.
   */
  follow(traversal: Traversal): PlanNode {
    let node = this.edges.get(traversal)
    if (!node) {
      node = new PlanNode(traversal.to)
      node.owner = this
      this.edges.set(traversal, node)
    }
    // A traversal can start at several types; only the paths of this type are read.
    this.read(...traversal.requiredPaths.filter((path) => typeAtPath(this.type, path)))
    return node
  }

  /** Adds everything that another node at the same position needs. */
  include(other: PlanNode): this {
    this.read(...other.paths)
    for (const [subtype, paths] of other.subtypePaths) this.readSubtype(subtype, ...paths)
    for (const [traversal, node] of other.edges) this.follow(traversal).include(node)
    for (const connection of other.connections)
      if (!this.connections.includes(connection)) this.connections.push(connection)
    return this
  }

  /** Returns what this node needs beyond what was read for another node at the same position. */
  minus(other: PlanNode): PlanNode {
    const remaining = new PlanNode(this.type, ...[...this.paths].filter((path) => !other.paths.has(path)))
    for (const [subtype, paths] of this.subtypePaths) {
      const read = other.subtypePaths.get(subtype)
      remaining.readSubtype(subtype, ...[...paths].filter((path) => !read?.has(path)))
    }
    remaining.connections.push(...this.connections.filter(({ mode }) => mode !== 'resolved'))
    for (const [traversal, node] of this.edges) {
      const read = other.edges.get(traversal)
      const below = read ? node.minus(read) : node
      // The path is read again too: the result must not depend on objects that were there before.
      if (below.isNeeded || (traversal.collectsOnPath && !read)) remaining.follow(traversal).include(below)
    }
    return remaining
  }

  /** Whether objects here, or others reached through their connections, must be read. */
  get isNeeded(): boolean {
    return this.paths.size > 0 || this.subtypePaths.size > 0 || this.#hasPendingConnections
  }

  /** Whether there are connections at this node or anywhere below. */
  get hasConnections(): boolean {
    return this.connections.length > 0 || [...this.edges.values()].some((node) => node.hasConnections)
  }

  /** Whether any connection at this node is not resolved yet. */
  get #hasPendingConnections(): boolean {
    return this.connections.some(({ mode }) => mode !== 'resolved')
  }
}
