// ReconfigVM_Task: the name, the annotation, changed block tracking with its keys in the extra configuration, and disks
// (disk-changes.ts).

import type { DataObject } from '../../soap/vim-types.ts'
import { trackingKeyOf } from '../disk/disk.ts'
import { VimFault } from '../vim-fault.ts'
import { configOf, hardwareNumber } from './config.ts'
import { diskChangesOf } from './disk-changes.ts'
import {
  announce,
  isToBeTracked,
  letGuestWrite,
  type Machine,
  type MachineSettings,
  stun,
} from './machine.ts'

export type ConfigSpec = DataObject<'VirtualMachineConfigSpec'>

/** Refuses a specification that the machine cannot follow. */
export function checkSpec(machine: Machine, spec: ConfigSpec): void {
  if (spec.changeVersion !== undefined && spec.changeVersion !== configOf(machine)?.changeVersion) {
    throw new VimFault({ _typeName: 'ConcurrentAccess' })
  }
  diskChangesOf(machine, spec.deviceChange)
  if (settingsAfter(machine, spec).changeTrackingEnabled && hardwareNumber(machine) < 7)
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
  const changes = diskChangesOf(machine, spec.deviceChange)
  const { changeVersion } = machine.settings
  machine.settings = { ...settingsAfter(machine, spec), modified: at, changeVersion: changeVersion + 1 }
  // Switched off it ends at once, and with it the epoch; switched on it waits for a stun.
  for (const disk of machine.disks) if (!isToBeTracked(machine, disk)) disk.epoch = undefined
  if (changes.length > 0) {
    letGuestWrite(machine, at)
    for (const change of changes) change(machine)
    // A disk that was changed is opened anew.
    stun(machine)
    machine.measuredAt = at
    announce(machine, 'guest', 'layoutEx', 'storage')
  }
  if (spec.name !== undefined && spec.name !== machine.name) {
    machine.name = spec.name
    announce(machine, 'name')
  }
  announce(machine, 'config', 'summary')
}

/** `ctkEnabled` of the extra configuration and changeTrackingEnabled are one switch; a disk's own key excepts that disk. */
function settingsAfter({ settings, disks }: Machine, spec: ConfigSpec): MachineSettings {
  const options = new Map(settings.options)
  let { changeTrackingEnabled } = settings
  for (const { key, value } of spec.extraConfig ?? []) {
    const text = String(value)
    if (key === 'ctkEnabled') changeTrackingEnabled = /^true$/i.test(text)
    else if (text === '') options.delete(key)
    else options.set(key, /\.ctkEnabled$/.test(key) ? text.toUpperCase() : text)
  }
  if (spec.changeTrackingEnabled !== undefined) {
    changeTrackingEnabled = spec.changeTrackingEnabled
    for (const disk of disks) options.delete(trackingKeyOf(disk))
  }
  return { ...settings, annotation: spec.annotation ?? settings.annotation, changeTrackingEnabled, options }
}
