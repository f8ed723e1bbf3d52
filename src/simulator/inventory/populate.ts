// Fills a world with an inventory that a person recognises, or a large one of the same kind. The same seed gives the same inventory.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'
import { Members, type SimulationContext, type SimulatorSettings } from '../simulation-context.ts'
import { type DiskRecord, diskRecordOf } from '../virtual-machine/disk-record.ts'
import { type Machine, machineOf } from '../virtual-machine/machine.ts'
import { createMachine, destroyMachine, GiB } from './create-machine.ts'
import { createGeneratedMachines } from './generated-machines.ts'
import { createNamedContainers } from './named-containers.ts'
import { createNamedMachines } from './named-machines.ts'

export interface PopulateOptions {
  /** How many virtual machines; the named ones come first. @default the named ones alone */
  readonly vms?: number
  /** @default 1 */
  readonly seed?: number
  readonly settings?: Partial<SimulatorSettings>
}

type VirtualMachineChoice = string | ManagedObjectReference

/** A populated world from the outside: what tests look up in it and do to it without SOAP. */
export interface Inventory {
  readonly rootFolder: ManagedObjectReference
  /** May be changed at any time. */
  readonly settings: SimulatorSettings
  /** A virtual machine's own state. By reference or moid or by name as stored; of several of one name, the first. */
  machine(which: VirtualMachineChoice): Machine
  /** The managed object of it. */
  vm(which: VirtualMachineChoice): SimulatedObject
  /** One of its disks: what was written to it and when, and writing more. */
  disk(which: VirtualMachineChoice, deviceKey: number): DiskRecord
  /** Puts one more small virtual machine into the inventory, as CreateVM_Task does. */
  add(name: string): Machine
  /** Takes a virtual machine out of the inventory, as Destroy_Task does. */
  destroy(which: VirtualMachineChoice): void
}

const defaultSettings: SimulatorSettings = {
  areasPerWindow: 2000,
  irregularWindows: 0.25,
  guestsWrite: true,
  epochAfterRevert: 'new',
}

export function populate(
  objects: SimulatedInventory,
  { vms, seed = 1, settings: chosen = {} }: PopulateOptions = {},
): Inventory {
  const settings = { ...defaultSettings, ...chosen }
  const context: SimulationContext = {
    objects,
    seed: String(seed),
    origin: objects.clock.now().getTime(),
    settings,
    members: new Members(objects),
  }
  const containers = createNamedContainers(context)
  const named = createNamedMachines(context, containers, vms ?? Number.POSITIVE_INFINITY)
  const machines = [...named, ...createGeneratedMachines(context, containers, (vms ?? 0) - named.length)]

  const machine = (which: VirtualMachineChoice): Machine => {
    const found =
      typeof which === 'string'
        ? machines.find((each) => each.name === which && objects.find(each.ref))
        : undefined
    const object = objects.find(
      found?.ref ?? (typeof which === 'string' ? { type: 'VirtualMachine', value: which } : which),
    )
    if (!object)
      throw new TypeError(`there is no virtual machine ${typeof which === 'string' ? which : which.value}`)
    return machineOf(object)
  }
  const inventory: Inventory = {
    rootFolder: containers.root.ref,
    settings,
    machine,
    vm: (which) => objects.find(machine(which).ref) as SimulatedObject,
    disk: (which, deviceKey) => diskRecordOf(machine(which), deviceKey),
    add(name) {
      const disks = [{ capacity: GiB }]
      const added = createMachine(context, {
        ...containers.testing,
        name,
        system: 'ubuntu',
        cpus: 1,
        memoryMB: 1_024,
        disks,
      })
      machines.push(added)
      return added
    },
    destroy: (which) => destroyMachine(machine(which)),
  }
  inventories.set(objects, inventory)
  return inventory
}

const inventories = new WeakMap<SimulatedInventory, Inventory>()

/** The inventory that a world was populated with. */
export function inventoryOf(objects: SimulatedInventory): Inventory {
  const inventory = inventories.get(objects)
  if (!inventory) throw new TypeError('the world has not been populated')
  return inventory
}
