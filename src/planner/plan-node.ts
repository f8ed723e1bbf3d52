// What an operation needs of one place in the inventory graph: paths to read, edges to follow, connections to window.
// Field declarations fill it in while the selection set is walked; compile.ts turns it into a PropertyFilterSpec.

import { isManagedSubtype, type ManagedObjectType, typeAtPath } from '../soap/vim-types.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import type { Traversal } from './traversals.ts'

export class PlanNode<out M extends ManagedObjectType = ManagedObjectType> {
  readonly type: M
  readonly paths = new Set<string>()
  /** Paths that only objects of a subtype have, by that subtype. */
  readonly subtypePaths = new Map<ManagedObjectType, Set<string>>()
  readonly edges = new Map<Traversal, PlanNode>()
  readonly connections: ConnectionPlan[] = []
  /** The node of the virtual machine that a snapshot's node hangs on. */
  owner: PlanNode | undefined

  constructor(type: M, ...paths: readonly string[]) {
    this.type = type
    this.read(...paths)
  }

  read(...paths: readonly string[]): this {
    for (const path of paths) this.paths.add(path)
    return this
  }

  /** Reads paths of those objects here that are of a subtype. */
  readOf(subtype: ManagedObjectType, ...paths: readonly string[]): this {
    if (isManagedSubtype(this.type, subtype)) return this.read(...paths)
    const known = this.subtypePaths.get(subtype) ?? new Set()
    if (paths.length > 0) this.subtypePaths.set(subtype, known)
    for (const path of paths) known.add(path)
    return this
  }

  /** The node at the end of an edge. Selecting an edge twice leads to the same node, so one object is asked once. */
  follow(traversal: Traversal): PlanNode {
    let node = this.edges.get(traversal)
    if (!node) {
      node = new PlanNode(traversal.to)
      node.owner = this
      this.edges.set(traversal, node)
    }
    // A traversal that starts at several types reads of each what that type has.
    this.read(...traversal.requiredPaths.filter((path) => typeAtPath(this.type, path)))
    return node
  }

  /** Takes in all that another node of the same place needs. */
  include(other: PlanNode): this {
    this.read(...other.paths)
    for (const [subtype, paths] of other.subtypePaths) this.readOf(subtype, ...paths)
    for (const [traversal, node] of other.edges) this.follow(traversal).include(node)
    for (const connection of other.connections)
      if (!this.connections.includes(connection)) this.connections.push(connection)
    return this
  }

  /** What this node needs beyond what was read for another one of the same place. */
  minus(other: PlanNode): PlanNode {
    const remaining = new PlanNode(this.type, ...[...this.paths].filter((path) => !other.paths.has(path)))
    for (const [subtype, paths] of this.subtypePaths) {
      const read = other.subtypePaths.get(subtype)
      remaining.readOf(subtype, ...[...paths].filter((path) => !read?.has(path)))
    }
    remaining.connections.push(...this.connections.filter(({ mode }) => mode !== 'resolved'))
    for (const [traversal, node] of this.edges) {
      const read = other.edges.get(traversal)
      const below = read ? node.minus(read) : node
      // Its way is read again with it: what is found at its end must not hang on what was there before.
      if (below.isNeeded || (traversal.collectsOnPath && !read)) remaining.follow(traversal).include(below)
    }
    return remaining
  }

  /** Whether anything must be asked of the objects here, or of others through them. */
  get isNeeded(): boolean {
    return this.paths.size > 0 || this.subtypePaths.size > 0 || this.#hasPendingConnections
  }

  /** Whether there are connections here, or anywhere below. */
  get hasConnections(): boolean {
    return this.connections.length > 0 || [...this.edges.values()].some((node) => node.hasConnections)
  }

  /** Whether there are connections here whose pages are not cut yet. */
  get #hasPendingConnections(): boolean {
    return this.connections.some(({ mode }) => mode !== 'resolved')
  }
}
