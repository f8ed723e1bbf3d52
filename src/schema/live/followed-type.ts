// The objects of one type that a subscription follows: which of them were sent, and which have to be read again.

import { createHash } from 'node:crypto'
import type { Filter } from '../../planner/connections/filter.ts'
import { propertyOf } from '../../planner/device-path.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { isReported } from '../../vim25/updates/reported-paths.ts'
import type { TypePaths } from '../../vim25/updates/update-collector.ts'
import type { EntityType } from '../builder.ts'
import type { ChangeKindName } from '../core/changes/change-kind.ts'
import { nodeTypeOf } from '../core/nodes/node-registry.ts'

/** A change of one object in the set of those that a subscription follows. */
export interface InventoryChange {
  readonly kind: ChangeKindName
  readonly type: EntityType
  /** The inventory source of the object. */
  readonly source: object
  readonly ref: ManagedObjectReference
  /** Undefined for LEAVE. */
  readonly entity?: ManagedObject
}

/** A path that is read from all objects of a type. */
type TypePath = readonly [type: ManagedObjectType, path: string]

/** Objects are identified by their moid, and those of a subtype also by their type: `ClusterComputeResource domain-c8`. */
type ObjectKey = string

export class FollowedType {
  readonly type: EntityType
  readonly #filter: Filter
  readonly #planSelection: () => PlanNode
  /** What the selection reads from the objects themselves, and vCenter reports changes of. */
  readonly #selected: readonly TypePath[]
  /** The objects that were sent and did not leave, each with a digest of the values at the selected paths. */
  readonly #sent = new Map<ObjectKey, number>()
  /** The objects to read again. */
  readonly #dirty = new Set<ObjectKey>()
  /** The objects that matched at the start and were not sent yet. */
  #initial: ObjectKey[] = []
  /** The objects that do not belong to the set because a value that decides it cannot be read. */
  readonly #undecided = new Set<ObjectKey>()

  /**
   * @param planSelection - returns the plan of the selection. It is created for each read, because the pages of connections belong to
   *   one read.
   */
  constructor(type: EntityType, filter: Filter, planSelection: () => PlanNode) {
    this.type = type
    this.#filter = filter
    this.#planSelection = planSelection
    this.#selected = reportedPathsOf(planSelection())
  }

