// Whether changed blocks of a virtual machine are tracked, derived from its configuration, its disks and its snapshots at each
// read. Nothing of it is stored, so that no update can make it contradict itself.

import { snapshotTree } from '../../planner/edges.ts'
import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import { backingOf, type Disk, devicePath, disksOf, frozenDisksOf, trackingBlocker } from './disk.ts'
import { type SnapshotNode, snapshotsOf } from './snapshot-tree.ts'

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

const keyPath = 'config.extraConfig["ctkEnabled"]'

/** What isEnabled reads. Light: a keyed path selects one element of the extra configuration. */
export const enabledPaths = ['config.changeTrackingEnabled', keyPath, 'config.changeVersion'] as const

/** Plans what the other functions read. */
export function planTrackingState<N extends PlanNode>(node: N): N {
  node.read(...enabledPaths, devicePath, 'snapshot')
  node.follow(snapshotTree).read(devicePath)
  return node
}

/** Whether the extra configuration switches tracking on. On a running machine that does not reach changeTrackingEnabled. */
const isEnabledByKey = (vm: VirtualMachineObject): boolean =>
  /^(true|1|yes|on)$/i.test(String(vm.read(keyPath)?.value))

/** Whether the extra configuration switches it off: the flag of a machine that runs does not say so, and ends at its next start. */
const isDisabledByKey = (vm: VirtualMachineObject): boolean =>
  /^(false|0|no|off)$/i.test(String(vm.read(keyPath)?.value))

/**
 * Whether tracking is switched on, by its flag or in the extra configuration. A server that reports neither has it switched off.
 * Returns null if the configuration cannot be read.
 */
export function isEnabled(vm: VirtualMachineObject): boolean | null {
  if (vm.read('config.changeTrackingEnabled') || isEnabledByKey(vm)) return true
  return vm.read('config.changeTrackingEnabled') === undefined &&
    vm.read('config.changeVersion') === undefined
    ? null
    : false
}

/**
 * Whether setChangeTracking has nothing to switch. A key in the extra configuration alone is not enough for on: it does not
 * switch the disks on, as the flag does; nor is the flag, where the key contradicts it. Returns null if the configuration cannot be read.
 */
export function isTrackingSetTo(vm: VirtualMachineObject, enabled: boolean): boolean | null {
  const now = isEnabled(vm)
  if (now === null) return null
  return enabled ? vm.read('config.changeTrackingEnabled') === true && !isDisabledByKey(vm) : !now
}

/** What ReconfigVM_Task is sent to switch it. */
export function trackingConfigSpec(vm: VirtualMachineObject, enabled: boolean) {
  const isFlagAsWanted = Boolean(vm.read('config.changeTrackingEnabled')) === enabled
  const isKeyContrary = enabled ? isDisabledByKey(vm) : isEnabledByKey(vm)
  const value = enabled ? 'TRUE' : 'FALSE'
  return {
    changeTrackingEnabled: enabled,
    // A flag that is as wanted already may change nothing, also not the key.
    ...(isFlagAsWanted &&
      isKeyContrary && { extraConfig: [{ _typeName: 'OptionValue', key: 'ctkEnabled', value }] }),
  }
}

const hasChangeId = (disk: Disk): boolean => Boolean(backingOf(disk).changeId)

const isTrackable = (disk: Disk): boolean => trackingBlocker(disk) === undefined

const keysOf = (disks: readonly Disk[] | undefined): ReadonlySet<number> =>
  new Set(disks?.map(({ device }) => device.key))

/** The disks that can be tracked, by whether they are. */
export interface TrackableDisks {
  readonly all: readonly Disk[]
  readonly inactive: readonly Disk[]
}

/** By their changeIds now. Those in snapshots may be from before tracking was switched off and on again. */
export function currentTrackableDisks(vm: VirtualMachineObject): TrackableDisks | undefined {
  const all = disksOf(vm)?.filter(isTrackable)
  return all && { all, inactive: all.filter((disk) => !hasChangeId(disk)) }
}

/** By their changeIds now or in the newest snapshot. Returns undefined if these cannot be read. */
export function trackableDisks(vm: VirtualMachineObject): TrackableDisks | undefined {
  const now = currentTrackableDisks(vm)
  // While tracking is switched off, the changeIds in snapshots are from before.
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

/** Whether all disks that can be tracked are. Returns null if that cannot be read. */
export function isActive(vm: VirtualMachineObject): boolean | null {
  const disks = trackableDisks(vm)
  return disks ? areAllActive(disks) : null
}

/** Whether that is so by the changeIds of the disks now. */
export function isActiveNow(vm: VirtualMachineObject): boolean {
  const disks = currentTrackableDisks(vm)
  return disks !== undefined && areAllActive(disks)
}

/**
 * The disks among these that a snapshot from before tracking keeps: their changes in it cannot be computed. A snapshot in which
 * another disk carries a changeId, which is tracked still, is not from before tracking.
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
    // Where the disks of a snapshot cannot be read, it may keep all of them.
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
