// VirtualDisk: a live disk, or a disk frozen in a snapshot, and its backing. changed-areas/ adds the fields for changed areas.

import { snapshotVirtualMachine, virtualMachineDatastores } from '../../../planner/edges.ts'
import type { PlanNode } from '../../../planner/plan-node.ts'
import { fieldsOf, isInstance } from '../../../soap/type-registry.ts'
import { builder } from '../../builder.ts'
import { nodeAt, requires } from '../../core/field-requirements.ts'
import { loadManagedObjects } from '../../core/nodes/load-node.ts'
import { registerNode } from '../../core/nodes/node-registry.ts'
import { int32, nonNegativeInt } from '../../core/units.ts'
import { backingOf, capacityOf, type Disk, diskId, diskOf, diskOwnerNode } from './disk.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    VirtualDisk: Disk
  }
}

/** Returns the plan node of the virtual machine that the disk or snapshot of a node belongs to. */
export const virtualMachineNode = (node: PlanNode): PlanNode =>
  node.type === 'VirtualMachine' ? node : (node.owner ?? node.follow(snapshotVirtualMachine))

registerNode<Disk>({
  name: 'VirtualDisk',
  managedTypes: ['VirtualMachine', 'VirtualMachineSnapshot'],
  isKey: (key): key is number => Number.isInteger(key),
  isTypeOf: (value) => 'device' in value && isInstance(value.device, 'VirtualDisk'),
  load: loadManagedObjects({ planNode: diskOwnerNode, toValue: diskOf }),
})

builder.objectType('VirtualDisk', {
  description:
    'A live disk of a virtual machine, or a disk frozen in a snapshot (then `snapshot` is set). The id identifies a slot (`key`) of the virtual machine or snapshot. Two disks with the same `uuid` are the same disk. vim25: `VirtualDisk`.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Global id of the disk slot: the virtual machine or snapshot, and the key.',
      resolve: (disk, _, context) => diskId(context, disk),
    }),
    key: t.int({
      nullable: false,
      description:
        'Device key of the disk, such as 2000. It is unique only within one virtual machine. QueryChangedDiskAreas takes it as `deviceKey`. Source: `key`.',
      resolve: ({ device }) => int32(device.key),
    }),
    uuid: t.string({
      description:
        'UUID of the disk, the same on the live disk and in every snapshot. Source: `backing.uuid`.',
      resolve: (disk) => backingOf(disk).uuid ?? null,
    }),
    label: t.string({
      description:
        'Label in the language of the vCenter, such as "Hard disk 1" or "Festplatte 1". Source: `deviceInfo.label`.',
      resolve: ({ device }) => device.deviceInfo?.label ?? null,
    }),
    capacity: t.field({
      type: 'BigInt',
      description: 'Capacity, in bytes. Source: `capacityInBytes`, or else `capacityInKB`.',
      resolve: (disk) => capacityOf(disk) ?? null,
    }),
    unitNumber: t.int({
      description: 'Unit number of the disk on its controller. Source: `unitNumber`.',
      resolve: ({ device }) => nonNegativeInt(device.unitNumber ?? -1),
    }),
    controllerKey: t.int({
      description: 'Device key of the controller that the disk is attached to. Source: `controllerKey`.',
      resolve: ({ device }) => nonNegativeInt(device.controllerKey ?? -1),
    }),
    controller: t.field({
      type: 'DiskController',
      description:
        'The controller that the disk is attached to. Null if it is not reported. Source: the VirtualController device in `config.hardware.device` whose key is `controllerKey`.',
      resolve: ({ controller }) => controller ?? null,
    }),
    backing: t.field({
      type: DiskBacking,
      description: 'The storage of the disk. Source: `backing`.',
      resolve: (disk) => (disk.device.backing ? disk : null),
    }),
    changeId: t.string({
      description:
        'Marks a point in the disk’s change history. Store the changeId of a disk in a snapshot: it remains a valid starting point for `changedAreas` after the snapshot is removed. On a live disk it is transient. Null if the disk is not tracked. Source: `backing.changeId`.',
      resolve: (disk) => backingOf(disk).changeId ?? null,
    }),
    virtualMachine: t.field({
      derives: { nothing: 'it leads back to the owner of the disk' },
      ...requires((position) => virtualMachineNode(nodeAt(position))),
      type: 'VirtualMachine',
      nullable: false,
      description: 'The virtual machine that the disk belongs to.',
      resolve: ({ vm }) => vm,
    }),
    snapshot: t.field({
      derives: { nothing: 'it leads back to the owner of the disk' },
      ...requires((position) => (nodeAt(position).type === 'VirtualMachineSnapshot' ? position : undefined)),
      type: 'Snapshot',
      description: 'The snapshot that the disk is frozen in. Null for a live disk.',
      resolve: ({ snapshot }) => snapshot ?? null,
    }),
  }),
})

