// Tests the budget table of tasks: the exact calls of each field and connection, and what each retrieval requests.

import { expect } from 'vitest'
import { startTask } from '../../../src/simulator/tasks.ts'
import type { DataObject, ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import type { TestGateway } from '../../test-gateway.ts'
import { type Budget, describeBudgets } from '../call-budget.ts'

/** Starts a task on each virtual machine, which runs for the whole test, unless one runs there; waits until all run. */
async function keepMachinesBusy({ simulator: { objects } }: TestGateway): Promise<Record<string, never>> {
  const kind = { name: 'CreateSnapshot_Task', descriptionId: 'VirtualMachine.createSnapshot' }
  for (const machine of [...objects.ofType('VirtualMachine')]) {
    const running = machine.get('recentTask') as readonly unknown[]
    if (running.length > 0) continue
    startTask(
      objects,
      { ...kind, entity: machine.ref, userName: 'user', durationMs: 600_000 },
      () => undefined,
    )
  }
  const states = () =>
    [...objects.ofType('VirtualMachine')]
      .flatMap((machine) => machine.get('recentTask') as readonly ManagedObjectReference[])
      .map((task) => (objects.find(task)?.get('info') as DataObject<'TaskInfo'> | undefined)?.state)
  await expect.poll(() => new Set(states())).toEqual(new Set(['running']))
  return {}
}

const recent: Budget[] = [
  {
    name: 'the recent tasks of virtual machines, with their labels and objects',
    query: `{ virtualMachines(first: 1000) { nodes { recentTasks {
      label state entityName startedBy { kind userName name } chainId entity { ... on VirtualMachine { name host { name } } } } } } }`,
    variables: keepMachinesBusy,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: recentTask
      RetrievePropertiesEx
        Task: info
      RetrievePropertiesEx
        TaskManager: description.methodInfo
      RetrievePropertiesEx
        HostSystem: name
        VirtualMachine: runtime.host
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name, recentTask
      RetrievePropertiesEx
        Task: info
      RetrievePropertiesEx
        HostSystem: name
        VirtualMachine: runtime.host
    `,
  },
]

describeBudgets(recent)
