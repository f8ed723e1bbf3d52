// Total resource usage of virtual machines: CPU, memory and storage. Deleted machines use nothing.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { type Machine, machineOf } from '../virtual-machine/machine.ts'
import { quickStatsOf } from '../virtual-machine/summary.ts'

export interface ResourceUsage {
  readonly cpuMhz: number
  readonly guestMemoryMB: number
  readonly hostMemoryMB: number
  readonly configuredMemoryMB: number
}

export function resourceUsageOf(
  objects: SimulatedInventory,
  machines: readonly ManagedObjectReference[],
): ResourceUsage {
  const usage = { cpuMhz: 0, guestMemoryMB: 0, hostMemoryMB: 0, configuredMemoryMB: 0 }
  for (const machine of existingMachines(objects, machines)) {
    const stats = quickStatsOf(machine)
    usage.cpuMhz += stats.overallCpuUsage ?? 0
    usage.guestMemoryMB += stats.guestMemoryUsage ?? 0
    usage.hostMemoryMB += stats.hostMemoryUsage ?? 0
    usage.configuredMemoryMB += machine.settings.memoryMB
  }
  return usage
}

/**
 * Returns, in bytes, the space that the machines use on a datastore and how much their thin disks can still
 * grow on it.
 */
export function storageUsageOf(
  objects: SimulatedInventory,
  datastore: ManagedObjectReference,
  machines: readonly ManagedObjectReference[],
): { readonly committed: number; readonly uncommitted: number } {
  let committed = 0
  let uncommitted = 0
  for (const { ref } of existingMachines(objects, machines)) {
    const storage = objects.find(ref)?.get('storage') as DataObject<'VirtualMachineStorageInfo'> | undefined
    for (const usage of storage?.perDatastoreUsage ?? []) {
      if (usage.datastore.value !== datastore.value) continue
      committed += Number(usage.committed)
      uncommitted += Number(usage.uncommitted)
    }
  }
  return { committed, uncommitted }
}

function* existingMachines(
  objects: SimulatedInventory,
  machines: readonly ManagedObjectReference[],
): Generator<Machine> {
  for (const ref of machines) {
    const object = objects.find(ref)
    if (object) yield machineOf(object)
  }
}
