// Collects all reasons why a virtual machine or one of its disks is not tracked. One reason does not hide another.

import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import type { PlanNode } from '../../../planner/plan-node.ts'
import type { TaskInfo } from '../../../vim25/tasks/task-watcher.ts'
import { type Disk, diskDevices, disksOf, trackingBlockers } from '../disks/disk.ts'
import { currentSnapshotOf, lineageOf } from '../snapshots/snapshot-tree.ts'
import type { ReasonCodeName } from './reason-codes.ts'
import { disksHeldBySnapshots, isEnabled, planTrackingState, trackableDisks } from './tracking-state.ts'

export interface ChangeTrackingReason {
  readonly code: ReasonCodeName
  readonly message: string
  /** The affected disk; undefined if the reason affects the whole virtual machine. */
  readonly disk?: Disk
  /** The missing privilege of MISSING_PRIVILEGE. */
  readonly privilege?: string
  /** The task of TASK_RUNNING. */
  readonly task?: TaskInfo & { readonly source: object }
}

const diskMessages = {
  INDEPENDENT_DISK: 'is independent, so snapshots do not include it and its changes cannot be tracked',
  PHYSICAL_RDM: 'is a raw device mapping in physical mode, so its changes cannot be tracked',
  SHARED_BUS:
    'is shared with other virtual machines, so its changes cannot be tracked, and it prevents snapshots unless it is independent',
  BACKING_UNSUPPORTED: 'is stored in a format that does not support change tracking',
} as const

const labelOf = ({ device }: Disk): string => device.deviceInfo?.label ?? `Disk ${device.key}`

/** Adds the requirements of trackingReasonsOf to a plan node. */
export const planTrackingReasons = <N extends PlanNode>(node: N): N =>
  planTrackingState(node).read(
    'capability.changeTrackingSupported',
    'capability.snapshotOperationsSupported',
    'config.version',
    'config.template',
    'summary.config.template',
    'runtime.powerState',
    'runtime.connectionState',
    'runtime.consolidationNeeded',
    'disabledMethod',
  )

/** Whether the object is a template. Also works while its configuration is unset. */
const isTemplate = (vm: ManagedObject<'VirtualMachine'>): boolean =>
  vm.tryRead('config.template') ?? vm.tryRead('summary.config.template') ?? false

/** Returns the reason HARDWARE_TOO_OLD if it holds. Needs `config.version` and `capability.changeTrackingSupported`. */
export function oldHardwareReason(vm: ManagedObject<'VirtualMachine'>): ChangeTrackingReason | undefined {
  if (vm.tryRead('capability.changeTrackingSupported') !== false) return undefined
  const version = vm.tryRead('config.version')
  const isOld = version !== undefined && Number(/(?<!\d)\d+$/.exec(version)?.[0]) < 7
  const message = isOld
    ? `Its virtual hardware is ${version}, but change tracking needs version 7 or later.`
    : 'vSphere reports that it does not support change tracking.'
  return { code: 'HARDWARE_TOO_OLD', message }
}

/** The snapshots that a chain can have in vSphere. */
const maxChainLength = 32

/** Returns what prevents a snapshot of the virtual machine, whether it is tracked or not. */
function snapshotBlockersOf(
  vm: ManagedObject<'VirtualMachine'>,
): (readonly [code: ReasonCodeName, message: string])[] {
  const blockers: (readonly [ReasonCodeName, string])[] = []
  if (isTemplate(vm)) blockers.push(['TEMPLATE', 'It is a template, which cannot have snapshots.'])
  const connection = vm.tryRead('runtime.connectionState')
  if (connection !== undefined && connection !== 'connected')
    blockers.push(['NOT_CONNECTED', `Its connection state is ${connection}.`])
  // Methods of a template and of a machine that is not connected are disabled too, which is no reason of its own.
  const isDisabled =
    blockers.length === 0 && vm.tryRead('disabledMethod')?.includes('CreateSnapshot_Task') === true
  if (vm.tryRead('runtime.consolidationNeeded') === true)
    blockers.push(['CONSOLIDATION_NEEDED', 'Its disks need consolidation: run consolidateDisks first.'])
  if (isDisabled)
    blockers.push([
      'SNAPSHOTS_UNSUPPORTED',
      'vSphere does not allow snapshots of it at present: its method CreateSnapshot_Task is disabled.',
    ])
  else if (vm.tryRead('capability.snapshotOperationsSupported') === false)
    blockers.push(['SNAPSHOTS_UNSUPPORTED', 'vSphere reports that it does not support snapshots.'])
  const chain = readOr(() => [...lineageOf(currentSnapshotOf(vm))].length, 0)
  if (chain >= maxChainLength)
    blockers.push([
      'SNAPSHOT_CHAIN_FULL',
      `Its current snapshot is number ${chain} of a chain; vSphere allows ${maxChainLength}.`,
    ])
  return blockers
}

/**
 * Returns all reasons. A configuration that may not be read is reported as a reason, not thrown as an error.
 *
 * @param readTrackable - which disks are tracked: by default those with a changeId now or in the newest snapshot
 */
export function trackingReasonsOf(
  vm: ManagedObject<'VirtualMachine'>,
  readTrackable = trackableDisks,
): ChangeTrackingReason[] {
  const disks = vm.isUnreadable(diskDevices) ? undefined : disksOf(vm)
  const reasons: ChangeTrackingReason[] = []
  const add = (code: ChangeTrackingReason['code'], message: string, disk?: Disk) =>
    reasons.push({ code, message, ...(disk && { disk }) })
  if (!disks) add('CONFIGURATION_UNREADABLE', 'The configuration of the virtual machine cannot be read.')
  const old = oldHardwareReason(vm)
  if (old) reasons.push(old)
  for (const [code, message] of snapshotBlockersOf(vm)) add(code, message)
  for (const disk of disks ?? [])
    for (const code of trackingBlockers(disk)) add(code, `${labelOf(disk)} ${diskMessages[code]}.`, disk)
  const trackable = disks && readOr(() => readTrackable(vm), undefined)
  if (!trackable) return reasons

  const { all, inactive } = trackable
  const isOff = readOr(() => isEnabled(vm), null) !== true
  if (isOff && (inactive.length > 0 || all.length === 0))
    add('NOT_ENABLED', 'Change tracking is not enabled.')
  if (inactive.length === 0) return reasons
  /** Adds one reason for the virtual machine if it affects all trackable disks, and otherwise one for each affected disk. */
  const addFor = (
    affected: readonly Disk[],
    code: ChangeTrackingReason['code'],
    machineMessage: string,
    diskMessage: string,
  ) => {
    if (affected.length === all.length) add(code, machineMessage)
    else for (const disk of affected) add(code, `${labelOf(disk)} ${diskMessage}`, disk)
  }
  if (!isOff)
    addFor(
      inactive,
      'NOT_ACTIVATED',
      'Change tracking is enabled, but becomes active only at the next power-on, resume, migration or snapshot.',
      'is not tracked yet: its tracking becomes active at the next power-on, resume, migration or snapshot, unless it is disabled for this disk.',
    )
  if (vm.tryRead('runtime.powerState') === 'suspended')
    add('SUSPENDED', 'It is suspended, so change tracking cannot become active before it is resumed.')
  const held = disksHeldBySnapshots(vm, trackable)
  addFor(
    held.disks,
    'SNAPSHOTS_PRESENT',
    `It has ${held.snapshots === 1 ? '1 snapshot' : `${held.snapshots} snapshots`} from before change tracking became active, so its changes cannot be computed.`,
    'has snapshots from before it was tracked, so its changes cannot be computed.',
  )
  return reasons
}
