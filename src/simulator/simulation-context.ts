// What all objects of one simulated inventory share: the world, the seed, who belongs where, and how changed areas are told.

import type { ManagedObjectReference } from '../soap/vim-types.ts'
import type { Property, SimulatedInventory } from './simulated-inventory.ts'

/** May be changed at any time. */
export interface SimulatorSettings {
  /** At most so many areas in one reply of QueryChangedDiskAreas. @default 2000, as on real servers */
  areasPerWindow: number
  /** The share of windows that are cut short, empty, or end inside an area, as seeded chance has it. @default 0.25 */
  irregularWindows: number
  /** Whether running guests write as time passes. @default true */
  guestsWrite: boolean
  /**
   * What a revert does to tracking. `new`: a new epoch begins. `same`: the epoch of the snapshot goes on with its next number;
   * a changeId of a discarded state is answered with a fault. `unchecked`: as `same`, but a changeId of a discarded state is
   * answered with what changed since the state that both grew from, which leaves out what the revert put back. `recounted`: the
   * epoch goes on with the number after the snapshot's own, so that a number can name two states. @default 'new'
   */
  epochAfterRevert: 'new' | 'same' | 'unchecked' | 'recounted'
}

export interface SimulationContext {
  readonly objects: SimulatedInventory
  readonly seed: string
  /** When the simulator's own time began, in milliseconds since 1970; what is older is made-up history. */
  readonly origin: number
  readonly settings: SimulatorSettings
  readonly members: Members
}

/** References that one object has to many others, such as a host's `vm`. What was handed out is never changed. */
export class Members {
  readonly #objects: SimulatedInventory
  readonly #lists = new Map<string, { references: ManagedObjectReference[]; handedOut: boolean }>()

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
  }

  of(owner: ManagedObjectReference, property: string): readonly ManagedObjectReference[] {
    const list = this.#listOf(owner, property)
    list.handedOut = true
    return list.references
  }

  /** Properties of an object that read as what is in its lists now. */
  propertiesOf(owner: ManagedObjectReference, ...properties: readonly string[]): Record<string, Property> {
    return Object.fromEntries(properties.map((property) => [property, () => this.of(owner, property)]))
  }

  add(owner: ManagedObjectReference, property: string, member: ManagedObjectReference): void {
    const list = this.#listOf(owner, property)
    // Ten thousand machines join one network without a copy each.
    if (list.handedOut) this.#replace(owner, property, [...list.references, member])
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
    const list = { references, handedOut: false }
    this.#lists.set(`${owner.value}.${property}`, list)
    return list
  }

  #notifyChange(owner: ManagedObjectReference, property: string): void {
    const object = this.#objects.find(owner)
    if (object) this.#objects.changed(object, property)
  }
}
