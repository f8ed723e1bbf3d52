// Runs plans: one RetrievePropertiesEx for all that is asked in a tick, whatever the types, and the pages of connections.
// Windows that are known to hold everything cost one retrieval; others a scan of their keys, then one for the page; pages
// that go on from another one the latter alone, as long as the walk is kept.

import DataLoader from 'dataloader'
import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { CallScope } from '../vim25/session/call-options.ts'
import { hasVanished, retrieveProperties } from '../vim25/property-collector/property-collector.ts'
import type { Session } from '../vim25/session/session.ts'
import type { UnknownProperties } from '../vim25/property-collector/unknown-properties.ts'
import { inventoryView } from '../vim25/property-collector/container-views.ts'
import { compile, type Target } from './compile.ts'
import type { Arrangement, ConnectionPlan } from './connection-plan.ts'
import type { Counts } from './size-hints.ts'
import { Bag, isOfType, isUnreadable, type ManagedObject, whereReadable } from './managed-object.ts'
import type { Page } from './page.ts'
import { connectionNode, pathsAt, subtypeRequirements } from './expanded-node.ts'
import type { PlanNode } from './plan-node.ts'
import type { Walks } from './page-order-cache.ts'

/** What is remembered between requests: never values, only what shapes the next retrieval. */
export interface InventoryMemory {
  readonly unknown: UnknownProperties
  readonly walks: Walks
  readonly counts: Counts
}

/** Where a retrieval starts, and what it reads from there: at known objects, or at all of the node's type in the inventory. */
interface Start {
  readonly node: PlanNode
  /** Absent for the whole inventory. */
  readonly refs?: readonly ManagedObjectReference[]
  /** The connection over the whole inventory that the node is of, if it is windowed. */
  readonly connection?: ConnectionPlan
}

/** The connections that were scanned for their keys, and what the session had changed by the time that the scan began. */
interface Scan {
  readonly scanned: Set<ConnectionPlan>
  readonly reported: ReadonlySet<ManagedObject>
  readonly generation: number
}

/** Calls back when all has been asked that is to be retrieved together. */
type Schedule = (dispatch: () => void) => void

/** Reads the inventory for one operation, or for one mutation's payload: what is read through one Reader is of one time. */
export class Reader {
  readonly bag = new Bag()
  readonly schedule: Schedule | undefined
  readonly #session: Session
  readonly #memory: InventoryMemory
  readonly #scope: CallScope
  readonly #retrievals: DataLoader<Start, ReadonlySet<ManagedObject>>
  /** What pages were cut from, by what was reported: windows of one walk under several aliases are cut from one. */
  readonly #arrangements = new WeakMap<object, Map<string, Arrangement>>()

