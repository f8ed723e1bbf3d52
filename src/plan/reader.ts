// Runs plans: one RetrievePropertiesEx for all that is asked in a tick, whatever the types, and the pages of connections.
// Windows that are known to hold everything cost one retrieval; others a scan of their keys, then one for the page.

import DataLoader from 'dataloader'
import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { CallScope } from '../vim25/call-scope.ts'
import { retrieveProperties } from '../vim25/property-collector.ts'
import type { Session } from '../vim25/session.ts'
import type { UnknownProperties } from '../vim25/unknown-properties.ts'
import { inventoryView } from '../vim25/views.ts'
import { compile, connectionNode, type Target } from './compile.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import { Bag, isUnreadable, type ManagedObject, whereReadable } from './managed-object.ts'
import type { Page } from './page.ts'
import type { PlanNode } from './plan-node.ts'

/** What is remembered between requests: never values, only what shapes the next retrieval. */
export interface InventoryMemory {
  readonly unknown: UnknownProperties
  /** How many objects a collection had when it was last counted, by its parent's moid ('' for the whole inventory). */
  readonly counts: Map<string, Map<string, number>>
}

/** Where a retrieval starts: at known objects, or at all of the node's type in the inventory, windowed or not. */
type Start =
  | { readonly refs: readonly ManagedObjectReference[]; readonly node: PlanNode }
  | { readonly all: PlanNode }
  | { readonly connection: ConnectionPlan }

/** Reads the inventory for one operation, or for one mutation's payload: what is read through one Reader is of one time. */
export class Reader {
  readonly bag = new Bag()
  readonly #session: Session
  readonly #memory: InventoryMemory
  readonly #scope: CallScope
  readonly #retrievals: DataLoader<Start, ReadonlySet<ManagedObject>>

  constructor(session: Session, memory: InventoryMemory, scope: CallScope) {
    this.#session = session
    this.#memory = memory
    this.#scope = scope
    this.#retrievals = new DataLoader((starts) => this.#retrieve(starts), { cache: false })
  }

  /** Retrieves an object with all that its plan needs; undefined when vSphere does not know it. */
  async object<M extends ManagedObjectType>(
    ref: ManagedObjectReference,
    node: PlanNode<M>,
  ): Promise<ManagedObject<M> | undefined> {
    const [object] = await this.objects([ref], node)
    return object
  }

  /** The same for several of one plan, in their order. */
  async objects<M extends ManagedObjectType>(
    refs: readonly ManagedObjectReference[],
    node: PlanNode<M>,
  ): Promise<(ManagedObject<M> | undefined)[]> {
    if (refs.length === 0) return []
    // An ended session answers with every path missing, and of an object without paths with nothing to tell it by.
    if (!node.isNeeded) node.read('name')
    const reported = await this.#fetch({ refs, node })
    return refs
      .map((ref) => this.bag.get<M>(ref))
      .map((object) => (reported.has(object) ? object : undefined))
  }

  /** All objects of a type in the inventory, without a window. */
  async all(node: PlanNode): Promise<ManagedObject[]> {
    const reported = await this.#fetch({ all: node })
    return ofType(reported, node)
  }

  /** The page of a connection over the whole inventory. */
  async page(connection: ConnectionPlan): Promise<Page> {
    this.#decideMode([connection])
    await this.#fetch({ connection })
    return connection.page(undefined) as Page
  }

