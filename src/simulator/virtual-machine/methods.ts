// Methods of VirtualMachine and VirtualMachineSnapshot: validation, and the tasks they start. power.ts and
// reconfigure.ts change the state at the end of the task. snapshots/methods.ts has the methods of snapshots.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { MethodTable } from '../method-table.ts'
import { VimFault } from '../vim-fault.ts'
import { queryChangedDiskAreas } from './changed-areas.ts'
import { type Machine, machineOf, type PowerState } from './machine.ts'
import { assertAccessible, assertSameHost, type Caller, startMachineTask } from './machine-task.ts'
import { setPower } from './power.ts'
import { type ConfigSpec, checkSpec, reconfigure } from './reconfigure/reconfigure.ts'
import { snapshotMethods } from './snapshots/methods.ts'

export const virtualMachineMethods: MethodTable = {
  ...snapshotMethods,

  ReconfigVM_Task({ self, args, ...caller }) {
    const machine = machineOf(self)
    const spec = args.spec as ConfigSpec
    return startMachineTask(machine, caller, 'ReconfigVM_Task', 'VirtualMachine.reconfigure', (at) => {
      checkSpec(machine, spec)
      reconfigure(machine, spec, at)
    })
  },

  PowerOnVM_Task({ self, args, ...caller }) {
    assertSameHost(machineOf(self), args.host)
    return changePower(machineOf(self), caller, 'PowerOnVM_Task', 'VirtualMachine.powerOn', 'poweredOn')
  },

  PowerOffVM_Task: ({ self, ...caller }) =>
    changePower(machineOf(self), caller, 'PowerOffVM_Task', 'VirtualMachine.powerOff', 'poweredOff'),

  SuspendVM_Task: ({ self, ...caller }) =>
    changePower(machineOf(self), caller, 'SuspendVM_Task', 'VirtualMachine.suspend', 'suspended'),

  QueryChangedDiskAreas({ self, args }) {
    const machine = machineOf(self)
    assertAccessible(machine)
    return queryChangedDiskAreas(machine, args)
  },
}

function changePower(
  machine: Machine,
  caller: Caller,
  method: string,
  descriptionId: string,
  requestedState: PowerState,
): ManagedObjectReference {
  if (machine.template) throw new VimFault({ _typeName: 'NotSupported' })
  return startMachineTask(machine, caller, method, descriptionId, (at) => {
    const existingState = machine.powerState
    const isPossible =
      requestedState === 'suspended' ? existingState === 'poweredOn' : existingState !== requestedState
    if (!isPossible) throw new VimFault({ _typeName: 'InvalidPowerState', requestedState, existingState })
    setPower(machine, requestedState, at)
  })
}
