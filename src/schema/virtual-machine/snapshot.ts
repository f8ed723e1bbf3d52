// Snapshot: a point in time of a virtual machine. The facts come from the tree, the frozen disks from the snapshot object.

import { snapshotTree } from '../../planner/edges.ts'
import { knownValue } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { nodeAt, requires, requiresPaths } from '../core/field-requirements.ts'
import { encodeId } from '../core/ids.ts'
import { int32 } from '../core/units.ts'
import { devicePath, frozenDisksOf } from './disk.ts'
import { snapshotSize } from './file-layout.ts'
import { lineageOf } from './snapshot-tree.ts'
import { virtualMachineNode } from './virtual-disk.ts'
import { filterByLabelAndKey, findDisk, VirtualDiskLookup } from './virtual-disk-lookup.ts'
import { PowerState } from './virtual-machine-connection.ts'

/** What is asked of another snapshot of the tree is asked of all of them: which one it is, only the tree tells. */
const requiresSnapshotTree = requires((cursor) => virtualMachineNode(nodeAt(cursor)).follow(snapshotTree))

builder.objectType('Snapshot', {
  description:
    'A snapshot of a virtual machine. vim25: VirtualMachineSnapshotTree, and VirtualMachineSnapshot for what is frozen in it.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'The global id.',
      resolve: ({ tree }, _, context) => encodeId(context, tree.snapshot),
    }),
    moid: t.string({
      nullable: false,
      description: 'The managed object id, such as snapshot-105.',
      resolve: ({ tree }) => tree.snapshot.value,
    }),
    name: t.exposeString('name', {
      nullable: false,
      description: 'name, with its escapes (%2f %5c %25) decoded, also if it was escaped twice. Not unique.',
    }),
    description: t.string({ description: 'description.', resolve: ({ tree }) => tree.description }),
    number: t.int({
      nullable: false,
      description: 'id: unique among the snapshots of its virtual machine.',
      resolve: ({ tree }) => int32(tree.id ?? 0),
    }),
    path: t.exposeString('path', {
      nullable: false,
      description: 'The names from the root of the tree down to it, "base/after-patch". Escapes stay.',
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'createTime.',
      resolve: ({ tree }) => tree.createTime,
    }),
    ageSeconds: t.int({
      nullable: false,
      description: 'How long ago that was, in whole seconds by the gateway’s clock; never less than 0.',
      resolve: ({ tree }) => Math.max(0, Math.floor((Date.now() - tree.createTime.getTime()) / 1000)),
    }),
    size: t.field({
      ...requires((cursor) => {
        virtualMachineNode(nodeAt(cursor)).read('layoutEx')
        return undefined
      }),
      type: 'BigInt',
      description:
        'The bytes that are there because of it, as vCenter saw them last (layoutEx): its own data, its memory, and the delta files written between its parent and it; of the current snapshot also those that are being written. The base disks, and the files that a linked clone is built on, are in none. Null when vCenter does not list it.',
      resolve: (snapshot) => snapshotSize(snapshot) ?? null,
    }),
    depth: t.int({
      nullable: false,
      description:
        'Its place in the chain: 1 at the root of the tree. ESXi has at most 32: on one of depth 32 no other can be taken.',
      resolve: (snapshot) => [...lineageOf(snapshot)].length,
    }),
    powerState: t.field({
      type: PowerState,
      description: 'state: the power state to which a revert returns. Without memory that is POWERED_OFF.',
      resolve: ({ tree }) => knownValue('VirtualMachinePowerState', tree.state) ?? null,
    }),
    quiesced: t.boolean({
      description: 'quiesced: whether the file systems of the guest were brought to rest.',
      resolve: ({ tree }) => tree.quiesced,
    }),
    isCurrent: t.exposeBoolean('isCurrent', {
      nullable: false,
      description: 'Whether the virtual machine runs on from it: snapshot.currentSnapshot.',
    }),
    parent: t.field({
      ...requiresSnapshotTree,
      type: 'Snapshot',
      description: 'The snapshot that it was taken on; null at the root of the tree.',
      resolve: ({ parent }) => parent ?? null,
    }),
    children: t.field({
      ...requiresSnapshotTree,
      type: ['Snapshot'],
      nullable: { list: false, items: false },
      description: 'childSnapshotList: those that were taken on it.',
      resolve: ({ children }) => children,
    }),
    virtualMachine: t.field({
      ...requires((cursor) => virtualMachineNode(nodeAt(cursor))),
      type: 'VirtualMachine',
      nullable: false,
      description: 'The virtual machine that it is of.',
      resolve: ({ vm }) => vm,
    }),
    disks: t.field({
      ...requiresPaths(devicePath),
      type: ['VirtualDisk'],
      nullable: { list: true, items: false },
      args: {
        label: t.arg.string({ description: 'Only those with exactly this label.' }),
        key: t.arg.int({ description: 'Only the one with this key.' }),
      },
      description:
        'The disks frozen in it: config.hardware.device of the snapshot. Independent disks and physical RDMs are in no snapshot.',
      resolve: (snapshot, args) => filterByLabelAndKey(frozenDisksOf(snapshot), args) ?? null,
    }),
    disk: t.field({
      ...requiresPaths(devicePath),
      type: 'VirtualDisk',
      args: { by: t.arg({ type: VirtualDiskLookup, required: true, description: 'Which.' }) },
      description: 'One disk frozen in it; null when there is none that fits.',
      resolve: (snapshot, { by }, context) =>
        findDisk(frozenDisksOf(snapshot), snapshot.tree.snapshot, by, context) ?? null,
    }),
  }),
})
