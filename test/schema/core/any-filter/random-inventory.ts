// Random inventories: with names that are equal in lower case, and with properties that cannot be read.

import { createSimulator, type SimulatedObject, type Simulator } from '../../../../src/simulator/index.ts'
import { createRandom } from '../../../../src/simulator/random.ts'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { type ObjectGraph, readGraph } from './object-graph.ts'

export interface Inventory {
  readonly simulator: Simulator
  readonly gateway: TestGateway
  readonly graph: ObjectGraph
  /** Reads the objects again. */
  readonly readAgain: () => Promise<ObjectGraph>
  readonly close: () => Promise<void>
}

/** Changes names to be equal, and denies some properties of virtual machines and hosts. */
export async function createInventory(seed: number): Promise<Inventory> {
  const random = createRandom('inventory', seed)
  const simulator = createSimulator({ seed, vms: 18 + random.integer(12) })
  simulator.inventory.settings.guestsWrite = false
  const withoutConfig = new Set<string>()
  const deny = (object: SimulatedObject, property: string) => {
    simulator.faults.deny(object.ref, property)
    if (property === 'config') withoutConfig.add(object.moid)
  }
  for (const vm of simulator.objects.ofType('VirtualMachine')) {
    if (vm.get('config') === undefined) withoutConfig.add(vm.moid)
    if (random.integer(6) === 0) vm.set('name', random.pick(['same', 'Same', 'a%2fb', '', 'zzz']))
    if (random.integer(8) === 0)
      deny(vm, random.pick(['name', 'config', 'runtime', 'guest', 'summary', 'parent', 'snapshot']))
  }
  for (const host of simulator.objects.ofType('HostSystem'))
    if (random.integer(8) === 0) deny(host, random.pick(['name', 'summary', 'parent']))
  const gateway = startGateway({ simulator, limits: { objects: 1e9, responseValues: 1e9, errors: 1e6 } })
  const readAgain = () => readGraph(gateway, withoutConfig)
  return {
    simulator,
    gateway,
    graph: await readAgain(),
    readAgain,
    close: async () => {
      await gateway.close()
      await simulator.close()
    },
  }
}
