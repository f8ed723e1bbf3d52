// Creates any number of additional machines.

import { createRandom } from '../random.ts'
import type { SimulationContext } from '../simulation-context.ts'
import type { Machine } from '../virtual-machine/machine.ts'
import { takeSnapshot } from '../virtual-machine/snapshots/snapshots.ts'
import { createMachine, dayMs, GiB } from './create-machine.ts'
import { generateLocations, type NamedLocation } from './generated-inventory.ts'
import type { NamedContainers } from './named-containers.ts'

const diskSizes = [16 * GiB, 40 * GiB, 40 * GiB, 80 * GiB, 120 * GiB, 500 * GiB] as const
const systems = ['ubuntu', 'ubuntu', 'redHat', 'windowsServer', 'oracle'] as const
const cardTypes = ['VirtualVmxnet3', 'VirtualVmxnet3', 'VirtualVmxnet3', 'VirtualE1000e'] as const
const memorySizes = [2048, 4096, 8192, 16_384] as const

export const createGeneratedMachines = (
  context: SimulationContext,
  containers: NamedContainers,
  count: number,
): Machine[] =>
  count <= 0
    ? []
    : generateLocations(context, containers, count).map((location, index) =>
        createGeneratedMachine(context, index, location),
      )

function createGeneratedMachine(context: SimulationContext, index: number, location: NamedLocation): Machine {
  const random = createRandom(context.seed, 'generated', index)
  // Apart from the other random numbers, so that they do not depend on it.
  const cardRandom = createRandom(context.seed, 'generated card', index)
  const disks = Array.from({ length: 1 + (random.integer(4) === 0 ? 1 + random.integer(3) : 0) }, () => ({
    capacity: random.pick(diskSizes),
  }))
  const machine = createMachine(context, {
    ...location,
    system: random.pick(systems),
    cpus: 1 << random.integer(4),
    memoryMB: random.pick(memorySizes),
    disks,
    cards: [
      {
        type: cardRandom.pick(cardTypes),
        connected: cardRandom.integer(20) > 0,
      },
    ],
    powerState: random.integer(5) === 0 ? 'poweredOff' : 'poweredOn',
    changeTracking: random.integer(2) === 0 ? 'active' : 'off',
  })
  if (random.integer(10) === 0) {
    const at = new Date(context.origin - (1 + random.integer(20)) * dayMs)
    // These snapshots have no write history: nothing was written before or since.
    takeSnapshot(machine, { name: 'before-update', description: '', memory: false, quiesced: false, at })
    machine.measuredAt = new Date(context.origin)
  }
  return machine
}
