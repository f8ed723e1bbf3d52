// The consolidateDisks mutation: merges the files that removed snapshots left behind, by ConsolidateVMDisks_Task.

import { builder } from '../builder.ts'
import { verifyConsolidate } from '../tasks/effect-checks.ts'
import { requireVirtualMachine, virtualMachineArgOptions } from './targets.ts'
import type { TaskPayload } from './task-mutation.ts'
import {
  assertWaitSeconds,
  runTask,
  taskOptions,
  virtualMachineOptions,
  waitSecondsOptions,
} from './task-mutation.ts'

const ConsolidateDisksInput = builder.inputType('ConsolidateDisksInput', {
  description: 'The virtual machine to consolidate.',
  fields: (t) => ({
    virtualMachine: t.field(virtualMachineArgOptions),
    waitSeconds: t.int(waitSecondsOptions),
  }),
})

const ConsolidateDisksPayload = builder.objectRef<TaskPayload>('ConsolidateDisksPayload').implement({
  description: 'The task, and the virtual machine after it.',
  fields: (t) => ({
    task: t.field({
      ...taskOptions,
      description: 'The task that consolidates the disks. Source: `ConsolidateVMDisks_Task`.',
    }),
    virtualMachine: t.field(virtualMachineOptions),
  }),
})

builder.mutationField('consolidateDisks', (t) =>
  t.field({
    type: ConsolidateDisksPayload,
    args: {
      input: t.arg({
        type: ConsolidateDisksInput,
        required: true,
        description: 'The virtual machine to consolidate.',
      }),
    },
    description:
      'Merges the disk files that removed snapshots have left behind. Succeeds if there are none. Needs the privilege VirtualMachine.State.RemoveSnapshot. Source: `ConsolidateVMDisks_Task`.',
    resolve: async (_root, { input: { virtualMachine, waitSeconds } }, context) => {
      assertWaitSeconds(waitSeconds)
      const vm = await requireVirtualMachine(virtualMachine, context)
      const effectCheck = verifyConsolidate(vm, context)
      const call = {
        method: 'ConsolidateVMDisks_Task',
        self: vm,
        args: {},
        effectCheck,
        waitSeconds,
      } as const
      return { vm, ...(await runTask(call, context)) }
    },
  }),
)
