// The files of a machine: layoutEx, and the space used on each datastore. Sizes are from the last
// measurement, as on a real server, so that they only change together with a notification.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { chainOf, type Disk, type DiskFile, sizeOf } from '../disk/disk.ts'
import type { Machine, Snapshot } from './machine.ts'

const MiB = 1024 * 1024

export function snapshotsOf(machine: Machine): Snapshot[] {
  const all: Snapshot[] = []
  const visit = (snapshots: readonly Snapshot[]): void => {
    for (const snapshot of snapshots) {
      all.push(snapshot)
      visit(snapshot.children)
    }
  }
  visit(machine.rootSnapshots)
  return all
}

export function layoutOf(machine: Machine): DataObject<'VirtualMachineFileLayoutEx'> | undefined {
  if (!machine.isAccessible) return undefined
  const file: DataObject<'VirtualMachineFileLayoutExFileInfo'>[] = []
  const prefix = `[${machine.home.name}] ${machine.directory}/${machine.directory}`
  const add = (name: string, type: string, size: number): number => {
    file.push({ key: file.length, name, type, size, uniqueSize: size, backingObjectId: '', accessible: true })
    return file.length - 1
  }
  add(`${prefix}.vmx`, 'config', 3_204)
  add(`${prefix}.nvram`, 'nvram', 270_840)
  const snapshots = snapshotsOf(machine)
  add(`${prefix}.vmsd`, 'snapshotList', snapshots.length * 430)

  const units = new Map<DiskFile, number[]>()
  const unitOf = (disk: Disk, each: DiskFile): number[] => {
    let keys = units.get(each)
    if (!keys) {
      keys = [
        add(each.name, 'diskDescriptor', 682),
        add(extentName(disk, each), 'diskExtent', sizeOf(disk, each)),
      ]
      units.set(each, keys)
    }
    return keys
  }
  const layoutOfDisk = (disk: Disk, head: DiskFile): DataObject<'VirtualMachineFileLayoutExDiskLayout'> => ({
    key: disk.key,
    chain: chainOf(head).map((each) => ({ fileKey: unitOf(disk, each) })),
  })

  const disk = machine.disks.map((each) => layoutOfDisk(each, each.head))
  const snapshot = snapshots.map((each) => ({
    key: each.ref,
    dataKey: add(`${prefix}-Snapshot${each.id}.vmsn`, 'snapshotData', 29_432),
    memoryKey: each.memory
      ? add(`${prefix}-Snapshot${each.id}.vmem`, 'snapshotMemory', each.settings.memoryMB * MiB)
      : -1,
    disk: each.disks.map((frozen) => layoutOfDisk(frozen.disk, frozen.head)),
  }))
  if (machine.powerState === 'poweredOn')
    add(`${prefix}-${machine.uuid.slice(0, 8)}.vswp`, 'swap', machine.settings.memoryMB * MiB)
  if (machine.powerState === 'suspended')
    add(`${prefix}-${machine.uuid.slice(0, 8)}.vmss`, 'suspend', machine.settings.memoryMB * MiB)
  add(`[${machine.home.name}] ${machine.directory}/vmware.log`, 'log', 312_840)
  return { file, disk, snapshot, timestamp: machine.measuredAt }
}

function extentName(disk: Disk, file: DiskFile): string {
  const kind =
    disk.rawDevice && !file.parent
      ? disk.rawDevice === 'physicalMode'
        ? 'rdmp'
        : 'rdm'
      : file.parent
        ? deltaKind(disk)
        : 'flat'
  return file.name.replace(/\.vmdk$/, `-${kind}.vmdk`)
}

/** Since VMFS 6, a delta disk on VMFS has the space-efficient sparse format. */
const deltaKind = ({ storage }: Disk): string => (storage.type === 'VMFS' ? 'sesparse' : 'delta')

export interface Usage {
  readonly datastore: ManagedObjectReference
  readonly committed: number
  readonly uncommitted: number
}

/** Returns the space that the machine uses on each datastore, and how much its thin disks can still grow. */
export function usageOf(machine: Machine): Usage[] {
  const usage = new Map<string, Usage>()
  const add = (datastore: ManagedObjectReference, committed: number, uncommitted: number): void => {
    const before = usage.get(datastore.value)
    usage.set(datastore.value, {
      datastore,
      committed: (before?.committed ?? 0) + committed,
      uncommitted: (before?.uncommitted ?? 0) + uncommitted,
    })
  }
  add(machine.home.ref, machine.powerState === 'poweredOff' ? MiB : machine.settings.memoryMB * MiB, 0)
  const counted = new Set<DiskFile>()
  const count = (disk: Disk, head: DiskFile): void => {
    for (const file of chainOf(head)) {
      if (counted.has(file)) continue
      counted.add(file)
      const size = sizeOf(disk, file)
      add(disk.storage.ref, size, file === disk.head && !disk.rawDevice ? disk.capacity - size : 0)
    }
  }
  for (const disk of machine.disks) count(disk, disk.head)
  for (const snapshot of snapshotsOf(machine)) for (const { disk, head } of snapshot.disks) count(disk, head)
  return [...usage.values()]
}

export function storageOf(machine: Machine): DataObject<'VirtualMachineStorageInfo'> | undefined {
  if (!machine.isAccessible) return undefined
  return {
    perDatastoreUsage: usageOf(machine).map((each) => ({ ...each, unshared: each.committed })),
    timestamp: machine.measuredAt,
  }
}
