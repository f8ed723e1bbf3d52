// The consolidateDisks mutation: merges the files that removed snapshots left behind, by ConsolidateVMDisks_Task.

import { verifyConsolidate } from '../tasks/effect-checks.ts'
import { requireVirtualMachine, virtualMachineArgOptions } from './targets.ts'
import { taskMutation } from './task-mutation.ts'

taskMutation('consolidateDisks', {
  description:
    'Merges the disk files that removed snapshots have left behind. Succeeds if there are none. Needs the privilege VirtualMachine.State.RemoveSnapshot. Source: `ConsolidateVMDisks_Task`.',
  input: {
    description: 'The virtual machine to consolidate.',
    fields: (t) => ({ virtualMachine: t.field(virtualMachineArgOptions) }),
  },
  prepare: async ({ virtualMachine }, requestContext) => {
    const { ref: vm, context } = await requireVirtualMachine(virtualMachine, requestContext)
    const effectCheck = verifyConsolidate(vm, context)
    return { vm, context, call: { method: 'ConsolidateVMDisks_Task', self: vm, args: {}, effectCheck } }
  },
  payload: {
    description: 'The task, and the virtual machine after it.',
    task: 'The task that consolidates the disks. Source: `ConsolidateVMDisks_Task`.',
  },
})
