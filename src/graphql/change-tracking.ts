// ChangeTracking: three answers that can disagree, and why a backup could not rely on it. docs/changed-block-tracking.md explains them.

import { snapshotTree } from '../plan/edges.ts'
import type { ManagedObject } from '../plan/managed-object.ts'
import type { PlanNode } from '../plan/plan-node.ts'
import { builder } from './builder.ts'
import { backingOf, type Disk, devicePath, disksOf, frozenDisksOf, untrackableBecause } from './disk.ts'
import { fieldsOf, nodeAt, planned } from './field-plan.ts'
import { snapshotsOf } from './snapshot-tree.ts'

type Machine = ManagedObject<'VirtualMachine'>

const { property } = fieldsOf('VirtualMachine')

const ReasonCode = builder.enumType('ChangeTrackingReasonCode', {
  description:
    'Why changed blocks of a virtual machine or of one of its disks are not tracked, or may not be.',
  values: {
    HARDWARE_TOO_OLD: { description: 'The virtual hardware is older than version 7: upgrade it.' },
    INDEPENDENT_DISK: {
      description: 'The disk is independent of snapshots, and in none of them: change its mode.',
    },
    PHYSICAL_RDM: { description: 'The disk is a raw device mapping in physical mode, and in no snapshot.' },
    SHARED_BUS: { description: 'The disk is shared with other virtual machines.' },
    BACKING_UNSUPPORTED: { description: 'What the disk is stored in has no tracking: read all of it.' },
    SNAPSHOTS_PRESENT: {
      description:
        'There are snapshots from before tracking became active: remove them, then setChangeTracking with activate.',
    },
    NOT_ENABLED: { description: 'It is not switched on: setChangeTracking.' },
    NOT_ACTIVATED: {
      description: 'It is switched on, but did not begin yet: setChangeTracking with activate.',
    },
    CONFIGURATION_UNREADABLE: {
      description:
        'The configuration cannot be read: the virtual machine is not accessible, or may not be read.',
    },
  } as const,
})

export interface Reason {
  readonly code: (typeof ReasonCode)['$inferType']
  readonly message: string
  readonly disk?: Disk
}

/** What `active` and `reasons` derive from: nothing of it is stored, so that no update can make it contradict itself. */
export function readForState<N extends PlanNode>(node: N): N {
  node.read('config.changeTrackingEnabled', 'capability.changeTrackingSupported', devicePath, 'snapshot')
  node.follow(snapshotTree).read(devicePath)
  return node
}

const readsForState = planned((cursor) => readForState(nodeAt(cursor)))

builder.objectType('ChangeTracking', {
  description:
    'Three answers that can disagree: whether the virtual machine can, whether it is switched on, whether its disks really carry change ids (now, or in the newest snapshot; null when it cannot be known). What is missing, reasons say; setChangeTracking does it.',
  fields: (t) => ({
    supported: t.boolean({
      description:
        'capability.changeTrackingSupported: needs virtual hardware 7. Not every disk can be tracked even so: see reasons.',
      ...property('capability.changeTrackingSupported'),
    }),
    enabled: t.boolean({
      ...planned((cursor) => nodeAt(cursor).read('config.changeTrackingEnabled', 'config.changeVersion')),
      description:
        'config.changeTrackingEnabled: switched on. It takes effect at the next power-on, resume, migration or snapshot; setChangeTracking switches it, and can make it begin at once. Null when the configuration cannot be read.',
      resolve: isEnabled,
    }),
    active: t.boolean({
      ...readsForState,
      description:
        'Whether all disks that can be tracked carry a changeId, now or in the newest snapshot: the only proof. Where tracking is switched off, snapshots from before prove nothing.',
      resolve: isActive,
    }),
    reasons: t.field({
      ...readsForState,
      type: ['ChangeTrackingReason'],
      nullable: { list: false, items: false },
      description: 'Why changed areas cannot be had, or not of every disk; empty when all is well.',
      resolve: reasonsOf,
    }),
  }),
})

