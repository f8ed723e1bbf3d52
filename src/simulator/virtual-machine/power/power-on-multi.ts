// Datacenter.PowerOnMultiVM_Task: its task only decides where each machine is to run and starts a task for it. So it succeeds even
// if no machine is powered on.

import type { DataObject, ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { MethodTable } from '../../method-table.ts'
import type { SimulatedInventory, SimulatedObject } from '../../simulated-inventory.ts'
import { faultInData, startTask } from '../../tasks.ts'
import { VimFault } from '../../vim-fault.ts'
import { type Machine, machineOf } from '../machine.ts'
import { assertAccessible, assertNotBusy, type Caller } from '../machine-task.ts'
import { assertNoQuestion, assertNoTemplate, assertState, powerOn } from './power-methods.ts'

type Result = DataObject<'ClusterPowerOnVmResult'>

export const powerOnMultiMethods: MethodTable = {
  PowerOnMultiVM_Task({ self, objects, args: { vm = [], option = [] }, ...caller }) {
    const machines = vm.map((ref) => machineIn(self, ref, objects))
    const isOverridden = option.some(
      ({ key, value }) => key === 'OverrideAutomationLevel' && value !== 'manual',
    )
    return startTask(
      objects,
      {
        name: 'PowerOnMultiVM_Task',
        descriptionId: 'Datacenter.powerOnVm',
        entity: self.ref,
        userName: caller.userName,
      },
      () => place(machines, caller, isOverridden),
    )
  },
}

function machineIn(
  datacenter: SimulatedObject,
  ref: ManagedObjectReference,
  objects: SimulatedInventory,
): Machine {
  const object = objects.find(ref)
  if (!object) throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: ref })
  const machine = object.type === 'VirtualMachine' ? machineOf(object) : undefined
  let parent = machine && objects.find(machine.folder)
  while (parent && parent !== datacenter) {
    const next = parent.get('parent') as ManagedObjectReference | undefined
    parent = next && objects.find(next)
  }
  if (!machine || !parent) throw new VimFault({ _typeName: 'InvalidArgument', invalidProperty: 'vm' })
  return machine
}

function place(machines: readonly Machine[], caller: Caller, isOverridden: boolean): Result {
  const attempted: DataObject<'ClusterAttemptedVmInfo'>[] = []
  const notAttempted: DataObject<'ClusterNotAttemptedVmInfo'>[] = []
  const recommendations: DataObject<'ClusterRecommendation'>[] = []
  for (const machine of machines) {
    const { ref: vm, context } = machine
    const { manualPlacement, placementFaults } = context.settings
    try {
      assertPlaceable(machine)
      const fault = placementFaults.get(vm.value)
      if (fault) throw new VimFault(fault)
      if (manualPlacement && !isOverridden) recommendations.push(recommendationFor(machine))
      else attempted.push({ vm, task: powerOn(machine, caller) })
    } catch (error) {
      if (!(error instanceof VimFault)) throw error
      const { fault, localizedMessage } = faultInData(error)
      notAttempted.push({ vm, fault: { fault: fault as never, localizedMessage } })
    }
  }
  // As on a vCenter, the type of the result is in the task.
  const result = { _typeName: 'ClusterPowerOnVmResult', attempted, notAttempted, recommendations }
  return result as Result
}

function assertPlaceable(machine: Machine): void {
  assertAccessible(machine)
  assertNoTemplate(machine)
  assertState(machine, ['poweredOff', 'suspended'], 'poweredOn')
  assertNotBusy(machine)
  assertNoQuestion(machine)
}

const recommendationFor = ({ ref, host, pool, context }: Machine): DataObject<'ClusterRecommendation'> => ({
  key: ref.value,
  type: 'V1',
  time: context.objects.clock.now(),
  rating: 1,
  reason: 'powerOnVm',
  reasonText: 'Power on virtual machine',
  prerequisite: [],
  action: [
    {
      _typeName: 'ClusterInitialPlacementAction',
      type: 'InitialPlacement',
      target: ref,
      targetHost: host,
      ...(pool && { pool }),
    } as DataObject<'ClusterAction'>,
  ],
  target: ref,
})
