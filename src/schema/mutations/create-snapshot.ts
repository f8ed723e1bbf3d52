// The createSnapshot mutation: takes a snapshot by CreateSnapshot_Task and returns it.

import { isReference } from '../../soap/codec.ts'
import { builder } from '../builder.ts'
import { verifyCreate } from '../tasks/effect-checks.ts'
import { toVimSnapshotDescription, toVimSnapshotName } from './snapshot-details.ts'
import { snapshotOptions } from './snapshot-payload.ts'
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
  description: 'The virtual machine to take a snapshot of, and the options of the snapshot.',
  fields: (t) => ({
    virtualMachine: t.field(virtualMachineArgOptions),
    name: t.string({
      required: true,
      description:
        'Display name of the snapshot. Need not be unique. The characters / \\ and % are escaped for vSphere.',
    }),
    description: t.string({ defaultValue: '', description: 'Description of the snapshot.' }),
    memory: t.boolean({
      defaultValue: false,
      description:
        'Whether to include the memory of a running virtual machine. This is slow; a revert to the snapshot then resumes the running state.',
    }),
    quiesce: t.boolean({
      defaultValue: false,
      description:
        'Whether VMware Tools quiesces the file systems of the guest before the snapshot. Fails, or stalls the guest, if VMware Tools does not work properly.',
    }),
    waitSeconds: t.int(waitSecondsOptions),
  }),
})

const CreateSnapshotPayload = builder.objectRef<TaskPayload>('CreateSnapshotPayload').implement({
  description: 'The task, and the snapshot once the task has succeeded.',
  fields: (t) => ({
    task: t.field({
      ...taskOptions,
      description: 'The task that takes the snapshot. Source: `CreateSnapshot_Task`.',
    }),
    snapshot: t.field(
      snapshotOptions('The new snapshot. Null until the task has succeeded.', ({ task }: TaskPayload) =>
        isReference(task.result) ? task.result : undefined,
      ),
    ),
    virtualMachine: t.field(virtualMachineOptions),
  }),
})

builder.mutationField('createSnapshot', (t) =>
  t.field({
    type: CreateSnapshotPayload,
    args: {
      input: t.arg({ type: CreateSnapshotInput, required: true, description: 'The snapshot to take.' }),
    },
    description:
      'Takes a snapshot of a virtual machine and waits up to waitSeconds for the task. Needs the privilege VirtualMachine.State.CreateSnapshot. Source: `CreateSnapshot_Task`.',
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
