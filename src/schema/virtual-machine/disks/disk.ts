// The model of a disk: its device in the configuration of a virtual machine or of a snapshot. virtual-disk.ts declares the GraphQL
// type.

import { devicesOf } from '../../../planner/device-path.ts'
import type { InventoryReader } from '../../../planner/inventory-reader.ts'
import { isOfType, type ManagedObject } from '../../../planner/managed-object.ts'
import type { PlanNode } from '../../../planner/plan-node.ts'
import { isInstance } from '../../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../../soap/vim-types.ts'
import type { Context } from '../../context.ts'
import { encodeId } from '../../core/nodes/ids.ts'
import { baseTypeWithin, type DecodedId } from '../../core/nodes/node-registry.ts'
import { nonNegative } from '../../core/units.ts'
import { ApiError } from '../../errors/api-error.ts'
import { ownerPlanNode, type SnapshotNode, snapshotOf } from '../snapshots/snapshot-tree.ts'

/** A live disk (`snapshot` is undefined), or a disk frozen in a snapshot. */
export interface Disk {
  readonly vm: ManagedObject<'VirtualMachine'>
  readonly snapshot: SnapshotNode | undefined
  readonly device: DataObject<'VirtualDisk'>
  /** The controller that it is attached to; undefined if it is not reported. */
  readonly controller: Controller | undefined
}

/** The devices of a virtual machine or snapshot that its disks are read from. */
export const diskDevices = devicesOf('VirtualDisk', 'VirtualController')

/** Returns the reference of the virtual machine or snapshot that the disk belongs to. */
const ownerOf = ({ vm, snapshot }: Disk): ManagedObjectReference => snapshot?.tree.snapshot ?? vm.ref

/** Encodes the global id of a disk. */
export const diskId = ({ vcenters }: Context, disk: Disk): string =>
  encodeId(vcenters.of(disk.vm), ownerOf(disk), { typeName: 'VirtualDisk', key: disk.device.key })

/** Creates the root plan node of the virtual machine or snapshot that a disk belongs to. */
export const diskOwnerNode = (type: ManagedObjectType): PlanNode => ownerPlanNode(type).read(diskDevices)

/** Returns the disk of an id from its owner, whose plan node is from `diskOwnerNode`; undefined if it does not exist. */
export function diskOf(owner: ManagedObject, { key }: DecodedId): Disk | undefined {
  if (isOfType(owner, 'VirtualMachine')) return withKeyOf(disksOf(owner), key)
  const snapshot = snapshotOf(owner as ManagedObject<'VirtualMachineSnapshot'>)
  return snapshot && withKeyOf(frozenDisksOf(snapshot), key)
}

const withKeyOf = (disks: readonly Disk[] | undefined, key: DecodedId['key']): Disk | undefined =>
  disks?.find(({ device }) => device.key === key)

/**
 * Loads the disk of an id.
 *
 * @param plan - adds further requirements to the plan of the disk's owner
 */
export async function loadDisk(
  id: DecodedId,
  reader: InventoryReader,
  plan: (node: PlanNode) => void,
): Promise<Disk | undefined> {
  const node = diskOwnerNode(baseTypeWithin(id.nodeType, id.ref.type) as ManagedObjectType)
  plan(node)
  const owner = await reader.object(id.ref, node)
  return owner && diskOf(owner, id)
}

/** Returns the live disks of a virtual machine; undefined if its configuration cannot be read. */
export const disksOf = (vm: ManagedObject<'VirtualMachine'>): readonly Disk[] | undefined =>
  disksFrom(vm.devices(diskDevices), vm, undefined)

/** Returns the disks frozen in a snapshot. Snapshots do not include independent disks and physical RDMs. */
export const frozenDisksOf = (snapshot: SnapshotNode): readonly Disk[] | undefined =>
  disksFrom(snapshot.object.devices(diskDevices), snapshot.vm, snapshot)

