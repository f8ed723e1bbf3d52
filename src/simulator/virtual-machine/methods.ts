// Methods of VirtualMachine and VirtualMachineSnapshot: validation, and the tasks they start. reconfigure.ts changes the state
// at the end of the task. snapshots/methods.ts has the methods of snapshots, power/ those of the power state.

import type { MethodTable } from '../method-table.ts'
import { queryChangedDiskAreas } from './changed-areas.ts'
import { machineOf } from './machine.ts'
import { assertAccessible, startMachineTask } from './machine-task.ts'
import { powerMethods } from './power/power-methods.ts'
import { powerOnMultiMethods } from './power/power-on-multi.ts'
import { type ConfigSpec, checkSpec, reconfigure } from './reconfigure/reconfigure.ts'
import { snapshotMethods } from './snapshots/methods.ts'

export const virtualMachineMethods: MethodTable = {
  ...snapshotMethods,
  ...powerMethods,
  ...powerOnMultiMethods,

  ReconfigVM_Task({ self, args, ...caller }) {
    const machine = machineOf(self)
    const spec = args.spec as ConfigSpec
    return startMachineTask(machine, caller, 'ReconfigVM_Task', 'VirtualMachine.reconfigure', (at) => {
      checkSpec(machine, spec)
      reconfigure(machine, spec, at)
    })
  },

  QueryChangedDiskAreas({ self, args }) {
    const machine = machineOf(self)
    assertAccessible(machine)
    return queryChangedDiskAreas(machine, args)
  },
}
