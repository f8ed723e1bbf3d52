// Events about alarms, and the definition of an alarm that they name.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { recordEvent, type SimulatedEvent } from '../history/event-log.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'

/** The root folder has a fixed moid. */
export const rootFolder: ManagedObjectReference = { type: 'Folder', value: 'group-d1' }

export const infoOf = (alarm: SimulatedObject): DataObject<'AlarmInfo'> =>
  alarm.get('info') as DataObject<'AlarmInfo'>

/** The fields of an event for the type of the object that it is about. */
const argumentFields: Readonly<Record<string, string>> = {
  VirtualMachine: 'vm',
  HostSystem: 'host',
  Datastore: 'ds',
  Network: 'net',
  DistributedVirtualSwitch: 'dvs',
  ComputeResource: 'computeResource',
  Datacenter: 'datacenter',
}

/** Records an event about an alarm of an object. */
export function recordAlarmEvent(
  objects: SimulatedInventory,
  type: string,
  { alarm, entity }: { readonly alarm: ManagedObjectReference; readonly entity: ManagedObjectReference },
  fields: { readonly userName: string; readonly from?: string; readonly to?: string },
): SimulatedEvent {
  const named = (ref: ManagedObjectReference) => ({
    name: String(objects.find(ref)?.get('name') ?? ref.value),
    entity: ref,
  })
  const definition = objects.find(alarm)
  const definedOn = definition ? infoOf(definition).entity : rootFolder
  const field = Object.entries(argumentFields).find(([each]) => isManagedSubtype(entity.type, each))?.[1]
  return recordEvent(objects, {
    _typeName: type,
    ...(field && { [field]: entity }),
    alarm: { name: definition ? infoOf(definition).name : alarm.value, alarm },
    source: named(definedOn),
    entity: named(entity),
    ...fields,
  })
}
