// CustomFieldsManager: defines custom attributes and sets their values.

import { isManagedObject, isManagedSubtype } from '../../soap/type-registry.ts'
import {
  appliesTo,
  type CustomFieldDef,
  customValueOf,
  definitionsIn,
  removeValues,
  setCustomValue,
  setDefinitions,
} from '../custom-fields/custom-fields.ts'
import { recordEvent } from '../history/event-log.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import { machineOf, notifyChange } from '../virtual-machine/machine.ts'
import { findOrFault, invalidArgument, type ServiceMethodTable } from './service-method.ts'

/** The key of the first attribute that is defined, as in a vCenter. */
const firstKey = 101

export const customFieldsManagerMethods: ServiceMethodTable = {
  AddCustomFieldDef({ objects, args: { name, moType, fieldDefPolicy, fieldPolicy } }) {
    // govc sends an empty type for an attribute of all types.
    const managedObjectType = moType === '' ? undefined : moType
    if (managedObjectType !== undefined && !isManagedObject(managedObjectType))
      throw invalidArgument('moType')
    const definitions = definitionsIn(objects)
    assertNewName(definitions, name, managedObjectType)
    const added: CustomFieldDef = {
      key: definitions.reduce((key, each) => Math.max(key, each.key + 1), firstKey),
      name,
      type: 'string',
      ...(managedObjectType !== undefined && { managedObjectType }),
      ...(fieldDefPolicy && { fieldDefPrivileges: fieldDefPolicy }),
      ...(fieldPolicy && { fieldInstancePrivileges: fieldPolicy }),
    }
    setDefinitions(objects, [...definitions, added])
    return added
  },

  RenameCustomFieldDef({ objects, args: { key, name } }) {
    const definitions = definitionsIn(objects)
    const renamed = definitionWith(objects, key)
    const others = definitions.filter((each) => each !== renamed)
    assertNewName(others, name, renamed.managedObjectType)
    setDefinitions(
      objects,
      definitions.map((each) => (each === renamed ? { ...each, name } : each)),
    )
  },

  RemoveCustomFieldDef({ objects, args: { key } }) {
    const removed = definitionWith(objects, key)
    setDefinitions(
      objects,
      definitionsIn(objects).filter((each) => each !== removed),
    )
    for (const object of removeValues(objects, key)) notifySummary(object)
  },

  SetField({ objects, find, userName, args: { entity, key, value } }) {
    const definition = definitionWith(objects, key)
    const object = findOrFault({ find }, entity)
    if (!isManagedSubtype(entity.type, 'ManagedEntity') || !appliesTo(definition, entity.type))
      throw invalidArgument('entity')
    const prevState = customValueOf(objects, entity).find((each) => each.key === key)?.value
    setCustomValue(objects, object, key, value)
    recordEvent(objects, {
      _typeName: 'CustomFieldValueChangedEvent',
      userName,
      ...(entity.type === 'VirtualMachine' && { vm: entity }),
      ...(entity.type === 'HostSystem' && { host: entity }),
      entity: { name: String(object.get('name')), entity },
      fieldKey: key,
      name: definition.name,
      value,
      ...(prevState !== undefined && { prevState }),
    })
    notifySummary(object)
  },
}

function definitionWith(objects: SimulatedInventory, key: number): CustomFieldDef {
  const definition = definitionsIn(objects).find((each) => each.key === key)
  if (!definition) throw invalidArgument('key')
  return definition
}

/** A name can be defined once for each type, and once for all types. */
function assertNewName(definitions: readonly CustomFieldDef[], name: string, type: string | undefined): void {
  if (name === '') throw invalidArgument('name')
  const same = definitions.find((each) => each.name === name && each.managedObjectType === type)
  if (same) throw new VimFault({ _typeName: 'DuplicateName', name })
}

/** The summary of virtual machines, which is cached, and of hosts repeats the values. */
function notifySummary(object: SimulatedObject): void {
  if (object.type === 'VirtualMachine') notifyChange(machineOf(object), 'summary')
  else if (object.type === 'HostSystem') object.inventory.changed(object, 'summary')
}
