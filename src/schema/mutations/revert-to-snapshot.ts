// The revertToSnapshot mutation: reverts a virtual machine to a snapshot, by RevertToSnapshot_Task.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { verifyRevert } from '../tasks/effect-checks.ts'
import { snapshotOptions } from './snapshot-payload.ts'
import { requireId, virtualMachineOf } from './targets.ts'
import {
  assertWaitSeconds,
  runTask,
  type TaskPayload,
  taskOptions,
  virtualMachineOptions,
  waitSecondsOptions,
} from './task-mutation.ts'

interface RevertedToSnapshot extends TaskPayload {
  readonly snapshot: ManagedObjectReference
}

const RevertToSnapshotInput = builder.inputType('RevertToSnapshotInput', {
  description: 'The snapshot to revert to, and how.',
  fields: (t) => ({
    snapshot: t.id({ required: true, description: 'Global id of the snapshot.' }),
    suppressPowerOn: t.boolean({
      defaultValue: false,
      description:
        'Whether the virtual machine stays powered off, even if the snapshot includes the memory of a running virtual machine.',
    }),
    waitSeconds: t.int(waitSecondsOptions),
  }),
})

const RevertToSnapshotPayload = builder.objectRef<RevertedToSnapshot>('RevertToSnapshotPayload').implement({
  description: 'The task, and the snapshot and virtual machine after it.',
  fields: (t) => ({
    task: t.field({
      ...taskOptions,
      description: 'The task that reverts the virtual machine. Source: `RevertToSnapshot_Task`.',
    }),
    snapshot: t.field(
      snapshotOptions('The snapshot, read after the task.', ({ snapshot }: RevertedToSnapshot) => snapshot),
    ),
    virtualMachine: t.field(virtualMachineOptions),
  }),
})

builder.mutationField('revertToSnapshot', (t) =>
  t.field({
    type: RevertToSnapshotPayload,
    args: {
      input: t.arg({
        type: RevertToSnapshotInput,
        required: true,
        description: 'The snapshot to revert to.',
      }),
    },
    description:
      'Reverts a virtual machine to a snapshot. Everything written since the snapshot is discarded. After a revert, do not use stored changeIds: read allocatedAreas. Needs the privilege VirtualMachine.State.RevertToSnapshot. Source: `RevertToSnapshot_Task`.',
    resolve: async (_root, { input }, context) => {
      const { waitSeconds } = input
      assertWaitSeconds(waitSeconds)
      const snapshot = await requireId(input.snapshot, 'Snapshot', context)
      const { ref: vm } = await virtualMachineOf(snapshot, context)
      const args = { suppressPowerOn: input.suppressPowerOn ?? false }
      const effectCheck = verifyRevert(snapshot, vm, context)
      const call = {
        method: 'RevertToSnapshot_Task',
        self: snapshot,
        args,
        effectCheck,
        waitSeconds,
      } as const
      return { snapshot, vm, ...(await runTask(call, context)) }
    },
  }),
)