builder.objectType('ChangeTrackingReason', {
  description: 'One reason why changed areas cannot be had.',
  fields: (t) => ({
    code: t.field({
      type: ReasonCode,
      nullable: false,
      description: 'For programs.',
      resolve: ({ code }) => code,
    }),
    message: t.exposeString('message', { nullable: false, description: 'For people.' }),
    disk: t.field({
      type: 'VirtualDisk',
      description: 'The disk that it concerns; null when it concerns the virtual machine.',
      resolve: ({ disk }) => disk ?? null,
    }),
  }),
})

const hasChangeId = (disk: Disk): boolean => Boolean(backingOf(disk).changeId)

/** A server that does not report it has it switched off; one without a configuration says nothing. */
export const isEnabled = (vm: Machine): boolean | null =>
  vm.read('config.changeTrackingEnabled') ?? (vm.read('config.changeVersion') === undefined ? null : false)

const isTrackable = (disk: Disk): boolean => untrackableBecause(disk) === undefined

/** Whether that is so without a look at snapshots, which may be from before tracking was switched off and on again. */
export function isActiveNow(vm: Machine): boolean {
  const trackable = disksOf(vm)?.filter(isTrackable) ?? []
  return trackable.length > 0 && trackable.every(hasChangeId)
}

export function isActive(vm: Machine): boolean | null {
  const disks = disksOf(vm)
  if (!disks) return null
  const trackable = disks.filter(isTrackable)
  if (trackable.length === 0) return false
  if (trackable.every(hasChangeId)) return true
  // What snapshots carry is then from before it was switched off.
  if (vm.peek('config.changeTrackingEnabled') === false) return false
  const newest = [...snapshotsOf(vm)].sort(
    (a, b) =>
      b.tree.createTime.getTime() - a.tree.createTime.getTime() || (b.tree.id ?? 0) - (a.tree.id ?? 0),
  )[0]
  const frozen = newest && frozenDisksOf(newest)
  if (newest && !frozen) return null
  const keys = new Set(frozen?.filter(hasChangeId).map(({ device }) => device.key))
  return trackable.every((disk) => hasChangeId(disk) || keys.has(disk.device.key))
}

const diskSentences = {
  INDEPENDENT_DISK: 'is independent of snapshots, so its changes cannot be tracked',
  PHYSICAL_RDM: 'is a raw device mapping in physical mode, so its changes cannot be tracked',
  SHARED_BUS: 'is shared with other virtual machines, so its changes cannot be tracked',
  BACKING_UNSUPPORTED: 'is stored in a format that has no change tracking',
} as const

function reasonsOf(vm: Machine): Reason[] {
  // Whether it is denied or not there: the reason is the answer, and no error beside it.
  const disks = vm.peek(devicePath) && disksOf(vm)
  if (!disks)
    return [
      {
        code: 'CONFIGURATION_UNREADABLE',
        message: 'The configuration of the virtual machine cannot be read.',
      },
    ]
  const reasons: Reason[] = []
  const tooOld = vm.peek('capability.changeTrackingSupported') === false
  if (tooOld) {
    reasons.push({
      code: 'HARDWARE_TOO_OLD',
      message: 'The virtual hardware is older than version 7 and has no change tracking.',
    })
  }
  for (const disk of disks) {
    const code = untrackableBecause(disk)
    if (code)
      reasons.push({
        code,
        message: `${disk.device.deviceInfo?.label ?? `Disk ${disk.device.key}`} ${diskSentences[code]}.`,
        disk,
      })
  }
  // What cannot be switched on is not missing.
  if (tooOld) return reasons
  if (vm.peek('config.changeTrackingEnabled') !== true) {
    reasons.push({ code: 'NOT_ENABLED', message: 'Change tracking is not switched on.' })
  } else if (isActive(vm) === false && disks.some(isTrackable)) {
    reasons.push({
      code: 'NOT_ACTIVATED',
      message:
        'Change tracking is switched on, but begins only at the next power-on, resume, migration or snapshot.',
    })
    if (snapshotsOf(vm).length > 0)
      reasons.push({
        code: 'SNAPSHOTS_PRESENT',
        message: 'There are snapshots from before change tracking became active; remove them first.',
      })
  }
  return reasons
}
