// VirtualDisk: a disk now or frozen in a snapshot, its backing, and the way to its changed areas (changed-areas/).

import { snapshotVirtualMachine, virtualMachineDatastores } from '../../planner/edges.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import { builder } from '../builder.ts'
import { nodeAt, requires } from '../core/field-requirements.ts'
import { encodeId } from '../core/ids.ts'
import { count, int32 } from '../core/units.ts'
import { backingOf, capacityOf, ownerOf } from './disk.ts'

/** The place of the virtual machine that a disk or snapshot planned here belongs to. */
export const virtualMachineNode = (node: PlanNode): PlanNode =>
  node.type === 'VirtualMachine' ? node : (node.owner ?? node.follow(snapshotVirtualMachine))

builder.objectType('VirtualDisk', {
  description:
    'A disk of a virtual machine now, or the same disk frozen in a snapshot (then `snapshot` is set). Its id names the slot (key) of its virtual machine or snapshot; uuid tells whether two of them are the same disk. vim25: VirtualDisk.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'The global id of the slot: virtual machine or snapshot, and key.',
      resolve: (disk, _, context) => encodeId(context, ownerOf(disk), disk.device.key),
    }),
    key: t.int({
      nullable: false,
      description:
        'VirtualDisk.key, the deviceKey of QueryChangedDiskAreas. Different virtual machines share the same keys.',
      resolve: ({ device }) => int32(device.key),
    }),
    uuid: t.string({
      description: 'backing.uuid: the same live and in every snapshot.',
      resolve: (disk) => backingOf(disk).uuid ?? null,
    }),
    label: t.string({
      description: 'deviceInfo.label, in the language of the vCenter: "Hard disk 1", "Festplatte 1".',
      resolve: ({ device }) => device.deviceInfo?.label ?? null,
    }),
    capacity: t.field({
      type: 'BigInt',
      description: 'Size in bytes: capacityInBytes.',
      resolve: (disk) => capacityOf(disk) ?? null,
    }),
    unitNumber: t.int({
      description: 'unitNumber: the slot on its controller.',
      resolve: ({ device }) => count(device.unitNumber ?? -1),
    }),
    controllerKey: t.int({
      description: 'controllerKey: the key of the controller that it hangs on.',
      resolve: ({ device }) => count(device.controllerKey ?? -1),
    }),
    backing: t.field({
      type: 'DiskBacking',
      description: 'What the disk is stored in: backing.',
      resolve: (disk) => (disk.device.backing ? disk : null),
    }),
    changeId: t.string({
      description:
        'backing.changeId. In a snapshot: store it, it stays a valid starting point for changedAreas when the snapshot is gone. On a live disk it is a passing value. Null when the disk is not tracked.',
      resolve: (disk) => backingOf(disk).changeId ?? null,
    }),
    virtualMachine: t.field({
      ...requires((cursor) => virtualMachineNode(nodeAt(cursor))),
      type: 'VirtualMachine',
      nullable: false,
      description: 'The virtual machine whose disk it is.',
      resolve: ({ vm }) => vm,
    }),
    snapshot: t.field({
      ...requires((cursor) => (nodeAt(cursor).type === 'VirtualMachineSnapshot' ? cursor : undefined)),
      type: 'Snapshot',
      description: 'The snapshot that it is frozen in; null for a disk as it is now.',
      resolve: ({ snapshot }) => snapshot ?? null,
    }),
  }),
})

builder.objectType('DiskBacking', {
  description: 'What a disk is stored in. vim25: VirtualDeviceBackingInfo.',
  fields: (t) => ({
    type: t.string({
      nullable: false,
      description: 'The vim25 type of the backing, such as VirtualDiskFlatVer2BackingInfo.',
      resolve: (disk) => backingOf(disk)._typeName ?? 'VirtualDeviceBackingInfo',
    }),
    fileName: t.string({
      description: 'backing.fileName (or descriptorFileName): "[datastore] folder/file.vmdk".',
      resolve: (disk) => backingOf(disk).fileName ?? backingOf(disk).descriptorFileName ?? null,
    }),
    datastore: t.field({
      // References inside data objects cannot be traversed; the virtual machine's own datastores are the same objects.
      ...requires((cursor) => virtualMachineNode(nodeAt(cursor)).follow(virtualMachineDatastores)),
      type: 'Datastore',
      description: 'backing.datastore: where the file is.',
      resolve: (disk) => {
        const { datastore } = backingOf(disk)
        return datastore ? disk.vm.objectCache.get<'Datastore'>(datastore) : null
      },
    }),
    diskMode: t.string({
      description:
        'backing.diskMode: persistent, independent_persistent, ... Independent disks are not in snapshots.',
      resolve: (disk) => backingOf(disk).diskMode ?? null,
    }),
    thinProvisioned: t.boolean({
      description: 'backing.thinProvisioned: whether space is taken only when written.',
      resolve: (disk) => backingOf(disk).thinProvisioned ?? null,
    }),
  }),
})