  constructor(session: Session, memory: InventoryMemory, scope: CallScope, schedule?: Schedule) {
    this.#session = session
    this.#memory = memory
    this.#scope = scope
    this.schedule = schedule
    this.#retrievals = new DataLoader((starts) => this.#retrieve(starts), {
      cache: false,
      ...(schedule && { batchScheduleFn: schedule }),
    })
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
    if (pathsAt(node).size === 0) node.read('name')
    const reported = await this.#fetch({ refs, node })
    return refs
      .map((ref) => this.bag.get<M>(ref))
      .map((object) => (reported.has(object) ? object : undefined))
  }

  /** All objects of a type in the inventory, without a window. */
  async all(node: PlanNode): Promise<ManagedObject[]> {
    const reported = await this.#fetch({ node })
    return this.#inventoryOf(reported, node)
  }

  /** The page of a connection over the whole inventory. */
  async page(connection: ConnectionPlan): Promise<Page> {
    this.#decideMode([connection])
    if (this.#goOn(connection, [undefined])) await this.#fill(connection, connection.all)
    else await this.#fetch({ connection, node: connectionNode(connection) })
    return connection.page(undefined) as Page
  }

  async #fetch(start: Start): Promise<ReadonlySet<ManagedObject>> {
    const { node, refs, connection } = start
    const continued: ConnectionPlan[] = []
    if (refs) {
      this.#decideBelow(node)
      continued.push(...node.connections.filter((each) => this.#goOn(each, refs)))
    }
    const generation = this.#session.generation
    const [reported] = await Promise.all([
      this.#retrievals.load(start),
      ...continued.map((each) => this.#fill(each, each.all)),
    ])
    const objects = refs
      ? refs.map((ref) => this.bag.get(ref)).filter((object) => reported.has(object))
      : this.#inventoryOf(reported, node)
    // Not of all that was reported: what other retrievals of the tick found was not read for these edges.
    noteVanished(node, objects)
    const scan: Scan = { scanned: new Set(), reported, generation }
    if (connection) {
      this.#count(connection, undefined, objects.length)
      this.#cut(connection, undefined, objects, scan)
    } else if (refs) this.#cutBelow(node, objects, scan)
    // All of them first: the plan of one page must not ask again for the pages inside it, which are read beside it.
    for (const each of scan.scanned) each.mode = 'paged'
    await Promise.all([...scan.scanned].map((each) => this.#fill(each, each.rest)))
    return reported
  }

  /** Reads the objects on the pages of a connection. */
  async #fill(connection: ConnectionPlan, node: PlanNode): Promise<void> {
    const refs = new Map<string, ManagedObjectReference>()
    for (const { items } of connection.pages)
      for (const { object } of items) refs.set(object.ref.value, object.ref)
    if (refs.size === 0 || !node.isNeeded) return
    const reported = await this.#fetch({ refs: [...refs.values()], node })
    connection.keepOnPages((object) => reported.has(object) && connection.fits(object))
  }

  /** Cuts the pages of a connection out of the orders that its cursors name, if each of its parents' is kept. Their objects are not read yet. */
  #goOn(connection: ConnectionPlan, parents: readonly (ManagedObjectReference | undefined)[]): boolean {
    if (connection.mode === 'paged') return false
    const { walks } = this.#memory
    const { generation } = this.#session
    const kept = parents.map((parent) =>
      walks.find(connection.walkOf(parent), connection.orderIds, generation),
    )
    if (!kept.every((each) => each !== undefined)) return false
    for (const [index, ordered] of kept.entries()) connection.cutFrom(ordered, parents[index], this.bag)
    this.bag.keep(connection)
    connection.mode = 'paged'
    return true
  }

  #decideMode(connections: readonly ConnectionPlan[]): void {
    for (const connection of connections) {
      if (connection.mode === 'paged') continue
      connection.decide(this.#memory.counts.mostOf(connection.collection.name))
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
    scan: Scan,
  ): void {
    const arrangement = this.#arranged(connection, parent, objects, scan)
    const isPart = connection.cut(parent, arrangement, this.bag)
    this.bag.keep(connection)
    const onPage = (connection.page(parent)?.items ?? []).map(({ object }) => object)
    if (isPart && arrangement.ordered)
      this.#memory.walks.keep(connection.walkOf(parent), arrangement.ordered, scan.generation)
    if (connection.mode === 'whole') this.#cutBelow(connection.items, onPage, scan)
    else {
      scan.scanned.add(connection)
      for (const inner of connection.readsAlong ? connection.items.connections : []) {
        if (inner.mode === 'keys') this.#cutAll(inner, onPage, scan)
      }
    }
  }

  #arranged(
    connection: ConnectionPlan,
    parent: ManagedObjectReference | undefined,
    objects: readonly ManagedObject[],
    { reported }: Scan,
  ): Arrangement {
    const known = this.#arrangements.get(reported) ?? new Map<string, Arrangement>()
    this.#arrangements.set(reported, known)
    const key = connection.arrangementOf(parent)
    const arrangement =
      known.get(key) ??
      connection.arrange(objects, (standings) =>
        this.#memory.walks.identify(connection.walkOf(parent), standings),
      )
    known.set(key, arrangement)
    return arrangement
  }

  #cutBelow(node: PlanNode, objects: readonly ManagedObject[], scan: Scan): void {
    for (const connection of node.connections)
      if (connection.mode !== 'paged') this.#cutAll(connection, objects, scan)
    for (const [traversal, below] of node.edges) {
      if (!below.hasConnections) continue
      // Where it may not be read it leads nowhere; the field itself tells why.
      const reached = new Set(objects.flatMap((object) => whereReadable(() => traversal.follow(object), [])))
      if (reached.size > 0) this.#cutBelow(below, [...reached], scan)
    }
  }

  #cutAll(connection: ConnectionPlan, parents: readonly ManagedObject[], scan: Scan): void {
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
      this.#cut(connection, parent.ref, objects, scan)
    }
  }

  #count({ collection }: ConnectionPlan, parent: ManagedObjectReference | undefined, count: number): void {
    this.#memory.counts.note(collection.name, parent?.value ?? '', count)
  }

  async #retrieve(starts: readonly Start[]): Promise<ReadonlySet<ManagedObject>[]> {
    const known = starts.map((start) => this.#knownOf(start))
    let reported = new Set<ManagedObject>()
    await this.#session.run(async (login) => {
      // Begun anew when the session ended in the middle.
      reported = new Set()
      const vanished = new Set<ManagedObject>()
      const targets = await Promise.all(
        starts.map(
          async ({ refs, node }, index): Promise<Target> =>
            refs
              ? { refs, node, known: known[index] }
              : { view: await inventoryView(login, node.type, this.#scope), node },
        ),
      )
      const { specSet, asked } = compile(targets)
      await retrieveProperties(login, specSet, this.#memory.unknown, this.#scope, (content) => {
        const object = this.bag.get(content.obj)
        if (!object.reported) this.#scope.onObject?.()
        object.fill(content, asked(content.obj.type))
        if (hasVanished(content)) vanished.add(object)
        else reported.add(object)
      })
      for (const object of vanished) {
        object.vanish()
        reported.delete(object)
      }
    }, this.#scope)
    return starts.map(({ refs, node }, index) => {
      const required = new Set([...pathsAt(node), ...subtypeRequirements(node)])
      const isAsked = required.size === 0 || known[index]?.size !== required.size
      const there = refs
        ? refs
            .map((ref) => this.bag.get(ref))
            // Nothing was asked of those that are known already.
            .filter((object) => (isAsked ? reported.has(object) : object.reported))
        : this.#inventoryOf(reported, node)
      for (const object of there) object.settle(required)
      return isAsked ? reported : new Set([...reported, ...there])
    })
  }

  /** The paths that need not be asked for again: what a request has read it reads once. */
  #knownOf({ refs, node }: Start): ReadonlySet<string> | undefined {
    if (!refs) return undefined
    const objects = refs.map((ref) => this.bag.get(ref))
    // Where the way leads on it is asked for again: an ended session shows in what is asked, and not in what is walked.
    const ways = new Set([...node.edges.keys()].flatMap(({ reads }) => reads))
    return new Set(
      [...node.paths, ...subtypeRequirements(node)].filter(
        (each) => !ways.has(each) && objects.every((object) => object.isSettled(each)),
      ),
    )
  }

  /** What a view has told. The root folder is in none, but can be on the way from other objects. */
  #inventoryOf(reported: ReadonlySet<ManagedObject>, { type }: PlanNode): ManagedObject[] {
    const root = this.#session.lastLogin?.content.rootFolder.value
    return [...reported].filter((object) => isOfType(object, type) && object.ref.value !== root)
  }
}

/** Of what the edges of a plan lead to and vSphere did not tell of: whoever follows them must not find it. */
function noteVanished(node: PlanNode, objects: Iterable<ManagedObject>): void {
  for (const [traversal, to] of node.edges) {
    if (!to.isNeeded) continue
    const found = new Set<ManagedObject>()
    for (const object of objects)
      for (const each of whereReadable(() => traversal.follow(object), [])) found.add(each)
    const there = [...found].filter((each) => each.reported)
    for (const each of found) if (!each.reported) each.vanish()
    noteVanished(to, there)
  }
}
