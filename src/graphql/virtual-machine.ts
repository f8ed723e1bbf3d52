// VirtualMachine: the type, and the ways to find one. Its disks, snapshots and change tracking have files of their own.

import type { GraphQLResolveInfo } from 'graphql'
import { ancestors, snapshotTree, virtualMachineDatastores, virtualMachineHost } from '../plan/traversals.ts'
import { knownValue } from '../soap/vim-types.ts'
import { badInput } from './api-error.ts'
import { builder } from './builder.ts'
import { connectionTypes, inventoryPage } from './connection.ts'
import type { Context } from './context.ts'
import { devicePath, disksOf } from './disk.ts'
import { fieldsOf, nodeAt, planned, reads } from './field-plan.ts'
import { globMatcher } from './glob.ts'
import { globalId, itsName, itsPath, itsVCenter, moid } from './identity-fields.ts'
import { decodeId } from './ids.ts'
import { findByInventoryPath, findByUuid, namesakes, selected, theOnly } from './lookup.ts'
import { findSnapshot, SnapshotBy } from './snapshot-by.ts'
import { rootSnapshotsOf, snapshotsOf } from './snapshot-tree.ts'
import { findDisk, VirtualDiskBy, withLabelAndKey } from './virtual-disk-by.ts'
import { inventoryVirtualMachines, PowerState, virtualMachineArgs } from './virtual-machine-connection.ts'

const { property, reference, references } = fieldsOf('VirtualMachine')

const ConnectionState = builder.enumType('ConnectionState', {
  description: 'VirtualMachineConnectionState: whether the vCenter can manage it.',
  values: {
    CONNECTED: { value: 'connected', description: 'It can.' },
    DISCONNECTED: { value: 'disconnected', description: 'Its host is not connected.' },
    ORPHANED: { value: 'orphaned', description: 'Its host does not know it any more.' },
    INACCESSIBLE: {
      value: 'inaccessible',
      description: 'Its files cannot be read; the configuration is unset.',
    },
    INVALID: { value: 'invalid', description: 'Its configuration is broken.' },
  } as const,
})

/** The selection below stands at the snapshots of the tree; the tree itself is the property `snapshot`. */
const atSnapshots = planned((cursor) => nodeAt(cursor).follow(snapshotTree))

builder.objectType('VirtualMachine', {
  description: 'A virtual machine or a template. vim25: VirtualMachine.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id(globalId),
    moid: t.string(moid('vm-62')),
    name: t.string(itsName),
    path: t.string(itsPath('/Frankfurt/vm/web/web-01')),
    uuid: t.string({
      description: 'config.uuid, the BIOS uuid. Copies can share it.',
      ...property('config.uuid'),
    }),
    instanceUuid: t.string({
      description: 'config.instanceUuid: unique within a vCenter.',
      ...property('config.instanceUuid'),
    }),
    powerState: t.field({
      type: PowerState,
      description: 'runtime.powerState.',
      ...property('runtime.powerState', (state) => knownValue('VirtualMachinePowerState', state)),
    }),
    connectionState: t.field({
      type: ConnectionState,
      description: 'runtime.connectionState.',
      ...property('runtime.connectionState', (state) => knownValue('VirtualMachineConnectionState', state)),
    }),
    template: t.boolean({ description: 'config.template.', ...property('config.template') }),
    cpuCount: t.int({
      description: 'config.hardware.numCPU: virtual CPUs.',
      ...property('config.hardware.numCPU'),
    }),
    memory: t.field({
      type: 'BigInt',
      description: 'Memory in bytes: config.hardware.memoryMB.',
      ...property('config.hardware.memoryMB', (megabytes) => megabytes * 1_048_576),
    }),
    guest: t.field({
      type: 'Guest',
      description: 'What VMware Tools tell of the guest: guest.',
      resolve: (vm) => vm,
    }),
    changeTracking: t.field({
      type: 'ChangeTracking',
      description: 'Whether changed blocks are tracked.',
      resolve: (vm) => vm,
    }),
    disks: t.field({
      ...reads(devicePath),
      type: ['VirtualDisk'],
      nullable: { list: true, items: false },
      args: {
        label: t.arg.string({ description: 'Only those with exactly this label.' }),
        key: t.arg.int({ description: 'Only the one with this key.' }),
      },
      description:
        'The disks: the VirtualDisks in config.hardware.device. Null when the configuration cannot be read.',
      resolve: (vm, args) => withLabelAndKey(disksOf(vm), args) ?? null,
    }),
    disk: t.field({
      ...reads(devicePath),
      type: 'VirtualDisk',
      args: { by: t.arg({ type: VirtualDiskBy, required: true, description: 'Which.' }) },
      description: 'One disk; null when there is none that fits.',
      resolve: (vm, { by }, context) => findDisk(disksOf(vm), vm.ref, by, context) ?? null,
    }),
    snapshots: t.field({
      ...atSnapshots,
      type: ['Snapshot'],
      nullable: { list: true, items: false },
      args: {
        name: t.arg.string({
          description: 'A glob on the name as it is shown: *, ?, [a-z], [!a-z], \\ escapes; case matters.',
        }),
        olderThan: t.arg({ type: 'DateTime', description: 'Only those that were taken before.' }),
      },
      description: 'All snapshots of the tree, depth first: snapshot.rootSnapshotList.',
      resolve: (vm, { name, olderThan }) => {
        const fits = name == null ? () => true : globMatcher(name)
        return snapshotsOf(vm).filter(
          (snapshot) => fits(snapshot.name) && (!olderThan || snapshot.tree.createTime < olderThan),
        )
      },
    }),
    rootSnapshots: t.field({
      ...atSnapshots,
      type: ['Snapshot'],
      nullable: { list: true, items: false },
      description: 'The snapshots without a parent: snapshot.rootSnapshotList.',
      resolve: rootSnapshotsOf,
    }),
    currentSnapshot: t.field({
      ...atSnapshots,
      type: 'Snapshot',
      description:
        'The snapshot that the virtual machine runs on from: snapshot.currentSnapshot. Null without snapshots.',
      resolve: (vm) => snapshotsOf(vm).find(({ isCurrent }) => isCurrent) ?? null,
    }),
    snapshot: t.field({
      ...atSnapshots,
      type: 'Snapshot',
      args: { by: t.arg({ type: SnapshotBy, required: true, description: 'Which.' }) },
      description: 'One snapshot; null when there is none that fits. A path that fits several is AMBIGUOUS.',
      resolve: (vm, { by }, context) => findSnapshot(vm, by, context) ?? null,
    }),
    datacenter: t.field({
      type: 'Datacenter',
      description: 'The datacenter that it is in: the nearest above it along parent.',
      ...reference(ancestors),
    }),
    host: t.field({
      type: 'HostSystem',
      description: 'The host that it is assigned to: runtime.host.',
      ...reference(virtualMachineHost),
    }),
    datastores: t.field({
      type: ['Datastore'],
      nullable: { list: true, items: false },
      description: 'The datastores that its files are on: datastore.',
      ...references(virtualMachineDatastores),
    }),
    vcenter: t.field(itsVCenter),
  }),
})