function disksFrom(
  devices: readonly unknown[] | undefined,
  vm: ManagedObject<'VirtualMachine'>,
  snapshot: SnapshotNode | undefined,
) {
  const controllers = new Map(devices?.filter(isController).map((device) => [device.key, device]))
  return devices
    ?.filter((device) => isInstance(device, 'VirtualDisk'))
    .map(
      (device): Disk => ({
        vm,
        snapshot,
        device: withKey(device),
        controller: controllers.get(device.controllerKey ?? -1),
      }),
    )
}

/** Checks that a disk has a key, which identifies it within its owner. */
function withKey(device: DataObject<'VirtualDisk'>): DataObject<'VirtualDisk'> {
  const key: number | undefined = device.key
  if (key === undefined) throw new ApiError('VSPHERE_FAULT', 'the vCenter reported a disk without a key')
  return device
}

/** A controller. Those of SCSI and NVMe can share their bus with other virtual machines. */
export type Controller = DataObject<'VirtualController'> & { readonly sharedBus?: string }

/** The ancestors of a type that only a newer server has are unknown: a controller is recognized by what only controllers have. */
const isController = (device: unknown): device is Controller =>
  isInstance(device, 'VirtualController') || 'busNumber' in (device as object)

/** Whether the controller shares its bus with other virtual machines. An unset value counts as not shared. */
const hasSharedBus = ({ controller }: Disk): boolean => (controller?.sharedBus ?? 'noSharing') !== 'noSharing'

/** The properties that the types of disk backings share. A backing of an unknown type may have them too. */
export interface DiskBackingFields {
  readonly _typeName?: string
  readonly fileName?: string
  readonly descriptorFileName?: string
  readonly datastore?: ManagedObjectReference
  readonly diskMode?: string
  readonly thinProvisioned?: boolean
  readonly parent?: unknown
  readonly uuid?: string
  readonly changeId?: string
  readonly compatibilityMode?: string
  readonly sharing?: string
  readonly keyId?: DataObject<'CryptoKeyId'>
}

export const backingOf = ({ device }: Disk): DiskBackingFields => (device.backing ?? {}) as DiskBackingFields

/** Returns the capacity in bytes; undefined if it is not reported. vSphere sets capacityInBytes since 5.5. */
export function capacityOf({ device }: Disk): number | bigint | undefined {
  const { capacityInBytes } = device
  // vim25 requires it of every disk, but a server may leave it out.
  const capacityInKB: number | bigint | undefined = device.capacityInKB
  if (capacityInBytes !== undefined) return nonNegative(capacityInBytes) ?? undefined
  if (capacityInKB === undefined || nonNegative(capacityInKB) === null) return undefined
  return typeof capacityInKB === 'bigint' ? capacityInKB * 1024n : capacityInKB * 1024
}

/** Why a disk cannot be tracked even if tracking is enabled. */
export type DiskBlocker = 'INDEPENDENT_DISK' | 'PHYSICAL_RDM' | 'SHARED_BUS' | 'BACKING_UNSUPPORTED'

/** Returns everything that prevents tracking of a disk even if tracking is enabled; none if it can be tracked. */
export function trackingBlockers(disk: Disk): DiskBlocker[] {
  const { _typeName: type = '', diskMode = '', compatibilityMode, sharing } = backingOf(disk)
  const blockers: DiskBlocker[] = []
  if (diskMode.startsWith('independent') || diskMode === 'nonpersistent' || diskMode === 'undoable')
    blockers.push('INDEPENDENT_DISK')
  if (compatibilityMode === 'physicalMode') blockers.push('PHYSICAL_RDM')
  if (sharing === 'sharingMultiWriter' || hasSharedBus(disk)) blockers.push('SHARED_BUS')
  if (/FlatVer1|SparseVer1|LocalPMem/.test(type)) blockers.push('BACKING_UNSUPPORTED')
  return blockers
}
