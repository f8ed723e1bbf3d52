// What an operation needs at one position in the inventory graph: paths to read, edges to follow, connections
// to paginate. Field declarations add to it while the selection set is visited; an inventory source reads it.
// connection-plan.ts has the connections.

import { isManagedSubtype, typeAtPath } from '../soap/type-registry.ts'
import type { ManagedObjectType } from '../soap/vim-types.ts'
import type { ManagedObject } from './managed-object.ts'
import type { Traversal } from './traversals.ts'

/** Parts of the objects that a connection lists instead of the objects, such as the snapshots of virtual machines. */
export interface Parts {
  /** Adds what the parts are read from to the plan of their owner, and returns the position of their selection. */
  readonly plan: (owner: PlanNode) => PlanNode
  /**
   * Returns the parts of an owner.
   * @throws VimFaultError or SoapError if they cannot be read
   */
  readonly of: (owner: ManagedObject) => readonly object[]
  /** Returns the moid of a part, which is unique in the vCenter. */
  readonly moid: (part: never) => string
}

/** Source of a connection's objects: the whole inventory, or an edge from the object that has the field. */
export interface Collection {
  readonly name: string
  readonly type: ManagedObjectType
  /** Undefined for the whole inventory. */
  readonly traversal?: Traversal
  /** The parts of the objects that the connection lists; undefined if it lists the objects. */
  readonly parts?: Parts
  /** Whether they are parts of the root folder, which is above all other objects, instead of parts of all objects of the type. */
  readonly isOfRootFolder?: true
}

export type ConnectionMode =
  /** The objects are known to fit in the window: one retrieval reads keys and items of all of them. */
  | 'singlePass'
  /** Two retrievals: first the keys of all objects, then the items of those on the page. */
  | 'keysFirst'
  /** The pages are already sliced; nothing more to retrieve here. */
  | 'resolved'

/** A connection as the nodes of a plan contain it. */
export interface PlannedConnection {
  readonly collection: Collection
  readonly mode: ConnectionMode
  /** What the connection needs from all its objects in its current mode. */
  readonly scan: PlanNode
}

export class PlanNode<out M extends ManagedObjectType = ManagedObjectType> {
  readonly type: M
  /** The paths to read. Of devices, only those of some types may be needed (device-path.ts). */
  readonly paths = new Set<string>()
  /** Paths to read only from objects of a subtype, by that subtype. */
  readonly subtypePaths = new Map<ManagedObjectType, Set<string>>()
  readonly edges = new Map<Traversal, PlanNode>()
  readonly connections: PlannedConnection[] = []
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
    // A traversal can start at several types; only the paths of this type and its subtypes are read.
    if (traversal.requiredFrom) this.readSubtype(traversal.requiredFrom, ...traversal.requiredPaths)
    else
      for (const path of traversal.requiredPaths) {
        const from = Object.values(traversal.steps).find((step) => step.path === path)?.type
        if (typeAtPath(this.type, path)) this.read(path)
        else if (from && isManagedSubtype(from, this.type)) this.readSubtype(from, path)
      }
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

  /** Returns the requirements of this node that were not read for another node at the same position. */
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

  /** What to read at this node itself: its paths, and keys for the paths of subtypes. */
  get ownRequirements(): readonly string[] {
    const ofSubtypes = [...this.subtypePaths].flatMap(([subtype, paths]) =>
      [...paths].map((path) => subtypeRequirement(subtype, path)),
    )
    return [...this.paths, ...ofSubtypes]
  }

  /** The paths to read from all objects at this node, also those that its connections start from. */
  get requiredPaths(): ReadonlySet<string> {
    const paths = new Set(this.paths)
    for (const { collection, mode } of this.connections) {
      if (mode === 'resolved') continue
      for (const path of collection.traversal?.requiredPaths ?? [])
        if (typeAtPath(this.type, path)) paths.add(path)
    }
    return paths
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

/** Returns the key of a path that is read only from objects of a subtype. It never equals a path of the type itself. */
export const subtypeRequirement = (subtype: ManagedObjectType, path: string): string => `${subtype}:${path}`
