// ReconfigVM_Task: the name, the annotation, changed block tracking with its keys in the extra configuration (tracking.ts), and
// disks (disk-changes.ts).

import type { DataObject } from '../../soap/vim-types.ts'
import { VimFault } from '../vim-fault.ts'
import { configOf } from './config.ts'
import { diskChangesOf } from './disk-changes.ts'
import { announce, letGuestWrite, type Machine, type MachineSettings, stun } from './machine.ts'
import { isToBeTracked, loaded, supportsTracking, withFlag, withOptions } from './tracking.ts'

export type ConfigSpec = DataObject<'VirtualMachineConfigSpec'>

/** Refuses a specification that the machine cannot follow. */
export function checkSpec(machine: Machine, spec: ConfigSpec): void {
  if (spec.changeVersion !== undefined && spec.changeVersion !== configOf(machine)?.changeVersion) {
    throw new VimFault({ _typeName: 'ConcurrentAccess' })
  }
  diskChangesOf(machine, spec.deviceChange)
  if (spec.changeTrackingEnabled && !supportsTracking(machine))
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

function settingsAfter(
  machine: Machine,
  { annotation, extraConfig, changeTrackingEnabled }: ConfigSpec,
): MachineSettings {
  let settings = machine.settings
  if (extraConfig) {
    settings = withOptions(machine, extraConfig)
    if (machine.powerState === 'poweredOff') settings = loaded({ ...machine, settings })
  }
  if (changeTrackingEnabled !== undefined)
    settings = withFlag({ ...machine, settings }, changeTrackingEnabled)
  return { ...settings, annotation: annotation ?? settings.annotation }
}
