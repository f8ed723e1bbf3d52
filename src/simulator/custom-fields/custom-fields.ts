// Custom attributes of the simulated inventory. The definitions are the property `field` of the CustomFieldsManager, and the values are
// the property `customValue` of each object.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'

export const customFieldsManager: ManagedObjectReference = {
  type: 'CustomFieldsManager',
  value: 'CustomFieldsManager',
}

export type CustomFieldDef = DataObject<'CustomFieldDef'>
type CustomFieldValue = DataObject<'CustomFieldStringValue'>

/** An inventory without service objects has no manager. */
const managerOf = (objects: SimulatedInventory): SimulatedObject | undefined =>
  objects.find(customFieldsManager)

const noDefinitions: readonly CustomFieldDef[] = []

/** Returns all definitions. */
export const definitionsIn = (objects: SimulatedInventory): readonly CustomFieldDef[] =>
  (managerOf(objects)?.get('field') ?? noDefinitions) as readonly CustomFieldDef[]

export const setDefinitions = (objects: SimulatedInventory, definitions: readonly CustomFieldDef[]): void =>
  managerOf(objects)?.set('field', definitions)

const usable = new WeakMap<readonly CustomFieldDef[], Map<string, readonly CustomFieldDef[]>>()

/** Returns the definitions that objects of a type can have values for. */
export function definitionsFor(objects: SimulatedInventory, type: string): readonly CustomFieldDef[] {
  const all = definitionsIn(objects)
  const byType = usable.get(all) ?? new Map<string, readonly CustomFieldDef[]>()
  usable.set(all, byType)
  const definitions = byType.get(type) ?? all.filter((each) => appliesTo(each, type))
  byType.set(type, definitions)
  return definitions
}

export const appliesTo = ({ managedObjectType }: CustomFieldDef, type: string): boolean =>
  managedObjectType === undefined || isManagedSubtype(type, managedObjectType)

/** Returns the values of an object. */
export const customValueOf = (
  objects: SimulatedInventory,
  ref: ManagedObjectReference,
): readonly CustomFieldValue[] => (objects.find(ref)?.get('customValue') ?? []) as readonly CustomFieldValue[]

/** Sets the value of an object. An empty one stays in the list. */
export function setCustomValue(
  objects: SimulatedInventory,
  object: SimulatedObject,
  key: number,
  value: string,
): void {
  const others = customValueOf(objects, object.ref).filter((each) => each.key !== key)
  const added: CustomFieldValue = { _typeName: 'CustomFieldStringValue', key, value }
  object.set(
    'customValue',
    [...others, added].sort((one, other) => one.key - other.key),
  )
}

/** Removes the values of an attribute from all objects. */
export function removeValues(objects: SimulatedInventory, key: number): SimulatedObject[] {
  const withValue = [...objects.all()].filter((object) =>
    customValueOf(objects, object.ref).some((each) => each.key === key),
  )
  for (const object of withValue)
    object.set(
      'customValue',
      customValueOf(objects, object.ref).filter((each) => each.key !== key),
    )
  return withValue
}
