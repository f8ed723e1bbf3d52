// State of the simulated vCenter: managed objects by moid, with change events for pending updates. Does not
// depend on SOAP or methods; those are in service/ and in the files of each managed object type.

import { EventEmitter } from 'node:events'
import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import { type Clock, systemClock } from './clock.ts'

/**
 * A property's value, or a function that derives it from the object on each read; undefined means unset. Values are not
 * modified in place: readers may keep a value until the property is set or, if it is derived, until the
 * inventory's revision grows.
 */
export type Property = unknown | ((object: SimulatedObject) => unknown)

/**
 * One managed object. Values are vim25 values as soap/ encodes them: data objects, references, Dates, enum
 * strings.
 */
export class SimulatedObject {
  readonly ref: ManagedObjectReference
  readonly inventory: SimulatedInventory
  readonly #properties: Record<string, Property>
  readonly #changed: (object: SimulatedObject, property: string) => void

  constructor(
    objects: SimulatedInventory,
    type: ManagedObjectType,
    moid: string,
    properties: Readonly<Record<string, Property>>,
  ) {
    this.ref = { type, value: moid }
    this.inventory = objects
    this.#properties = { ...properties }
    this.#changed = (object, property) => objects.changed(object, property)
  }

  get type(): string {
    return this.ref.type
  }

  get moid(): string {
    return this.ref.value
  }

  /** Returns the value of a top-level property; undefined if it is unset. */
  get(property: string): unknown {
    const value = this.#properties[property]
    return typeof value === 'function' ? value(this) : value
  }

  /** Whether the property is derived on each read. */
  isDerived(property: string): boolean {
    return typeof this.#properties[property] === 'function'
  }

  /** Sets a property (undefined unsets it) and emits a change event. */
  set(property: string, value: Property): void {
    this.#properties[property] = value
    this.#changed(this, property)
  }
}

// No property derives from these types, so their changes, the most frequent ones, do not invalidate derived
// properties.
const independentTypes: ReadonlySet<string> = new Set([
  'Task',
  'TaskManager',
  'EventManager',
  'EventHistoryCollector',
  'TaskHistoryCollector',
  'ContainerView',
  'ListView',
  'SessionManager',
])
const affectsOthers = (object: SimulatedObject, property?: string): boolean =>
  !independentTypes.has(object.type) && property !== 'recentTask'

interface SimulatedInventoryEvents {
  /** A property was set. Properties derived from it, of any object, may have changed too. */
  changed: [object: SimulatedObject, property: string]
  added: [object: SimulatedObject]
  removed: [object: SimulatedObject]
}

export class SimulatedInventory extends EventEmitter<SimulatedInventoryEvents> {
  readonly clock: Clock
  readonly #objects = new Map<string, SimulatedObject>()
  #lastNumber = 0
  #revision = 0

  constructor(clock: Clock = systemClock) {
    super()
    this.setMaxListeners(0)
    this.clock = clock
  }

  /**
   * Grows whenever a derived property may have changed. Tasks and recentTask do not count: no property
   * derives from them.
   */
  get revision(): number {
    return this.#revision
  }

  /** Returns a new moid such as `task-73`. All types share one counter, as in a vCenter. */
  nextMoid(prefix: string): string {
    this.#lastNumber += 1
    return `${prefix}-${this.#lastNumber}`
  }

  add(
    type: ManagedObjectType,
    moid: string,
    properties: Readonly<Record<string, Property>>,
  ): SimulatedObject {
    const object = new SimulatedObject(this, type, moid, properties)
    this.#objects.set(moid, object)
    if (affectsOthers(object)) this.#revision += 1
    this.emit('added', object)
    return object
  }

  remove(ref: ManagedObjectReference): void {
    const object = this.find(ref)
    if (!object) return
    this.#objects.delete(ref.value)
    if (affectsOthers(object)) this.#revision += 1
    this.emit('removed', object)
  }

  /** Returns the object behind a reference; undefined if there is no object of that type and moid. */
  find(ref: ManagedObjectReference): SimulatedObject | undefined {
    const object = this.#objects.get(ref.value)
    return object?.type === ref.type ? object : undefined
  }

  all(): Iterable<SimulatedObject> {
    return this.#objects.values()
  }

  *ofType(type: ManagedObjectType): Generator<SimulatedObject> {
    for (const object of this.#objects.values()) if (object.type === type) yield object
  }

  changed(object: SimulatedObject, property: string): void {
    if (affectsOthers(object, property)) this.#revision += 1
    this.emit('changed', object, property)
  }
}
