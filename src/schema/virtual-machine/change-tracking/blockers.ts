// What prevents a step now: switching change tracking on at once, or a snapshot whose changes are read. The reasons decide, so that
// the field `eligibility` and the mutations agree.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import { disksOf } from '../disks/disk.ts'
import { type ChangeTrackingStep, prevents } from './reason-codes.ts'
import { type ChangeTrackingReason, trackingReasonsOf } from './reasons.ts'
import { currentTrackableDisks, trackableDisks } from './tracking-state.ts'

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

/**
 * Returns everything that prevents a step, for the virtual machine or for one of its disks. Needs the paths that
 * planTrackingReasons plans. Only current changeIds count for ACTIVATE: those in snapshots may be from before tracking was disabled.
 */
export const blockersOf = (vm: VirtualMachineObject, step: ChangeTrackingStep): ChangeTrackingReason[] =>
  trackingReasonsOf(vm, step === 'ACTIVATE' ? currentTrackableDisks : trackableDisks).filter(({ code }) =>
    prevents(code, step),
  )

/**
 * Returns the blockers that concern the whole virtual machine. A shared disk is one of them unless snapshots leave it out: vSphere then
 * takes no snapshot of the virtual machine (the limitations of snapshots in the vSphere documentation).
 */
export function blockersOfMachine(blockers: readonly ChangeTrackingReason[]): ChangeTrackingReason[] {
  const notInSnapshots = new Set(
    blockers
      .filter(({ code }) => code === 'INDEPENDENT_DISK' || code === 'PHYSICAL_RDM')
      .map(({ disk }) => disk?.device.key),
  )
  return blockers.filter(
    ({ code, disk }) => !disk || (code === 'SHARED_BUS' && !notInSnapshots.has(disk.device.key)),
  )
}

/**
 * Whether a step can be taken: nothing concerns the whole virtual machine, and at least one disk is left. To activate tracking, a
 * disk that is not tracked yet must be left, unless all are tracked already.
 *
 * @returns null if the configuration cannot be read
 */
export function isEligible(
  vm: VirtualMachineObject,
  step: ChangeTrackingStep,
  blockers: readonly ChangeTrackingReason[],
): boolean | null {
  if (blockers.some(({ code }) => code === 'CONFIGURATION_UNREADABLE')) return null
  if (blockersOfMachine(blockers).length > 0) return false
  const blocked = new Set(blockers.map(({ disk }) => disk?.device.key))
  const inactive = step === 'ACTIVATE' ? currentTrackableDisks(vm)?.inactive : undefined
  const disks = inactive && inactive.length > 0 ? inactive : disksOf(vm)
  return disks?.some(({ device }) => !blocked.has(device.key)) ?? null
}
