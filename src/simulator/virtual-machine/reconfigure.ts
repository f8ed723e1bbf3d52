// ReconfigVM_Task: the name, the annotation and changed block tracking. Devices cannot be changed.

import type { DataObject } from '../../soap/vim-types.ts'
import { VimFault } from '../vim-fault.ts'
import { configOf, hardwareNumber } from './config.ts'
import { announce, type Machine } from './machine.ts'

export type ConfigSpec = DataObject<'VirtualMachineConfigSpec'>

/** Refuses a specification that the machine cannot follow. */
export function checkSpec(machine: Machine, spec: ConfigSpec): void {
  if (spec.changeVersion !== undefined && spec.changeVersion !== configOf(machine)?.changeVersion) {
    throw new VimFault({ _typeName: 'ConcurrentAccess' })
  }
  if (spec.deviceChange && spec.deviceChange.length > 0) throw new VimFault({ _typeName: 'NotSupported' })
  if (spec.changeTrackingEnabled && hardwareNumber(machine) < 7)
    throw new VimFault({ _typeName: 'NotSupported' })
  if (spec.name === undefined || spec.name === machine.name) return
  if (spec.name === '') throw new VimFault({ _typeName: 'InvalidName', name: '', entity: machine.ref })
  const { members, world } = machine.site
  const siblings = machine.vApp ? members.of(machine.vApp, 'vm') : members.of(machine.folder, 'childEntity')
  const namesake = siblings.find(
    (ref) => ref.value !== machine.ref.value && world.find(ref)?.get('name') === spec.name,
  )
  if (namesake) throw new VimFault({ _typeName: 'DuplicateName', name: spec.name, object: namesake })
}

export function reconfigure(machine: Machine, spec: ConfigSpec, at: Date): void {
  const { annotation, changeTrackingEnabled } = machine.settings
  machine.settings = {
    annotation: spec.annotation ?? annotation,
    changeTrackingEnabled: spec.changeTrackingEnabled ?? changeTrackingEnabled,
    modified: at,
    changeVersion: machine.settings.changeVersion + 1,
  }
  // Switched off it ends at once, and with it the epoch; switched on it waits for a stun.
  if (!machine.settings.changeTrackingEnabled) for (const disk of machine.disks) disk.epoch = undefined
  if (spec.name !== undefined && spec.name !== machine.name) {
    machine.name = spec.name
    announce(machine, 'name')
  }
  announce(machine, 'config', 'summary')
}
