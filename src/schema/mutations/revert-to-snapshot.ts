// The revertToSnapshot mutation: reverts a virtual machine to a snapshot, by RevertToSnapshot_Task.

import { verifyRevert } from '../tasks/effect-checks.ts'
import { snapshotOptions } from './snapshot-payload.ts'
import { requireId, snapshotArgOptions, virtualMachineOf } from './targets.ts'
import { taskMutation } from './task-mutation.ts'

taskMutation('revertToSnapshot', {
  description:
    'Reverts a virtual machine to a snapshot. Everything written since the snapshot is discarded. After a revert, do not use stored changeIds: read allocatedAreas. Needs the privilege VirtualMachine.State.RevertToSnapshot. Source: `RevertToSnapshot_Task`.',
  input: {
    description: 'The snapshot to revert to, and how.',
    argument: 'The snapshot to revert to.',
    fields: (t) => ({
      snapshot: t.id(snapshotArgOptions),
      suppressPowerOn: t.boolean({
        defaultValue: false,
        description:
          'Whether the virtual machine stays powered off, even if the snapshot includes the memory of a running virtual machine.',
      }),
    }),
  },
  prepare: async ({ snapshot: id, suppressPowerOn }, requestContext) => {
    const { ref: snapshot, context } = await requireId(id, 'Snapshot', requestContext)
    const { ref: vm } = await virtualMachineOf(snapshot, context)
    const args = { suppressPowerOn: suppressPowerOn ?? false }
    const effectCheck = verifyRevert(snapshot, vm, context)
    return { vm, context, call: { method: 'RevertToSnapshot_Task', self: snapshot, args, effectCheck } }
  },
  payload: {
    description: 'The task, and the snapshot and virtual machine after it.',
    task: 'The task that reverts the virtual machine. Source: `RevertToSnapshot_Task`.',
    fields: (t) => ({
      snapshot: t.field(snapshotOptions('The snapshot, read after the task.', ({ call }) => call.self)),
    }),
  },
})
