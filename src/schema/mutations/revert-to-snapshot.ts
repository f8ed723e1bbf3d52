// revertToSnapshot: RevertToSnapshot_Task, which puts the virtual machine back to a snapshot.

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

export interface RevertedToSnapshot extends TaskPayload {
  readonly snapshot: ManagedObjectReference
}

const RevertToSnapshotInput = builder.inputType('RevertToSnapshotInput', {
  description: 'Which snapshot to revert to, and how.',
  fields: (t) => ({
    snapshot: t.id({ required: true, description: 'The global id of the snapshot.' }),
    suppressPowerOn: t.boolean({
      defaultValue: false,
      description:
        'Whether the virtual machine stays off even if it was on, with its memory, when the snapshot was taken.',
    }),
    waitSeconds: t.int(waitSecondsOptions),
  }),
})

builder.objectType('RevertToSnapshotPayload', {
  description: 'The task, and what there is after it.',
  fields: (t) => ({
    task: t.field({ ...taskOptions, description: 'The task of RevertToSnapshot_Task.' }),
    snapshot: t.field(
      snapshotOptions('The snapshot, read after the task.', ({ snapshot }: RevertedToSnapshot) => snapshot),
    ),
    virtualMachine: t.field(virtualMachineOptions),
  }),
})

builder.mutationField('revertToSnapshot', (t) =>
  t.field({
    type: 'RevertToSnapshotPayload',
    args: { input: t.arg({ type: RevertToSnapshotInput, required: true, description: 'To what.' }) },
    description:
      'Puts a virtual machine back to a snapshot: RevertToSnapshot_Task. What was written since is discarded, and changeIds from before say nothing of what comes after. Needs the privilege VirtualMachine.State.RevertToSnapshot.',
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
