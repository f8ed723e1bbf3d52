// Populates a simulated inventory with the named machines, and generated ones if more are requested.
// Deterministic per seed.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { createDemoAlarms } from '../alarms/demo-alarms.ts'
import { createDemoAttributes } from '../custom-fields/demo-values.ts'
import { createDemoHistory } from '../history/demo-history.ts'
import { recordEvent } from '../history/event-log.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'
import { Members, type SimulationContext, type SimulatorSettings } from '../simulation-context.ts'
import { type DiskRecord, diskRecordOf } from '../virtual-machine/disk-record.ts'
import { type Machine, machineOf } from '../virtual-machine/machine.ts'
import { clusterMachineCount, createClusterMachines } from './cluster-machines.ts'
import { createMachine, destroyMachine, GiB } from './create-machine.ts'
import { createGeneratedMachines } from './generated-machines.ts'
import { createNamedContainers, type NamedContainers } from './named-containers.ts'
import { createNamedMachines } from './named-machines.ts'

export interface PopulateOptions {
  /** Number of virtual machines; the named ones come first, those of vCLS last. @default only these */
  readonly vms?: number
  /** Adds small-01 beside them. @default false */
  readonly smallMachine?: boolean
  /** @default 1 */
  readonly seed?: number
  readonly settings?: Partial<SimulatorSettings>
}

type VirtualMachineSelector = string | ManagedObjectReference

/** Access to a populated inventory for tests, without SOAP. */
export interface Inventory {
  readonly rootFolder: ManagedObjectReference
  /** Settings that can be changed at any time. */
  readonly settings: SimulatorSettings
  /** Returns a VM's state, by reference, moid or stored name. If several have the name, returns the first. */
  machine(which: VirtualMachineSelector): Machine
  /** Returns the managed object of a VM. */
  vm(which: VirtualMachineSelector): SimulatedObject
  /** Returns one of its disks, to read its write history and to write to it. */
  disk(which: VirtualMachineSelector, deviceKey: number): DiskRecord
  /** Adds one small VM, like CreateVM_Task. */
  add(name: string): Machine
  /** Removes a VM, like Destroy_Task. */
  destroy(which: VirtualMachineSelector): void
}

const defaultSettings = (): SimulatorSettings => ({
  areasPerWindow: 2000,
  irregularWindows: 0.25,
  guestsWrite: true,
  epochAfterRevert: 'new',
  guestShutdownMs: 4_000,
  manualPlacement: false,
  placementFaults: new Map(),
})

export function populate(
  objects: SimulatedInventory,
  { vms, smallMachine = false, seed = 1, settings: overrides = {} }: PopulateOptions = {},
): Inventory {
  const settings = { ...defaultSettings(), ...overrides }
  const context: SimulationContext = {
    objects,
    seed: String(seed),
    origin: objects.clock.now().getTime(),
    settings,
    members: new Members(objects),
    afterMachines: [],
  }
  const containers = createNamedContainers(context)
  const named = createNamedMachines(context, containers, vms ?? Number.POSITIVE_INFINITY)
  const hasClusterMachines = vms === undefined || vms >= named.length + clusterMachineCount
  const generated = createGeneratedMachines(
    context,
    containers,
    (vms ?? 0) - named.length - (hasClusterMachines ? clusterMachineCount : 0),
  )
  for (const create of context.afterMachines) create()
  createDemoAttributes(context)
  // The last objects, so that the moids of the others do not depend on them.
  const clusterMachines = hasClusterMachines ? createClusterMachines(context, containers) : []
  createDemoHistory(context)
  createDemoAlarms(context)
  if (smallMachine) named.push(createSmallMachine(context, containers))
  const machines = [...named, ...generated, ...clusterMachines]

  const machine = (which: VirtualMachineSelector): Machine => {
    const found =
      typeof which === 'string'
        ? machines.find((each) => each.name === which && objects.find(each.ref))
        : undefined
    const object = objects.find(
      found?.ref ?? (typeof which === 'string' ? { type: 'VirtualMachine', value: which } : which),
    )
    if (!object)
      throw new TypeError(`virtual machine ${typeof which === 'string' ? which : which.value} not found`)
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
      recordEvent(objects, { _typeName: 'VmCreatedEvent', vm: added.ref })
      return added
    },
    destroy(which) {
      recordEvent(objects, { _typeName: 'VmRemovedEvent', vm: machine(which).ref })
      destroyMachine(machine(which))
    },
  }
  inventories.set(objects, inventory)
  return inventory
}

const MiB = 1024 ** 2

/** A virtual machine without snapshots, whose disks can be read in seconds. */
const createSmallMachine = (
  context: SimulationContext,
  { production, fastStorage: storage }: NamedContainers,
): Machine =>
  createMachine(context, {
    ...production,
    name: 'small-01',
    system: 'ubuntu',
    cpus: 1,
    memoryMB: 512,
    disks: [{ capacity: 64 * MiB }, { capacity: 32 * MiB, storage }, { capacity: 16 * MiB, thin: false }],
    changeTracking: 'active',
    ageDays: 30,
  })

const inventories = new WeakMap<SimulatedInventory, Inventory>()

/** Returns the inventory that was created by `populate`. */
export function inventoryOf(objects: SimulatedInventory): Inventory {
  const inventory = inventories.get(objects)
  if (!inventory) throw new TypeError('the inventory has not been populated')
  return inventory
}
