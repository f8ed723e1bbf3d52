// Derives the state of changed block tracking from the configuration, the disks and the snapshots of a virtual machine. It is
// computed at each read and never stored, so that it cannot become inconsistent.

import { snapshotTree } from '../../../planner/edges.ts'
import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import type { PlanNode } from '../../../planner/plan-node.ts'
import { backingOf, type Disk, diskDevices, disksOf, frozenDisksOf, trackingBlockers } from '../disks/disk.ts'
import { type SnapshotNode, snapshotsOf } from '../snapshots/snapshot-tree.ts'

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

const keyPath = 'config.extraConfig["ctkEnabled"]'

/** The paths that isEnabled reads. They are small: a keyed path selects one element of the extra configuration. */
export const enabledPaths = ['config.changeTrackingEnabled', keyPath, 'config.changeVersion'] as const

/** Adds the requirements of all functions of this file to a plan node. */
export function planTrackingState<N extends PlanNode>(node: N): N {
  node.read(...enabledPaths, diskDevices, 'snapshot')
  node.follow(snapshotTree).read(diskDevices)
  return node
}

/** Whether the extra configuration enables tracking. On a running machine changeTrackingEnabled does not reflect that. */
const isEnabledByKey = (vm: VirtualMachineObject): boolean =>
  /^(true|1|yes|on)$/i.test(String(vm.read(keyPath)?.value))

/** Whether the extra configuration disables tracking. A running machine keeps the flag regardless, and loses it at its next power-on. */
const isDisabledByKey = (vm: VirtualMachineObject): boolean =>
  /^(false|0|no|off)$/i.test(String(vm.read(keyPath)?.value))

/**
 * Whether tracking is enabled, by its flag or in the extra configuration. It is disabled if the server reports neither.
 *
 * @returns null if the configuration cannot be read
 */
export function isEnabled(vm: VirtualMachineObject): boolean | null {
  if (vm.read('config.changeTrackingEnabled') || isEnabledByKey(vm)) return true
  return vm.read('config.changeTrackingEnabled') === undefined &&
    vm.read('config.changeVersion') === undefined
    ? null
    : false
}

/**
 * Whether tracking already has the requested state, so that setChangeTracking need not reconfigure the machine. The key in the
 * extra configuration alone does not count as enabled, because it does not enable the disks as the flag does. Nor does the flag
 * if the key contradicts it.
 *
 * @returns null if the configuration cannot be read
 */
export function isTrackingSetTo(vm: VirtualMachineObject, enabled: boolean): boolean | null {
  const now = isEnabled(vm)
  if (now === null) return null
  return enabled ? vm.read('config.changeTrackingEnabled') === true && !isDisabledByKey(vm) : !now
}

/** Creates the VirtualMachineConfigSpec with which ReconfigVM_Task enables or disables tracking. */
export function trackingConfigSpec(vm: VirtualMachineObject, enabled: boolean) {
  const flagMatches = Boolean(vm.read('config.changeTrackingEnabled')) === enabled
  const keyContradicts = enabled ? isDisabledByKey(vm) : isEnabledByKey(vm)
  const value = enabled ? 'TRUE' : 'FALSE'
  return {
    changeTrackingEnabled: enabled,
    // Setting a flag that already has the value may change nothing, so a contrary key is set explicitly.
    ...(flagMatches &&
      keyContradicts && { extraConfig: [{ _typeName: 'OptionValue', key: 'ctkEnabled', value }] }),
  }
}

const hasChangeId = (disk: Disk): boolean => Boolean(backingOf(disk).changeId)

const isTrackable = (disk: Disk): boolean => trackingBlockers(disk).length === 0

const keysOf = (disks: readonly Disk[] | undefined): ReadonlySet<number> =>
  new Set(disks?.map(({ device }) => device.key))

/** The disks that support tracking, and those that are not tracked yet. */
export interface TrackableDisks {
  readonly all: readonly Disk[]
  readonly inactive: readonly Disk[]
}

/**
 * Returns the trackable disks by their current changeIds; undefined if the configuration cannot be read. It ignores the
 * changeIds in snapshots, which may be from before tracking was disabled and enabled again.
 */
export function currentTrackableDisks(vm: VirtualMachineObject): TrackableDisks | undefined {
  const all = disksOf(vm)?.filter(isTrackable)
  return all && { all, inactive: all.filter((disk) => !hasChangeId(disk)) }
}

/** Returns the trackable disks by their changeIds now or in the newest snapshot; undefined if these cannot be read. */
export function trackableDisks(vm: VirtualMachineObject): TrackableDisks | undefined {
  const now = currentTrackableDisks(vm)
  // While tracking is disabled, the changeIds in snapshots are from before it was disabled.
  if (!now || now.inactive.length === 0 || readOr(() => isEnabled(vm), null) === false) return now
  const newest = newestOf(snapshotsOf(vm))
  if (!newest) return now
  const frozenDisks = frozenDisksOf(newest)
  if (!frozenDisks) return undefined
  const tracked = keysOf(frozenDisks.filter(hasChangeId))
  return { all: now.all, inactive: now.inactive.filter(({ device }) => !tracked.has(device.key)) }
}

const newestOf = (snapshots: readonly SnapshotNode[]): SnapshotNode | undefined =>
  [...snapshots].sort(
    (a, b) =>
      b.tree.createTime.getTime() - a.tree.createTime.getTime() || (b.tree.id ?? 0) - (a.tree.id ?? 0),
  )[0]

const areAllActive = ({ all, inactive }: TrackableDisks): boolean => all.length > 0 && inactive.length === 0

/** Whether all trackable disks are tracked, by their changeIds now or in the newest snapshot; null if that cannot be read. */
export function isActive(vm: VirtualMachineObject): boolean | null {
  const disks = trackableDisks(vm)
  return disks ? areAllActive(disks) : null
}

/** Whether all trackable disks are tracked, by their current changeIds. */
export function isActiveNow(vm: VirtualMachineObject): boolean {
  const disks = currentTrackableDisks(vm)
  return disks !== undefined && areAllActive(disks)
}

/**
 * Returns the inactive disks that are in snapshots from before tracking, and the number of these snapshots. The changes of a
 * disk in such a snapshot cannot be computed. A snapshot in which another, still tracked disk has a changeId is not from before
 * tracking.
 */
export function disksHeldBySnapshots(
  vm: VirtualMachineObject,
  { all, inactive }: TrackableDisks,
): { readonly disks: readonly Disk[]; readonly snapshots: number } {
  const inactiveKeys = keysOf(inactive)
  const active = keysOf(all.filter(({ device }) => !inactiveKeys.has(device.key)))
  const heldKeys = new Set<number>()
  let snapshots = 0
  for (const snapshot of snapshotsOf(vm)) {
    // If the disks of a snapshot cannot be read, it may contain all of them.
    const frozenDisks = readOr(() => frozenDisksOf(snapshot), undefined)
    if (frozenDisks?.some((disk) => active.has(disk.device.key) && hasChangeId(disk))) continue
    const keys = frozenDisks
      ? [...keysOf(frozenDisks)].filter((key) => inactiveKeys.has(key))
      : [...inactiveKeys]
    if (keys.length > 0) snapshots += 1
    for (const key of keys) heldKeys.add(key)
  }
  return { disks: inactive.filter(({ device }) => heldKeys.has(device.key)), snapshots }
}