  /** The paths to watch: those that the selection and the filter read. */
  get watchedPaths(): readonly TypePaths[] {
    const paths = [...this.#selected, ...reportedPathsOf(this.#filterPlan())]
    return [...new Set(paths.map(([type]) => type))].map((type) => ({
      type,
      pathSet: [...new Set(paths.filter(([each]) => each === type).map(([, path]) => propertyOf(path)))],
    }))
  }

  get undecidedCount(): number {
    return this.#undecided.size
  }

  /** Marks objects that have changed. Objects of other types are ignored. */
  markChanged(objects: readonly ManagedObjectReference[]): void {
    for (const ref of objects) if (nodeTypeOf(ref)?.name === this.type) this.#dirty.add(this.#keyOf(ref))
  }

  /** Scans for all objects that belong to the set. Marks those that were sent before too: they may have changed or left. */
  async scan(reader: InventoryReader, isInitial: boolean): Promise<void> {
    this.#dirty.clear()
    const matching = await this.#matchingKeys(reader)
    this.#initial = isInitial ? matching.filter((key) => !this.#sent.has(key)) : []
    for (const key of [...this.#sent.keys(), ...(isInitial ? [] : matching)]) this.#dirty.add(key)
  }

  /** Marks the objects that entered or left without an update from vCenter. */
  async compare(reader: InventoryReader): Promise<void> {
    const matching = new Set(await this.#matchingKeys(reader))
    for (const key of matching) if (!this.#sent.has(key)) this.#dirty.add(key)
    for (const key of this.#sent.keys()) if (!matching.has(key)) this.#dirty.add(key)
  }

  /** Removes up to `count` objects from those that matched at the start and returns them. */
  takeInitial(count: number): readonly ObjectKey[] {
    return this.#initial.splice(0, count)
  }

  /** Removes up to `count` objects from those to read again and returns them. */
  takeDirty(count: number): readonly ObjectKey[] {
    const keys: ObjectKey[] = []
    for (const key of this.#dirty) {
      if (keys.length === count) break
      keys.push(key)
      this.#dirty.delete(key)
    }
    return keys
  }

  /**
   * Reads objects.
   *
   * @returns a function that returns their changes since they were sent, and notes them as sent. Call it once the reads of all types have
   *   succeeded: others with the same reader may bring newer values, and changes that are noted and not sent would be lost.
   */
  async read(keys: readonly ObjectKey[], reader: InventoryReader): Promise<() => InventoryChange[]> {
    const refs = keys.map((key) => this.#refOf(key))
    const objects = await reader.objects(refs, this.#planSelection().include(this.#filterPlan()))
    return () => this.#diff(keys, refs, objects, reader.source)
  }

  #diff(
    keys: readonly ObjectKey[],
    refs: readonly ManagedObjectReference[],
    objects: readonly (ManagedObject | undefined)[],
    source: object,
  ): InventoryChange[] {
    return refs.flatMap((ref, index) => {
      const key = keys[index] as ObjectKey
      const entity = objects[index]
      const change = { type: this.type, source, ref }
      if (!entity || !this.#matches(entity, key)) {
        if (!entity) this.#undecided.delete(key)
        return this.#sent.delete(key) ? { ...change, kind: 'LEAVE' } : []
      }
      const lastDigest = this.#sent.get(key)
      const digest = this.#digest(entity)
      this.#sent.set(key, digest)
      if (lastDigest === digest) return []
      return { ...change, kind: lastDigest === undefined ? 'ENTER' : 'MODIFY', entity }
    })
  }

  async #matchingKeys(reader: InventoryReader): Promise<ObjectKey[]> {
    const objects = await reader.all(this.#filterPlan().read('name'))
    this.#undecided.clear()
    return objects.flatMap((object) => {
      const key = this.#keyOf(object.ref)
      return this.#matches(object, key) ? key : []
    })
  }

  #matches(object: ManagedObject, key: ObjectKey): boolean {
    const verdict = this.#filter.evaluate(object, 'all')
    if (verdict === undefined) this.#undecided.add(key)
    else this.#undecided.delete(key)
    return verdict === true
  }

  /** Returns a 48-bit digest of the values at the selected paths: small enough for a number, and sufficient to detect a change. */
  #digest(object: ManagedObject): number {
    const values = this.#selected.map(([type, path]) => {
      // The start of a connection is not read for a page of a kept order.
      const isKnown = isOfType(object, type) && object.wasRequested(path) && !object.isUnreadable(path)
      return isKnown ? (object.read(path as never) ?? null) : unknownValue
    })
    return createHash('sha1').update(JSON.stringify(values, encodeBigInt)).digest().readUIntBE(0, 6)
  }

  #filterPlan(): PlanNode {
    const node = new PlanNode(this.type)
    this.#filter.plan(node, 'all')
    return node
  }

  #keyOf({ type, value }: ManagedObjectReference): ObjectKey {
    return type === this.type ? value : `${type} ${value}`
  }

  #refOf(key: ObjectKey): ManagedObjectReference {
    const separator = key.indexOf(' ')
    if (separator < 0) return { type: this.type, value: key }
    return { type: key.slice(0, separator), value: key.slice(separator + 1) }
  }
}

/** Differs from null, which an unset property has. No property has an empty object. */
const unknownValue = {}

/**
 * Values are compared as JSON, not by `serialize` of node:v8: its bytes depend on how V8 stores a string, in one or two bytes for each
 * character, and thus on which other strings were in the same part of a response.
 */
const encodeBigInt = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${value}n` : value

/** Returns the paths of a node itself whose changes vCenter reports. */
const reportedPathsOf = (node: PlanNode): TypePath[] =>
  [
    ...[...node.requiredPaths].map((path): TypePath => [node.type, path]),
    ...[...node.subtypePaths].flatMap(([type, paths]) => [...paths].map((path): TypePath => [type, path])),
  ].filter(([type, path]) => isReported(type, propertyOf(path)))