/** Returns whether the backing is on top of another; null if its type cannot be, or is unknown and is on top of none. */
function isDelta(disk: Disk): boolean | null {
  const { _typeName: type = '', parent } = backingOf(disk)
  if (parent !== undefined) return true
  return fieldsOf(type)?.has('parent') ? false : null
}

const DiskBacking = builder.objectRef<Disk>('DiskBacking').implement({
  description:
    'The storage of a disk: a file on a datastore, or a raw device. vim25: `VirtualDeviceBackingInfo`.',
  fields: (t) => ({
    type: t.string({
      nullable: false,
      description: 'The vim25 type of the backing, such as `VirtualDiskFlatVer2BackingInfo`.',
      resolve: (disk) => backingOf(disk)._typeName ?? 'VirtualDeviceBackingInfo',
    }),
    fileName: t.string({
      description:
        'Path of the disk file, such as "[datastore] folder/file.vmdk". Source: `backing.fileName`, or else `backing.descriptorFileName`.',
      resolve: (disk) => backingOf(disk).fileName ?? backingOf(disk).descriptorFileName ?? null,
    }),
    datastore: t.field({
      // The property collector cannot traverse references inside data objects. The virtual machine's `datastore` has the same objects.
      ...requires((position) => virtualMachineNode(nodeAt(position)).follow(virtualMachineDatastores)),
      type: 'Datastore',
      description: 'The datastore that holds the file. Source: `backing.datastore`.',
      resolve: (disk) => {
        const { datastore } = backingOf(disk)
        return datastore ? disk.vm.objectCache.get<'Datastore'>(datastore) : null
      },
    }),
    diskMode: t.string({
      description:
        'Disk mode, such as `persistent` or `independent_persistent`. Snapshots do not include independent disks. Source: `backing.diskMode`.',
      resolve: (disk) => backingOf(disk).diskMode ?? null,
    }),
    thinProvisioned: t.boolean({
      description: 'Whether space is allocated only when it is written. Source: `backing.thinProvisioned`.',
      resolve: (disk) => backingOf(disk).thinProvisioned ?? null,
    }),
    isDelta: t.boolean({
      description:
        'Whether the file has only the blocks that were written since a snapshot was taken, or since the disk was cloned as a linked clone, and others are in files below it. The name of the file is no proof. Null if the type of backing has no such files. Source: whether `backing.parent` is set.',
      resolve: isDelta,
    }),
    multiWriter: t.boolean({
      description:
        'Whether several virtual machines may write to the disk at the same time. Source: whether `backing.sharing` (vSphere 6.0 and later) is `sharingMultiWriter`.',
      resolve: (disk) => backingOf(disk).sharing === 'sharingMultiWriter',
    }),
    compatibilityMode: t.string({
      description:
        'How a raw device mapping passes commands to the device: `virtualMode`, which snapshots support, or `physicalMode`. Null for other backings. Source: `backing.compatibilityMode`.',
      resolve: (disk) => backingOf(disk).compatibilityMode ?? null,
    }),
    encrypted: t.boolean({
      description:
        'Whether the content of the disk is encrypted. Source: whether `backing.keyId` (vSphere 6.5 and later) is set.',
      resolve: (disk) => backingOf(disk).keyId !== undefined,
    }),
  }),
})
