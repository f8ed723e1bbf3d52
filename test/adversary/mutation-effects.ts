// What the cases of mutations share: the tasks that a simulator has run, and ids of machines.

import type { SimulatedObject } from '../../src/simulator/simulated-inventory.ts'
import type { DataObject } from '../../src/soap/vim-types.ts'
import type { TestGateway } from '../test-gateway.ts'
import type { AdversaryFixture } from './fixture.ts'

/** Records all tasks from now on, including those that the vCenter forgets. */
export function recordTasks({ simulator }: AdversaryFixture): () => DataObject<'TaskInfo'>[] {
  const tasks: SimulatedObject[] = []
  simulator.objects.on('added', (object) => {
    if (object.type === 'Task') tasks.push(object)
  })
  return () => tasks.map((task) => task.get('info') as DataObject<'TaskInfo'>)
}

export const succeeded = (tasks: readonly DataObject<'TaskInfo'>[], method: string): number =>
  tasks.filter(({ name, state }) => name === method && state === 'success').length

export const vmId = async (gateway: TestGateway, name: string): Promise<string> => {
  const { data } = await gateway.execute(
    'query ($name: String!) { virtualMachine(by: { name: $name }) { id } }',
    { name },
  )
  return data.virtualMachine.id
}
