// consolidateDisks: ConsolidateVMDisks_Task, which merges the files that removed snapshots left behind.

import { builder } from '../builder.ts'
import { wantedVirtualMachine, wantedVirtualMachineOptions } from './targets.ts'
import {
  checkWaitSeconds,
  runTask,
  taskOptions,
  virtualMachineOptions,
  waitSecondsOptions,
} from './task-mutation.ts'
import { consolidationOf } from '../tasks/effect-checks.ts'

const ConsolidateDisksInput = builder.inputType('ConsolidateDisksInput', {
  description: 'Which virtual machine’s disks to consolidate.',
  fields: (t) => ({
    virtualMachine: t.field(wantedVirtualMachineOptions),
    waitSeconds: t.int(waitSecondsOptions),
  }),
})

builder.objectType('ConsolidateDisksPayload', {
  description: 'The task, and the virtual machine after it.',
  fields: (t) => ({
    task: t.field({ ...taskOptions, description: 'The task of ConsolidateVMDisks_Task.' }),
    virtualMachine: t.field(virtualMachineOptions),
  }),
})

builder.mutationField('consolidateDisks', (t) =>
  t.field({
    type: 'ConsolidateDisksPayload',
    args: { input: t.arg({ type: ConsolidateDisksInput, required: true, description: 'Of what.' }) },
    description:
      'Merges the disk files that snapshots have left behind: ConsolidateVMDisks_Task. Succeeds where there are none. Needs the privilege VirtualMachine.State.RemoveSnapshot.',
    resolve: async (_root, { input: { virtualMachine, waitSeconds } }, context) => {
      checkWaitSeconds(waitSeconds)
      const vm = await wantedVirtualMachine(virtualMachine, context)
      const traces = consolidationOf(vm, context)
      const call = { method: 'ConsolidateVMDisks_Task', self: vm, args: {}, traces, waitSeconds } as const
      return { vm, ...(await runTask(call, context)) }
    },
  }),
)
