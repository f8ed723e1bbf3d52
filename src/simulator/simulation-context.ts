// State shared by all objects of one simulated inventory: the objects, the seed, membership lists and
// settings.

import type { ManagedObjectReference } from '../soap/vim-types.ts'
import type { Property, SimulatedInventory } from './simulated-inventory.ts'

/** Settings that can be changed at any time. */
export interface SimulatorSettings {
  /** Maximum number of areas in one QueryChangedDiskAreas response. @default 2000, as on real servers */
  areasPerWindow: number
  /** Fraction of windows that are shortened, empty, or end inside an area, chosen pseudo-randomly. @default 0.25 */
  irregularWindows: number
  /** Whether running guests write to their disks as time passes. @default true */
  guestsWrite: boolean
  /**
   * How a revert affects change tracking:
   * - `new`: starts a new epoch.
   * - `same`: continues the snapshot's epoch with its next number. A changeId of a discarded state is
   * rejected with a fault.
   * - `unchecked`: like `same`, but a changeId of a discarded state returns the changes since the common
   * ancestor of both states. This omits the areas that the revert restored.
   * - `recounted`: continues the epoch with the number after the snapshot's own, so one number can identify
   * two states.
   * @default 'new'
   */
  epochAfterRevert: 'new' | 'same' | 'unchecked' | 'recounted'
  /**
   * How long a guest takes to shut down, and to start again after a restart, in milliseconds. With Infinity it never
   * ends. @default 4000
   */
  guestShutdownMs: number
  /** Whether DRS only recommends a host at power-on, and a person must approve it. @default false */
  manualPlacement: boolean
  /** The faults for which DRS does not place machines at power-on, by moid. @default none */
  readonly placementFaults: Map<string, Fault>
}

/** A fault with its fields, such as `{ _typeName: 'InsufficientMemoryResourcesFault' }`. */
type Fault = { readonly _typeName: string } & Readonly<Record<string, unknown>>

export interface SimulationContext {
  readonly objects: SimulatedInventory
  readonly seed: string
  /** Start of the simulated time, in ms since 1970. Earlier dates are generated history. */
  readonly origin: number
  readonly settings: SimulatorSettings
  readonly members: Members
  /** Creates what comes after all machines, so that their moids do not depend on it. */
  readonly afterMachines: (() => void)[]
}

/**
 * Lists of references that one object has to many others, such as a host's `vm`. Lists already returned never
 * change.
 */
export class Members {
  readonly #objects: SimulatedInventory
  readonly #lists = new Map<string, { references: ManagedObjectReference[]; isShared: boolean }>()

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
  }

  of(owner: ManagedObjectReference, property: string): readonly ManagedObjectReference[] {
    const list = this.#listOf(owner, property)
    list.isShared = true
    return list.references
  }

  /** Returns properties of an object that read the current contents of its lists. */
  propertiesOf(owner: ManagedObjectReference, ...properties: readonly string[]): Record<string, Property> {
    return Object.fromEntries(properties.map((property) => [property, () => this.of(owner, property)]))
  }

  add(owner: ManagedObjectReference, property: string, member: ManagedObjectReference): void {
    const list = this.#listOf(owner, property)
    // Copies only lists that were returned before, so ten thousand machines can join one network cheaply.
    if (list.isShared) this.#replace(owner, property, [...list.references, member])
    else list.references.push(member)
    this.#notifyChange(owner, property)
  }

  remove(owner: ManagedObjectReference, property: string, member: ManagedObjectReference): void {
    const { references } = this.#listOf(owner, property)
    this.#replace(
      owner,
      property,
      references.filter(({ value }) => value !== member.value),
    )
    this.#notifyChange(owner, property)
  }

  #listOf(owner: ManagedObjectReference, property: string) {
    return this.#lists.get(`${owner.value}.${property}`) ?? this.#replace(owner, property, [])
  }

  #replace(owner: ManagedObjectReference, property: string, references: ManagedObjectReference[]) {
    const list = { references, isShared: false }
    this.#lists.set(`${owner.value}.${property}`, list)
    return list
  }

  #notifyChange(owner: ManagedObjectReference, property: string): void {
    const object = this.#objects.find(owner)
    if (object) this.#objects.changed(object, property)
  }
}
