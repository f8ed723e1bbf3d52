// Builds VirtualMachine.config, and the frozen VirtualMachineSnapshot.config of the same shape.

import type { DataObject } from '../../soap/vim-types.ts'
import { isInSnapshots, liveChangeId } from '../disk/disk.ts'
import { changeIdOf } from '../disk/tracking.ts'
import { type AttachedDisk, devicesOf } from './devices.ts'
import type { Machine, MachineSettings, Snapshot } from './machine.ts'
import { trackingKeys } from './tracking.ts'

/** Returns the live configuration; unset while the machine's files cannot be read. */
export function configOf(machine: Machine): DataObject<'VirtualMachineConfigInfo'> | undefined {
  if (!machine.isAccessible) return undefined
  return configInfo(
    machine,
    machine.settings,
    machine.disks.map((disk) => ({ disk, head: disk.head, changeId: liveChangeId(disk) })),
  )
}

/**
 * Returns a snapshot's configuration: without disks that are not in snapshots, with the changeIds at the
 * snapshot.
 */
export function snapshotConfigOf(
  machine: Machine,
  snapshot: Snapshot,
): DataObject<'VirtualMachineConfigInfo'> {
  return configInfo(
    { ...machine, name: snapshot.machineName },
    snapshot.settings,
    snapshot.disks.map(({ disk, head, epoch, number }) => ({
      disk,
      head,
      changeId: epoch && number !== undefined ? changeIdOf(epoch, number) : undefined,
    })),
  )
}

export const frozenDisksOf = (machine: Machine) => machine.disks.filter(isInSnapshots)

export const vmPathName = (machine: Machine): string =>
  `[${machine.home.name}] ${machine.directory}/${machine.directory}.vmx`

function configInfo(
  machine: Machine,
  settings: MachineSettings,
  attached: readonly AttachedDisk[],
): DataObject<'VirtualMachineConfigInfo'> {
  const directory = `[${machine.home.name}] ${machine.directory}`
  return {
    changeVersion: `${settings.modified.toISOString().slice(0, 19)}.${String(settings.changeVersion).padStart(6, '0')}Z`,
    modified: settings.modified,
    name: machine.name,
    guestFullName: settings.guest.fullName,
    version: machine.version,
    uuid: machine.uuid,
    createDate: machine.createDate,
    instanceUuid: machine.instanceUuid,
    template: machine.template,
    guestId: settings.guest.id,
    alternateGuestName: settings.alternateGuestName,
    annotation: settings.annotation,
    files: {
      vmPathName: vmPathName(machine),
      snapshotDirectory: `${directory}/`,
      suspendDirectory: `${directory}/`,
      logDirectory: `${directory}/`,
    },
    tools: settings.tools,
    flags: settings.flags,
    hardware: {
      numCPU: settings.cpus,
      numCoresPerSocket: settings.coresPerSocket,
      memoryMB: settings.memoryMB,
      device: devicesOf({ ...machine, settings }, attached),
    },
    cpuAllocation: settings.cpuAllocation,
    memoryAllocation: settings.memoryAllocation,
    memoryHotAddEnabled: settings.memoryHotAddEnabled,
    cpuHotAddEnabled: settings.cpuHotAddEnabled,
    cpuHotRemoveEnabled: settings.cpuHotRemoveEnabled,
    extraConfig: extraConfig(machine, settings),
    bootOptions: settings.bootOptions,
    changeTrackingEnabled: settings.changeTrackingEnabled,
    firmware: settings.firmware,
    ...(machine.managedBy && { managedBy: machine.managedBy }),
    ...(settings.keyId && { keyId: settings.keyId }),
  }
}

function extraConfig(machine: Machine, settings: MachineSettings): DataObject<'OptionValue'>[] {
  const options = new Map([
    ['nvram', `${machine.directory}.nvram`],
    ['svga.present', 'TRUE'],
    ['pciBridge0.present', 'TRUE'],
    ['viv.moid', `${machine.instanceUuid}:${machine.ref.value}`],
  ])
  for (const [key, value] of trackingKeys({ ...machine, settings })) options.set(key, value)
  for (const [key, value] of settings.options) options.set(key, value)
  return Array.from(options, ([key, value]) => ({ key, value }))
}
