// The createSnapshot mutation: takes a snapshot by CreateSnapshot_Task and returns it.

import { isReference } from '../../soap/codec.ts'
import { verifyCreate } from '../tasks/effect-checks.ts'
import { toVimSnapshotDescription, toVimSnapshotName } from './snapshot-details.ts'
import { snapshotOptions } from './snapshot-payload.ts'
import { requireVirtualMachine, virtualMachineArgOptions } from './targets.ts'
import { taskMutation } from './task-mutation.ts'

taskMutation('createSnapshot', {
  description:
    'Takes a snapshot of a virtual machine and waits up to waitSeconds for the task. Needs the privilege VirtualMachine.State.CreateSnapshot. Source: `CreateSnapshot_Task`.',
  input: {
    description: 'The virtual machine to take a snapshot of, and the options of the snapshot.',
    argument: 'The snapshot to take.',
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
    }),
  },
  prepare: async ({ virtualMachine, name, description, memory, quiesce }, requestContext) => {
    const args = {
      name: toVimSnapshotName(name),
      description: toVimSnapshotDescription(description ?? ''),
      memory: memory ?? false,
      quiesce: quiesce ?? false,
    }
    const { ref: vm, context } = await requireVirtualMachine(virtualMachine, requestContext)
    const effectCheck = verifyCreate(vm, args.name, context)
    return { vm, context, call: { method: 'CreateSnapshot_Task', self: vm, args, effectCheck } }
  },
  payload: {
    description: 'The task, and the snapshot once the task has succeeded.',
    task: 'The task that takes the snapshot. Source: `CreateSnapshot_Task`.',
    fields: (t) => ({
      snapshot: t.field(
        snapshotOptions('The new snapshot. Null until the task has succeeded.', ({ task }) =>
          isReference(task.result) ? task.result : undefined,
        ),
      ),
    }),
  },
})
