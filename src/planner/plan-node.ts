// What an operation needs at one position in the inventory graph: paths to read, edges to follow, connections
// to paginate. Field declarations add to it while the selection set is visited; an inventory source reads it.
// Nodes and connections contain each other, so both are here.

import { isManagedSubtype, typeAtPath } from '../soap/type-registry.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { ManagedObject } from './managed-object.ts'
import type { Order, PageWindow } from './page.ts'
import type { Traversal } from './traversals.ts'

export class PlanNode<out M extends ManagedObjectType = ManagedObjectType> {
  readonly type: M
  /** The paths to read. Of devices, only those of some types may be needed (device-path.ts). */
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

/** Decides whether an object belongs in a connection. */
export interface Filter {
  /** Adds the properties that the decision needs to a plan node. */
  readonly plan: (node: PlanNode) => void
  readonly matches: (object: ManagedObject) => boolean
}

/** Source of a connection's objects: the whole inventory, or an edge from the object that has the field. */
export interface Collection {
  readonly name: string
  readonly type: ManagedObjectType
  /** Undefined for the whole inventory. */
  readonly traversal?: Traversal
}

type ConnectionMode =
  /** The objects are known to fit in the window: one retrieval reads keys and items of all of them. */
  | 'singlePass'
  /** Two retrievals: first the keys of all objects, then the items of those on the page. */
  | 'keysFirst'
  /** The pages are already sliced; nothing more to retrieve here. */
  | 'resolved'

/** Keys of nested connections are prefetched if a parent has at most this many times the page size in objects. */
const prefetchFactor = 2

/**
 * A connection of managed objects within a plan: where its objects come from, which properties filter and order
 * need from every object (keys), and which the selection needs from the objects on the page (items).
 * inventory-reader.ts decides whether one retrieval can do both.
 */
export class ConnectionPlan {
  readonly key: string
  readonly #orderKey: string
  readonly collection: Collection
  readonly window: PageWindow
  readonly order: Order
  readonly #filter: Filter
  readonly items: PlanNode
  /**
   * The field nodes it was planned for. Its pages hold the data these fields select, and no data for other
   * fields.
   */
  readonly fields = new Set<object>()
  /** Whether the selection needs the page itself, not only the number of objects. */
  needsOrder = false
  mode: ConnectionMode = 'keysFirst'
  /** Whether the scan also reads the keys of nested connections, for all scanned objects instead of only the page. */
  #prefetchesNestedKeys = true

  /**
   * @param ids.key identifies the plan among other selections of the same connection: equal arguments share a
   * plan.
   * @param ids.orderKey is the same for all windows of one filter and order.
   */
  constructor(
    { key, orderKey }: { key: string; orderKey: string },
    collection: Collection,
    window: PageWindow,
    order: Order,
    filter: Filter,
  ) {
    this.key = key
    this.#orderKey = orderKey
    this.collection = collection
    this.window = window
    this.order = order
    this.#filter = filter
    this.items = new PlanNode(collection.type)
  }

  /** Chooses the mode by the largest known size of the collection; undefined if no size is known. */
  chooseMode(maxSize: number | undefined): void {
    this.mode = maxSize !== undefined && maxSize <= this.window.size ? 'singlePass' : 'keysFirst'
    this.#prefetchesNestedKeys = maxSize === undefined || maxSize <= prefetchFactor * this.window.size
  }

  /** The properties that filter and order need from every object. */
  get keys(): PlanNode {
    const node = new PlanNode(this.collection.type)
    this.#filter.plan(node)
    if (this.needsOrder) node.read(...this.order.requiredPaths)
    return node
  }

  /** The nested connections whose keys are read with this connection's own keys, so that nesting costs no extra retrieval. */
  get prefetched(): readonly ConnectionPlan[] {
    return this.#prefetchesNestedKeys ? this.items.connections.filter(({ mode }) => mode === 'keysFirst') : []
  }

  /** What the connection needs from all its objects in its current mode. */
  get scan(): PlanNode {
    if (this.mode === 'singlePass') return this.allFields
    const node = this.keys
    node.connections.push(...this.prefetched)
    return node
  }

  /** What the selection needs from the objects on a page beyond the keys that were scanned. */
  get remainingFields(): PlanNode {
    return this.items.minus(this.keys)
  }

  /** Items and keys. Used when only the order is cached, to check again that the objects still match. */
  get allFields(): PlanNode {
    return this.keys.include(this.items)
  }

  /** IDs of the orders that the window's cursors belong to. */
  get orderIds(): readonly string[] {
    const { after, before } = this.window
    return [after?.orderId, before?.orderId].filter((id) => id !== undefined)
  }

  /** Returns the cache key of the order of one parent's objects, common to all pages. */
  orderKeyOf(parent: ManagedObjectReference | undefined): string {
    return `${this.#orderKey} ${parent?.value ?? ''}`
  }

  matches(object: ManagedObject): boolean {
    return this.#filter.matches(object)
  }
}
