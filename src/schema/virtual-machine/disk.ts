// A disk as the configuration of a virtual machine, or of one of its snapshots, holds it. virtual-disk.ts has the GraphQL type.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { type DataObject, isInstance, type ManagedObjectReference } from '../../soap/vim-types.ts'
import { unsigned } from '../core/units.ts'
import { ApiError } from '../errors/api-error.ts'
import type { SnapshotNode } from './snapshot-tree.ts'

/** A disk now (snapshot undefined), or frozen in a snapshot. */
export interface Disk {
  readonly vm: ManagedObject<'VirtualMachine'>
  readonly snapshot: SnapshotNode | undefined
  readonly device: DataObject<'VirtualDisk'>
  /** Whether its controller shares its bus with those of other virtual machines. */
  readonly hasSharedBus: boolean
}

/** The paths of the owner's that its disks are read from. */
export const devicePath = 'config.hardware.device'

/** The virtual machine's or the snapshot's, whose slot the disk is in. */
export const ownerOf = ({ vm, snapshot }: Disk): ManagedObjectReference => snapshot?.tree.snapshot ?? vm.ref

/** A virtual machine's disks now; undefined when the configuration cannot be read. */
export const disksOf = (vm: ManagedObject<'VirtualMachine'>): readonly Disk[] | undefined =>
  disksFrom(vm.read(devicePath), vm, undefined)

/** The disks frozen in a snapshot; independent disks and physical RDMs are in none. */
export const frozenDisksOf = (snapshot: SnapshotNode): readonly Disk[] | undefined =>
  disksFrom(snapshot.object.read(devicePath), snapshot.vm, snapshot)

function disksFrom(
  devices: readonly unknown[] | undefined,
  vm: ManagedObject<'VirtualMachine'>,
  snapshot: SnapshotNode | undefined,
) {
  const sharedBuses = new Set(
    devices?.filter((device) => hasSharedBus(device)).map((device) => (device as Controller).key),
  )
  return devices
    ?.filter((device) => isInstance(device, 'VirtualDisk'))
    .map(
      (device): Disk => ({
        vm,
        snapshot,
        device: withKey(device),
        hasSharedBus: sharedBuses.has(device.controllerKey ?? -1),
      }),
    )
}

/** The slot of a disk is its identity here. */
function withKey(device: DataObject<'VirtualDisk'>): DataObject<'VirtualDisk'> {
  const key: number | undefined = device.key
  if (key === undefined) throw new ApiError('VSPHERE_FAULT', 'the vCenter gave a disk without its key')
  return device
}

type Controller = DataObject<'VirtualController'>

/** SCSI and NVMe controllers have a sharedBus; what they do not say is not shared. */
function hasSharedBus(controller: unknown): boolean {
  const { sharedBus = 'noSharing' } = controller as { readonly sharedBus?: string }
  return sharedBus !== 'noSharing'
}

/** What the kinds of disk backings have in common. A backing type that we do not know may have them too. */
export interface DiskBackingFields {
  readonly _typeName?: string
  readonly fileName?: string
  readonly descriptorFileName?: string
  readonly datastore?: ManagedObjectReference
  readonly diskMode?: string
  readonly thinProvisioned?: boolean
  readonly uuid?: string
  readonly changeId?: string
  readonly compatibilityMode?: string
  readonly sharing?: string
}

export const backingOf = ({ device }: Disk): DiskBackingFields => (device.backing ?? {}) as DiskBackingFields

/** The capacity in bytes, undefined when it is not known; vSphere has filled capacityInBytes since 5.5. */
export function capacityOf({ device }: Disk): number | bigint | undefined {
  const { capacityInBytes } = device
  // Required of every disk, and yet a server may leave it out.
  const capacityInKB: number | bigint | undefined = device.capacityInKB
  if (capacityInBytes !== undefined) return unsigned(capacityInBytes) ?? undefined
  if (capacityInKB === undefined || unsigned(capacityInKB) === null) return undefined
  return typeof capacityInKB === 'bigint' ? capacityInKB * 1024n : capacityInKB * 1024
}

/** Why a disk is not tracked whatever is switched on; undefined when it can be. */
export function trackingBlocker(
  disk: Disk,
): 'INDEPENDENT_DISK' | 'PHYSICAL_RDM' | 'SHARED_BUS' | 'BACKING_UNSUPPORTED' | undefined {
  const { _typeName: type = '', diskMode = '', compatibilityMode, sharing } = backingOf(disk)
  if (diskMode.startsWith('independent') || diskMode === 'nonpersistent' || diskMode === 'undoable')
    return 'INDEPENDENT_DISK'
  if (compatibilityMode === 'physicalMode') return 'PHYSICAL_RDM'
  if (sharing === 'sharingMultiWriter' || disk.hasSharedBus) return 'SHARED_BUS'
  if (/FlatVer1|SparseVer1|LocalPMem/.test(type)) return 'BACKING_UNSUPPORTED'
  return undefined
}