  async #fetch(start: Start): Promise<ReadonlySet<ManagedObject>> {
    if ('refs' in start) this.#decideBelow(start.node)
    const reported = await this.#retrievals.load(start)
    const scanned = new Set<ConnectionPlan>()
    if ('connection' in start) {
      const objects = ofType(reported, start.connection.items)
      this.#count(start.connection, undefined, objects.length)
      this.#cut(start.connection, undefined, objects, scanned)
    } else if ('refs' in start)
      this.#cutBelow(
        start.node,
        start.refs.map((ref) => this.bag.get(ref)).filter((object) => reported.has(object)),
        scanned,
      )
    // All of them first: the plan of one page must not ask again for the pages inside it, which are read beside it.
    for (const connection of scanned) connection.mode = 'paged'
    await Promise.all([...scanned].map((connection) => this.#fill(connection)))
    return reported
  }

  /** Reads what the selection needs of the objects on the pages of a scanned connection, if the scan did not read it all. */
  async #fill(connection: ConnectionPlan): Promise<void> {
    const refs = new Map<string, ManagedObjectReference>()
    for (const { items } of connection.pages)
      for (const { object } of items) refs.set(object.ref.value, object.ref)
    if (refs.size === 0 || connection.keys.covers(connection.items)) return
    const reported = await this.#fetch({ refs: [...refs.values()], node: connection.items })
    connection.leaveOut((object) => !reported.has(object))
  }

  #decideMode(connections: readonly ConnectionPlan[]): void {
    for (const connection of connections) {
      if (connection.mode === 'paged') continue
      const counts = this.#memory.counts.get(connection.collection.name)
      connection.mode = counts && Math.max(...counts.values()) <= connection.window.size ? 'whole' : 'keys'
      this.#decideBelow(connection.items)
    }
  }

  #decideBelow(node: PlanNode): void {
    this.#decideMode(node.connections)
    for (const below of node.edges.values()) this.#decideBelow(below)
  }

  /** Cuts one parent's page, and those of the connections inside it that were read along. */
  #cut(
    connection: ConnectionPlan,
    parent: ManagedObjectReference | undefined,
    objects: readonly ManagedObject[],
    scanned: Set<ConnectionPlan>,
  ): void {
    const page = connection.cut(parent, objects)
    this.bag.keep(connection)
    const onPage = page.items.map(({ object }) => object)
    if (connection.mode === 'whole') this.#cutBelow(connection.items, onPage, scanned)
    else {
      scanned.add(connection)
      for (const inner of connection.items.connections) {
        if (inner.mode === 'keys') this.#cutAll(inner, onPage, scanned)
      }
    }
  }

  #cutBelow(node: PlanNode, objects: readonly ManagedObject[], scanned: Set<ConnectionPlan>): void {
    for (const connection of node.connections)
      if (connection.mode !== 'paged') this.#cutAll(connection, objects, scanned)
    for (const [traversal, below] of node.edges) {
      if (!below.hasConnections) continue
      // Where it may not be read it leads nowhere; the field itself tells why.
      const reached = new Set(objects.flatMap((object) => whereReadable(() => traversal.follow(object), [])))
      if (reached.size > 0) this.#cutBelow(below, [...reached], scanned)
    }
  }

  #cutAll(connection: ConnectionPlan, parents: readonly ManagedObject[], scanned: Set<ConnectionPlan>): void {
    for (const parent of parents) {
      let objects: ManagedObject[]
      try {
        objects = connection.collection.traversal?.follow(parent) ?? []
      } catch (error) {
        if (!isUnreadable(error)) throw error
        // Part of the way may not be read: this connection alone fails, where it is resolved.
        connection.fail(parent.ref, error)
        this.bag.keep(connection)
        continue
      }
      this.#count(connection, parent.ref, objects.length)
      this.#cut(connection, parent.ref, objects, scanned)
    }
  }

  #count({ collection }: ConnectionPlan, parent: ManagedObjectReference | undefined, count: number): void {
    const counts = this.#memory.counts.get(collection.name) ?? new Map<string, number>()
    this.#memory.counts.set(collection.name, counts.set(parent?.value ?? '', count))
  }

  async #retrieve(starts: readonly Start[]): Promise<ReadonlySet<ManagedObject>[]> {
    let reported = new Set<ManagedObject>()
    await this.#session.run(async (login) => {
      // Begun anew when the session ended in the middle.
      reported = new Set()
      const targets = await Promise.all(
        starts.map(async (start): Promise<Target> => {
          if ('refs' in start) return start
          const node = 'all' in start ? start.all : connectionNode(start.connection)
          return { view: await inventoryView(login, node.type, this.#scope), node }
        }),
      )
      const { specSet, asked } = compile(targets)
      await retrieveProperties(login, specSet, this.#memory.unknown, this.#scope, (content) => {
        const object = this.bag.get(content.obj)
        if (!object.reported) this.#scope.onObject?.()
        object.fill(content, asked(content.obj.type))
        reported.add(object)
      })
    }, this.#scope)
    return starts.map(() => reported)
  }
}

function ofType(reported: ReadonlySet<ManagedObject>, { type }: PlanNode): ManagedObject[] {
  return [...reported].filter(({ ref }) => ref.type === type)
}
