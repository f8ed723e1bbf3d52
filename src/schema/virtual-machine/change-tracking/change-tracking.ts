// ChangeTracking: whether changed block tracking is supported, enabled and active, and why a backup cannot rely on it.
// docs/changed-block-tracking.md explains the difference.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import { builder } from '../../builder.ts'
import { nodeAt, requires, requiresPaths } from '../../core/field-requirements.ts'
import { ChangeTrackingReasonCode, remedyOf } from './reason-codes.ts'
import type { ChangeTrackingReason } from './reasons.ts'
import { planTrackingReasons, trackingReasonsOf } from './reasons.ts'
import { enabledPaths, isActive, isEnabled, planTrackingState } from './tracking-state.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    ChangeTracking: ManagedObject<'VirtualMachine'>
  }
}

builder.objectType('ChangeTracking', {
  description:
    'The state of changed block tracking (CBT) of a virtual machine: whether it is supported, enabled and active. The three can differ. `reasons` lists what is missing, and `setChangeTracking` enables and activates tracking.',
  fields: (t) => ({
    supported: t.vimProperty('capability.changeTrackingSupported', {
      type: 'Boolean',
      description:
        'Whether the virtual machine supports tracking, which needs virtual hardware version 7 or later. Some disks may still be untrackable: see `reasons`. Source: `capability.changeTrackingSupported`.',
    }),
    enabled: t.boolean({
      ...requiresPaths(...enabledPaths),
      description:
        'Whether tracking is enabled, by its flag or in the extra configuration. It takes effect at the next power-on, resume, migration or snapshot. `setChangeTracking` enables it, and can activate it immediately. Null if the configuration cannot be read. Source: `config.changeTrackingEnabled`, `config.extraConfig["ctkEnabled"]`.',
      resolve: isEnabled,
    }),
    active: t.boolean({
      ...requires((position) => planTrackingState(nodeAt(position))),
      description:
        'Whether all trackable disks have a changeId, now or in the newest snapshot. Only this proves that changes are tracked. While tracking is disabled, snapshots do not count. Null if it cannot be determined. Source: `backing.changeId` of the disks.',
      resolve: isActive,
    }),
    reasons: t.field({
      ...requires((position) => planTrackingReasons(nodeAt(position))),
      type: [ChangeTrackingReasonType],
      nullable: { list: false, items: false },
      description:
        'Everything that prevents or limits change tracking and backups with it, for the virtual machine or for one of its disks. No reason hides another. Empty if changed areas are available.',
      resolve: (vm) => trackingReasonsOf(vm),
    }),
  }),
})

export const ChangeTrackingReasonType = builder
  .objectRef<ChangeTrackingReason>('ChangeTrackingReason')
  .implement({
    description: 'A reason why changed areas are not available.',
    fields: (t) => ({
      code: t.field({
        type: ChangeTrackingReasonCode,
        nullable: false,
        description: 'Stable code for programs.',
        resolve: ({ code }) => code,
      }),
      message: t.exposeString('message', { nullable: false, description: 'Message for people.' }),
      remedy: t.string({ description: 'What to do about it.', resolve: ({ code }) => remedyOf(code) }),
      disk: t.field({
        derives: { nothing: 'it leads back to the disks of the machine' },
        type: 'VirtualDisk',
        description: 'The affected disk. Null if the reason affects the whole virtual machine.',
        resolve: ({ disk }) => disk ?? null,
      }),
      privilege: t.string({
        derives: { nothing: 'only `eligibility` has it' },
        description:
          'The missing privilege, such as VirtualMachine.State.CreateSnapshot. Only with MISSING_PRIVILEGE.',
        resolve: ({ privilege }) => privilege ?? null,
      }),
      task: t.field({
        derives: { nothing: 'only `eligibility` has it' },
        type: 'Task',
        description: 'The task that runs. Only with TASK_RUNNING.',
        resolve: ({ task }) => task ?? null,
      }),
    }),
  })
