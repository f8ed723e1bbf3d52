// The codes of ChangeTrackingReason: what each means, what to do about it, and which step of a backup it prevents.

import { builder } from '../../builder.ts'

/** A step that a reason can prevent. ACTIVATE is setChangeTracking with activate, CAPTURE a snapshot whose changes are read. */
export type ChangeTrackingStep = 'ACTIVATE' | 'CAPTURE'

interface ReasonCode {
  /** Without the remedy. */
  readonly meaning: string
  readonly remedy: string
  readonly source?: string
  /** The only step that it prevents; both if omitted. */
  readonly only?: ChangeTrackingStep
}

const reasonCodes = {
  HARDWARE_TOO_OLD: {
    meaning: 'The virtual hardware is older than version 7 and does not support change tracking.',
    remedy: 'Upgrade the virtual hardware.',
    source: 'capability.changeTrackingSupported',
  },
  TEMPLATE: {
    meaning: 'It is a template, which cannot have snapshots.',
    remedy: 'Convert it to a virtual machine.',
    source: 'config.template',
  },
  NOT_CONNECTED: {
    meaning: 'Its host does not respond to vCenter, or its files are not accessible.',
    remedy: 'Restore the connection of its host and the access to its datastores.',
    source: 'runtime.connectionState',
  },
  CONSOLIDATION_NEEDED: {
    meaning: 'Removed snapshots have left disk files behind.',
    remedy: 'Run consolidateDisks.',
    source: 'runtime.consolidationNeeded',
  },
  SNAPSHOTS_UNSUPPORTED: {
    meaning: 'vSphere does not allow snapshots of it at present, or does not support them.',
    remedy:
      'If its method CreateSnapshot_Task is disabled, find in vSphere what disables it, such as another product or a device that cannot be in a snapshot.',
    source: 'capability.snapshotOperationsSupported, disabledMethod',
  },
  SNAPSHOT_CHAIN_FULL: {
    meaning: 'Its current snapshot is the last of the 32 that a chain can have.',
    remedy: 'Remove snapshots.',
    source: 'snapshot',
  },
  INDEPENDENT_DISK: {
    meaning: 'The disk is independent or non-persistent, so snapshots do not include it.',
    remedy: 'Change its disk mode.',
    source: 'backing.diskMode',
  },
  PHYSICAL_RDM: {
    meaning: 'The disk is a raw device mapping in physical mode, so snapshots do not include it.',
    remedy: 'Back it up in the guest or on the storage system.',
    source: 'backing.compatibilityMode',
  },
  SHARED_BUS: {
    meaning:
      'The disk is shared with other virtual machines. Unless it is independent, the virtual machine cannot have snapshots.',
    remedy: 'Stop sharing it, or make it independent and back it up in the guest.',
    source: 'backing.sharing, sharedBus of the controller',
  },
  BACKING_UNSUPPORTED: {
    meaning: 'The backing of the disk does not support tracking.',
    remedy: 'Read the whole disk.',
    source: 'the type of the backing',
  },
  SNAPSHOTS_PRESENT: {
    meaning: 'There are snapshots from before tracking became active.',
    remedy: 'Remove the snapshots (removeAllSnapshots), then run setChangeTracking with activate.',
    only: 'ACTIVATE',
    source: 'snapshot',
  },
  SUSPENDED: {
    meaning: 'It is suspended, so tracking cannot become active.',
    remedy:
      'Resume it, or power it off. If tracking is enabled, it becomes active when the virtual machine is resumed.',
    only: 'ACTIVATE',
    source: 'runtime.powerState',
  },
  NOT_ENABLED: {
    meaning: 'Tracking is not enabled.',
    remedy: 'Run setChangeTracking with activate.',
    only: 'CAPTURE',
    source: 'config.changeTrackingEnabled',
  },
  NOT_ACTIVATED: {
    meaning: 'Tracking is enabled but has not become active yet.',
    remedy: 'Run setChangeTracking with activate.',
    only: 'CAPTURE',
    source: 'backing.changeId of the disks',
  },
  CONFIGURATION_UNREADABLE: {
    meaning:
      'The configuration cannot be read: the virtual machine is inaccessible, or the account lacks the privilege to read it.',
    remedy: 'Check its connectionState, and the privilege System.Read.',
    source: 'config',
  },
  MISSING_PRIVILEGE: {
    meaning: 'The account lacks a privilege that the step needs. Only in `eligibility`.',
    remedy: 'Grant it on the virtual machine.',
    source: 'HasPrivilegeOnEntities',
  },
  TASK_RUNNING: {
    meaning: 'A task runs on the virtual machine or is queued. Only in `eligibility`.',
    remedy: 'Wait until it has ended.',
    source: 'recentTask',
  },
} as const satisfies Readonly<Record<string, ReasonCode>>

export type ReasonCodeName = keyof typeof reasonCodes

const codeOf = (name: ReasonCodeName): ReasonCode => reasonCodes[name]

export const ChangeTrackingReasonCode = builder.enumType('ChangeTrackingReasonCode', {
  description:
    'Why changed blocks of a virtual machine, or of one of its disks, are not or cannot be tracked.',
  values: Object.fromEntries(
    Object.entries<ReasonCode>(reasonCodes).map(([name, { meaning, remedy, source }]) => [
      name,
      { description: `${meaning} ${remedy}${source ? ` Source: \`${source}\`.` : ''}` },
    ]),
  ) as Readonly<Record<ReasonCodeName, { readonly description: string }>>,
})

/** What to do about a reason. */
export const remedyOf = (name: ReasonCodeName): string => codeOf(name).remedy

/** Whether a reason prevents a step. */
export function prevents(name: ReasonCodeName, step: ChangeTrackingStep): boolean {
  const { only } = codeOf(name)
  return only === undefined || only === step
}