builder.objectType('Guest', {
  description: 'What VMware Tools tell of the guest; while it is off, what they told last. vim25: GuestInfo.',
  fields: (t) => ({
    hostName: t.string({ description: 'guest.hostName.', ...property('guest.hostName') }),
    ipAddress: t.string({ description: 'guest.ipAddress: the primary one.', ...property('guest.ipAddress') }),
    fullName: t.string({
      description: 'guest.guestFullName: the operating system that runs.',
      ...property('guest.guestFullName'),
    }),
    toolsRunning: t.boolean({
      description: 'guest.toolsRunningStatus: whether VMware Tools run.',
      ...property('guest.toolsRunningStatus', (status) => status === 'guestToolsRunning'),
    }),
  }),
})

connectionTypes('VirtualMachine', 'virtual machine')

export const VirtualMachineBy = builder.inputType('VirtualMachineBy', {
  description: 'One way to find a virtual machine.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Its global id.' }),
    name: t.string({ description: 'Its name, exactly as it is shown. Several may share it.' }),
    path: t.string({
      description: 'Its inventory path, such as "/Frankfurt/vm/web/web-01". Escapes as vSphere writes them.',
    }),
    uuid: t.string({ description: 'Its BIOS uuid: config.uuid. Several may share it.' }),
    instanceUuid: t.string({ description: 'Its instance uuid: config.instanceUuid.' }),
  }),
})

/** Finds a virtual machine's reference; undefined when nothing fits. AMBIGUOUS when several do. */
export async function findVirtualMachine(
  { id, name, path, uuid, instanceUuid }: typeof VirtualMachineBy.$inferInput,
  context: Context,
) {
  await context.vcenter.session.loggedIn(context.scope)
  if (id != null) return decodeId(context, id, ['VirtualMachine']).ref
  if (path != null) return findByInventoryPath(path, 'VirtualMachine', context)
  if (name != null)
    return theOnly(
      await namesakes('VirtualMachine', name, context),
      `the name ${JSON.stringify(name)}`,
      context,
    )
  if (uuid != null)
    return theOnly(await findByUuid(uuid, false, context), `the uuid ${JSON.stringify(uuid)}`, context)
  if (instanceUuid != null)
    return theOnly(
      await findByUuid(instanceUuid, true, context),
      `the instance uuid ${JSON.stringify(instanceUuid)}`,
      context,
    )
  throw badInput('`by` needs a value')
}

const resolveVirtualMachine = async (
  _root: unknown,
  { by }: { by: typeof VirtualMachineBy.$inferInput },
  context: Context,
  info: GraphQLResolveInfo,
) => {
  const ref = await findVirtualMachine(by, context)
  return ref ? ((await selected(ref, 'VirtualMachine', context, info)) ?? null) : null
}

builder.queryFields((t) => ({
  virtualMachines: t.field({
    type: 'VirtualMachineConnection',
    nullable: false,
    args: virtualMachineArgs(t.arg),
    description: 'The virtual machines and templates of the vCenter.',
    resolve: (_root, args, context, info) => inventoryPage(inventoryVirtualMachines, args, context, info),
  }),
  virtualMachine: t.field({
    type: 'VirtualMachine',
    args: { by: t.arg({ type: VirtualMachineBy, required: true, description: 'Which.' }) },
    description:
      'One virtual machine; null when nothing fits, AMBIGUOUS (with the candidates) when several do.',
    resolve: resolveVirtualMachine,
  }),
}))
