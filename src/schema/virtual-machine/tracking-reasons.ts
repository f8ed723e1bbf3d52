// Collects all reasons why a virtual machine or one of its disks is not tracked. One reason does not hide another.

import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import { builder } from '../builder.ts'
import { type Disk, diskDevices, disksOf, trackingBlocker } from './disks/disk.ts'
import { disksHeldBySnapshots, isEnabled, planTrackingState, trackableDisks } from './tracking-state.ts'

export const ChangeTrackingReasonCode = builder.enumType('ChangeTrackingReasonCode', {
  description:
    'Why changed blocks of a virtual machine, or of one of its disks, are not or cannot be tracked.',
  values: {
    HARDWARE_TOO_OLD: { description: 'The virtual hardware is older than version 7. Upgrade it.' },
    TEMPLATE: {
      description:
        'It is a template, which cannot have snapshots. Convert it to a virtual machine. Source: `config.template`.',
    },
    SUSPENDED: {
      description:
        'It is suspended, so tracking cannot become active. Resume it or power it off. Source: `runtime.powerState`.',
    },
    INDEPENDENT_DISK: {
      description: 'The disk is independent, so snapshots do not include it. Change its disk mode.',
    },
    PHYSICAL_RDM: {
      description: 'The disk is a raw device mapping in physical mode, so snapshots do not include it.',
    },
    SHARED_BUS: { description: 'The disk is shared with other virtual machines.' },
    BACKING_UNSUPPORTED: {
      description: 'The backing of the disk does not support tracking. Read the whole disk instead.',
    },
    SNAPSHOTS_PRESENT: {
      description:
        'There are snapshots from before tracking became active. Remove them, then run setChangeTracking with activate.',
    },
    NOT_ENABLED: { description: 'Tracking is not enabled. Run setChangeTracking.' },
    NOT_ACTIVATED: {
      description: 'Tracking is enabled but has not become active yet. Run setChangeTracking with activate.',
    },
    CONFIGURATION_UNREADABLE: {
      description:
        'The configuration cannot be read: the virtual machine is inaccessible, or the account lacks the privilege to read it.',
    },
  } as const,
})

export interface ChangeTrackingReason {
  readonly code: (typeof ChangeTrackingReasonCode)['$inferType']
  readonly message: string
  /** The affected disk; undefined if the reason affects the whole virtual machine. */
  readonly disk?: Disk
}

const diskMessages = {
  INDEPENDENT_DISK: 'is independent, so snapshots do not include it and its changes cannot be tracked',
  PHYSICAL_RDM: 'is a raw device mapping in physical mode, so its changes cannot be tracked',
  SHARED_BUS: 'is shared with other virtual machines, so its changes cannot be tracked',
  BACKING_UNSUPPORTED: 'is stored in a format that does not support change tracking',
} as const

const labelOf = ({ device }: Disk): string => device.deviceInfo?.label ?? `Disk ${device.key}`

/** Adds the requirements of trackingReasonsOf to a plan node. */
export const planTrackingReasons = <N extends PlanNode>(node: N): N =>
  planTrackingState(node).read(
    'capability.changeTrackingSupported',
    'config.template',
    'summary.config.template',
    'runtime.powerState',
  )

/** Whether the object is a template. Also works while its configuration is unset. */
export const isTemplate = (vm: ManagedObject<'VirtualMachine'>): boolean =>
  vm.tryRead('config.template') ?? vm.tryRead('summary.config.template') ?? false

/** Returns all reasons. A configuration that may not be read is reported as a reason, not thrown as an error. */
export function trackingReasonsOf(vm: ManagedObject<'VirtualMachine'>): ChangeTrackingReason[] {
  const disks = vm.isUnreadable(diskDevices) ? undefined : disksOf(vm)
  const reasons: ChangeTrackingReason[] = []
  const add = (code: ChangeTrackingReason['code'], message: string, disk?: Disk) =>
    reasons.push({ code, message, ...(disk && { disk }) })
  if (!disks) add('CONFIGURATION_UNREADABLE', 'The configuration of the virtual machine cannot be read.')
  if (vm.tryRead('capability.changeTrackingSupported') === false)
    add(
      'HARDWARE_TOO_OLD',
      'The virtual hardware is older than version 7 and does not support change tracking.',
    )
  if (isTemplate(vm)) add('TEMPLATE', 'It is a template, which cannot have snapshots.')
  for (const disk of disks ?? []) {
    const code = trackingBlocker(disk)
    if (code) add(code, `${labelOf(disk)} ${diskMessages[code]}.`, disk)
  }
  const trackable = disks && readOr(() => trackableDisks(vm), undefined)
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
  addFor(
    disksHeldBySnapshots(vm, trackable).disks,
    'SNAPSHOTS_PRESENT',
    'There are snapshots from before change tracking became active; remove them first.',
    'has snapshots from before it was tracked; remove them first.',
  )
  if (vm.tryRead('runtime.powerState') === 'suspended')
    add('SUSPENDED', 'It is suspended, so change tracking cannot become active before it is resumed.')
  return reasons
}
