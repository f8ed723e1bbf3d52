// Snapshot: the frozen state of a virtual machine at a point in time. Most fields come from the snapshot tree of the virtual
// machine; the frozen disks come from the snapshot object.

import { snapshotTree } from '../../../planner/edges.ts'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import { builder } from '../../builder.ts'
import { nodeAt, requires } from '../../core/field-requirements.ts'
import { encodeId } from '../../core/nodes/ids.ts'
import { loadManagedObjects } from '../../core/nodes/load-node.ts'
import { registerNode } from '../../core/nodes/node-registry.ts'
import { int32 } from '../../core/units.ts'
import { frozenDisksOf } from '../disks/disk.ts'
import { diskOptions, disksOptions } from '../disks/disk-fields.ts'
import { snapshotSize } from '../disks/file-layout.ts'
import { virtualMachineNode } from '../disks/virtual-disk.ts'
import { PowerState } from '../virtual-machine-connection.ts'
import { lineageOf, ownerPlanNode, type SnapshotNode, snapshotOf } from './snapshot-tree.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    Snapshot: SnapshotNode
  }
}

/** Requires the selection of all snapshots of the tree. Which one is the parent or a child is known only after the tree is read. */
const requiresSnapshotTree = requires((position) => virtualMachineNode(nodeAt(position)).follow(snapshotTree))

registerNode<SnapshotNode>({
  name: 'Snapshot',
  managedTypes: ['VirtualMachineSnapshot'],
  isTypeOf: (value) => 'tree' in value && 'isCurrent' in value,
  load: loadManagedObjects({
    planNode: ownerPlanNode,
    toValue: (object) => snapshotOf(object as ManagedObject<'VirtualMachineSnapshot'>),
  }),
})

builder.objectType('Snapshot', {
  description:
    'A snapshot of a virtual machine. vim25: `VirtualMachineSnapshotTree`, and `VirtualMachineSnapshot` for the frozen configuration.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Global id.',
      resolve: ({ vm, tree }, _, { vcenters }) => encodeId(vcenters.of(vm), tree.snapshot),
    }),
    moid: t.string({
      derives: { only: 'filter' },
      nullable: false,
      description: 'Managed object id, such as `snapshot-105`.',
      resolve: ({ tree }) => tree.snapshot.value,
    }),
    name: t.exposeString('name', {
      nullable: false,
      description:
        'Name of the snapshot, which need not be unique. The escapes %2f, %5c and %25 are decoded, even if the name was escaped twice. Source: `name`.',
    }),
    description: t.string({
      derives: { only: 'filter' },
      description: 'Description of the snapshot. Source: `description`.',
      resolve: ({ tree }) => tree.description,
    }),
    number: t.int({
      derives: { only: 'filter' },
      nullable: false,
      description: 'Number that is unique among the snapshots of its virtual machine. Source: `id`.',
      resolve: ({ tree }) => int32(tree.id ?? 0),
    }),
    path: t.exposeString('path', {
      nullable: false,
      description:
        'The names from the root of the snapshot tree down to the snapshot, such as "base/after-patch", with escapes (%2f, %5c, %25) as vSphere writes them.',
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When the snapshot was created. Source: `createTime`.',
      resolve: ({ tree }) => tree.createTime,
    }),
    ageSeconds: t.int({
      derives: { only: 'filter' },
      nullable: false,
      description:
        'Age of the snapshot in whole seconds, by the gateway’s clock. Never less than 0. Source: `createTime`.',
      resolve: ({ tree }) => Math.max(0, Math.floor((Date.now() - tree.createTime.getTime()) / 1000)),
    }),
    size: t.field({
      derives: { statistics: 'bytes' },
      ...requires((position) => {
        virtualMachineNode(nodeAt(position)).read('layoutEx')
        return undefined
      }),
      type: 'BigInt',
      description:
        'Space that the snapshot uses, in bytes, at vCenter’s last refresh: its own data, its memory, and the delta files that were written between its parent and it. The current snapshot also includes the delta files that are being written now. Base disks, and the files that a linked clone is built on, are not counted. Null if vCenter does not list the files. Source: `layoutEx`.',
      resolve: (snapshot) => snapshotSize(snapshot) ?? null,
    }),
    depth: t.int({
      nullable: false,
      description:
        'Level in the snapshot chain; 1 at the root of the tree. ESXi supports at most 32 levels: no snapshot can be created on top of one at depth 32.',
      resolve: (snapshot) => [...lineageOf(snapshot)].length,
    }),
    powerState: t.field({
      type: PowerState.type,
      description:
        'The power state after a revert to this snapshot. It is POWERED_OFF for a snapshot without memory. Source: `state`.',
      resolve: ({ tree }) => PowerState.decode(tree.state) ?? null,
    }),
    quiesced: t.boolean({
      description:
        'Whether the file systems of the guest were quiesced when the snapshot was created. Source: `quiesced`.',
      resolve: ({ tree }) => tree.quiesced,
    }),
    isCurrent: t.exposeBoolean('isCurrent', {
      nullable: false,
      description:
        'Whether the current state of the virtual machine is based on this snapshot. Source: `snapshot.currentSnapshot`.',
    }),
    parent: t.field({
      derives: { nothing: 'it leads back to the snapshots of the same tree' },
      ...requiresSnapshotTree,
      type: 'Snapshot',
      description: 'The snapshot that this one is based on. Null at the root of the tree.',
      resolve: ({ parent }) => parent ?? null,
    }),
    children: t.field({
      derives: { nothing: 'they lead back to the snapshots of the same tree' },
      ...requiresSnapshotTree,
      type: ['Snapshot'],
      nullable: { list: false, items: false },
      description: 'The snapshots that are based on this one. Source: `childSnapshotList`.',
      resolve: ({ children }) => children,
    }),
    virtualMachine: t.field({
      ...requires((position) => virtualMachineNode(nodeAt(position))),
      type: 'VirtualMachine',
      nullable: false,
      description: 'The virtual machine that the snapshot belongs to.',
      resolve: ({ vm }) => vm,
    }),
    disks: t.field({
      derives: { nothing: 'they are read from the snapshot object, one retrieval more' },
      ...disksOptions(t.arg, 'VirtualMachineSnapshot', frozenDisksOf),
      description:
        'The disks frozen in the snapshot. Snapshots do not include independent disks and physical RDMs. Source: `config.hardware.device` of the snapshot.',
    }),
    disk: t.field({
      ...diskOptions(t.arg, frozenDisksOf, ({ object }) => object),
      description:
        'Finds one disk frozen in the snapshot. Returns null if no disk matches, and the error AMBIGUOUS with the candidates if several do.',
    }),
  }),
})
