// ReconfigVM_Task: the name, the annotation, changed block tracking with its keys in the extra configuration, and larger
// disks. Other devices cannot be changed.

import type { DataObject } from '../../soap/vim-types.ts'
import { type Disk, growDisk, trackingKeyOf } from '../disk/disk.ts'
import { VimFault } from '../vim-fault.ts'
import { configOf, hardwareNumber } from './config.ts'
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
  grownDisks(machine, spec)
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
  const grown = grownDisks(machine, spec)
  const { changeVersion } = machine.settings
  machine.settings = { ...settingsAfter(machine, spec), modified: at, changeVersion: changeVersion + 1 }
  // Switched off it ends at once, and with it the epoch; switched on it waits for a stun.
  for (const disk of machine.disks) if (!isToBeTracked(machine, disk)) disk.epoch = undefined
  if (grown.size > 0) {
    letGuestWrite(machine, at)
    for (const [disk, capacity] of grown) growDisk(disk, capacity)
    // A larger disk is opened anew.
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

/** The disks that become larger, with their capacities. One that stands on a snapshot cannot, and none becomes smaller. */
function grownDisks(machine: Machine, spec: ConfigSpec): Map<Disk, number> {
  const grown = new Map<Disk, number>()
  for (const [deviceIndex, { operation, fileOperation, device }] of (spec.deviceChange ?? []).entries()) {
    const disk = machine.disks.find(({ key }) => key === device.key)
    if (operation !== 'edit' || fileOperation !== undefined || device._typeName !== 'VirtualDisk' || !disk)
      throw new VimFault({ _typeName: 'NotSupported' })
    const { capacityInBytes, capacityInKB } = device as DataObject<'VirtualDisk'>
    const capacity = Number(capacityInBytes ?? Number(capacityInKB) * 1024)
    if (capacity === disk.capacity) continue
    const isPossible =
      capacity > disk.capacity && capacity % 1024 === 0 && !disk.head.parent && !disk.rawDevice
    if (!isPossible) {
      const property = 'virtualDeviceSpec.device.capacityInBytes'
      throw new VimFault({ _typeName: 'InvalidDeviceSpec', property, deviceIndex })
    }
    grown.set(disk, capacity)
  }
  return grown
}
