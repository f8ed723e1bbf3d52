// createSnapshot: CreateSnapshot_Task, waited for, and what it made.

import { isReference } from '../../soap/codec.ts'
import { builder } from '../builder.ts'
import { verifyCreate } from '../tasks/effect-checks.ts'
import { snapshotOptions } from './snapshot-payload.ts'
import { toVimSnapshotDescription, toVimSnapshotName } from './snapshot-text.ts'
import { requireVirtualMachine, virtualMachineArgOptions } from './targets.ts'
import {
  assertWaitSeconds,
  runTask,
  type TaskPayload,
  taskOptions,
  virtualMachineOptions,
  waitSecondsOptions,
} from './task-mutation.ts'

const CreateSnapshotInput = builder.inputType('CreateSnapshotInput', {
  description: 'Which virtual machine to take a snapshot of, and how.',
  fields: (t) => ({
    virtualMachine: t.field(virtualMachineArgOptions),
    name: t.string({
      required: true,
      description: 'The name, as people read it; / \\ and % are escaped for vSphere. Need not be unique.',
    }),
    description: t.string({ defaultValue: '', description: 'A description.' }),
    memory: t.boolean({
      defaultValue: false,
      description:
        'Whether the memory of a running virtual machine is kept too: slow, and a revert then goes on running.',
    }),
    quiesce: t.boolean({
      defaultValue: false,
      description:
        'Whether VMware Tools bring the file systems to rest first. Fails, or stalls the guest, where Tools do not work.',
    }),
    waitSeconds: t.int(waitSecondsOptions),
  }),
})

builder.objectType('CreateSnapshotPayload', {
  description: 'The task, and what it made once it has succeeded.',
  fields: (t) => ({
    task: t.field({ ...taskOptions, description: 'The task of CreateSnapshot_Task.' }),
    snapshot: t.field(
      snapshotOptions('The new snapshot; null until the task has succeeded.', ({ task }: TaskPayload) =>
        isReference(task.result) ? task.result : undefined,
      ),
    ),
    virtualMachine: t.field(virtualMachineOptions),
  }),
})

builder.mutationField('createSnapshot', (t) =>
  t.field({
    type: 'CreateSnapshotPayload',
    args: { input: t.arg({ type: CreateSnapshotInput, required: true, description: 'What to take.' }) },
    description:
      'Takes a snapshot: CreateSnapshot_Task. Waits for the task unless told otherwise. Needs the privilege VirtualMachine.State.CreateSnapshot.',
    resolve: async (_root, { input }, context) => {
      const { waitSeconds } = input
      assertWaitSeconds(waitSeconds)
      const args = {
        name: toVimSnapshotName(input.name),
        description: toVimSnapshotDescription(input.description ?? ''),
        memory: input.memory ?? false,
        quiesce: input.quiesce ?? false,
      }
      const vm = await requireVirtualMachine(input.virtualMachine, context)
      const effectCheck = verifyCreate(vm, args.name, context)
      const call = { method: 'CreateSnapshot_Task', self: vm, args, effectCheck, waitSeconds } as const
      return { vm, ...(await runTask(call, context)) }
    },
  }),
)
