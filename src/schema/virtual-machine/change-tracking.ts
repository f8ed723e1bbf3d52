// ChangeTracking: three answers that can disagree, and why a backup could not rely on it. docs/changed-block-tracking.md explains them.

import { builder } from '../builder.ts'
import { nodeAt, requires, requiresPaths, vimFields } from '../core/field-requirements.ts'
import { ChangeTrackingReasonCode, planTrackingReasons, trackingReasonsOf } from './tracking-reasons.ts'
import { enabledPaths, isActive, isEnabled, planTrackingState } from './tracking-state.ts'

const { vimProperty } = vimFields('VirtualMachine')

builder.objectType('ChangeTracking', {
  description:
    'Three answers that can disagree: whether the virtual machine can, whether it is switched on, whether its disks really carry change ids (now, or in the newest snapshot; null when it cannot be known). What is missing, reasons say; setChangeTracking does it.',
  fields: (t) => ({
    supported: t.boolean({
      description:
        'capability.changeTrackingSupported: needs virtual hardware 7. Not every disk can be tracked even so: see reasons.',
      ...vimProperty('capability.changeTrackingSupported'),
    }),
    enabled: t.boolean({
      ...requiresPaths(...enabledPaths),
      description:
        'Whether it is switched on, by its flag or in the extra configuration. Source: `config.changeTrackingEnabled`, `config.extraConfig["ctkEnabled"]`. It takes effect at the next power-on, resume, migration or snapshot; setChangeTracking switches it, and can make it begin at once. Null when the configuration cannot be read.',
      resolve: isEnabled,
    }),
    active: t.boolean({
      ...requires((cursor) => planTrackingState(nodeAt(cursor))),
      description:
        'Whether all disks that can be tracked carry a changeId, now or in the newest snapshot: the only proof. Where tracking is switched off, snapshots from before prove nothing.',
      resolve: isActive,
    }),
    reasons: t.field({
      ...requires((cursor) => planTrackingReasons(nodeAt(cursor))),
      type: ['ChangeTrackingReason'],
      nullable: { list: false, items: false },
      description:
        'Everything that prevents changed areas, or those of one disk, all at once. Empty when all is well.',
      resolve: trackingReasonsOf,
    }),
  }),
})

builder.objectType('ChangeTrackingReason', {
  description: 'One reason why changed areas cannot be had.',
  fields: (t) => ({
    code: t.field({
      type: ChangeTrackingReasonCode,
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
