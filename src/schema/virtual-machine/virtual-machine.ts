// VirtualMachine: the type. Its guest, disks, snapshots and change tracking have files of their own, and so have the ways to
// find one.

import {
  snapshotTree,
  virtualMachineComputeResource,
  virtualMachineDatastores,
  virtualMachineHost,
  virtualMachineNetworks,
  virtualMachinePool,
  virtualMachineVApp,
} from '../../planner/edges.ts'
import { knownValue } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { connectionTypes } from '../core/connection.ts'
import {
  nodeAt,
  reference,
  references,
  requires,
  requiresPaths,
  vimFields,
} from '../core/field-requirements.ts'
import { globMatcher, nameGlobDescription } from '../core/glob.ts'
import { clusterField, datacenterField, folderField, nameField } from '../core/managed-entity.ts'
import { count, megabytesToBytes, unsigned } from '../core/units.ts'
import { devicePath, disksOf } from './disk.ts'
import { findSnapshot, SnapshotLookup } from './snapshot-lookup.ts'
import { currentSnapshotOf, rootSnapshotsOf, snapshotsOf } from './snapshot-tree.ts'
import { filterByLabelAndKey, findDisk, VirtualDiskLookup } from './virtual-disk-lookup.ts'
import { PowerState } from './virtual-machine-connection.ts'

const { vimProperty, propertyOr } = vimFields('VirtualMachine')

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
const requiresSnapshots = requires((cursor) => nodeAt(cursor).follow(snapshotTree))

builder.objectType('VirtualMachine', {
  description:
    'A virtual machine or a template. vim25: VirtualMachine. While config is unset (its files cannot be read), what summary.config has too is read from there: uuid, instanceUuid, template, cpuCount, memory, guestId, guestFullName, annotation.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    name: t.string(nameField),
    uuid: t.string({
      description: 'config.uuid, the BIOS uuid. Copies can share it.',
      ...propertyOr('config.uuid', 'summary.config.uuid'),
    }),
    instanceUuid: t.string({
      description: 'config.instanceUuid: unique within a vCenter.',
      ...propertyOr('config.instanceUuid', 'summary.config.instanceUuid'),
    }),
    powerState: t.field({
      type: PowerState,
      description: 'runtime.powerState.',
      ...vimProperty('runtime.powerState', (state) => knownValue('VirtualMachinePowerState', state)),
    }),
    connectionState: t.field({
      type: ConnectionState,
      description: 'runtime.connectionState.',
      ...vimProperty('runtime.connectionState', (state) =>
        knownValue('VirtualMachineConnectionState', state),
      ),
    }),
    template: t.boolean({
      description: 'config.template.',
      ...propertyOr('config.template', 'summary.config.template'),
    }),
    cpuCount: t.int({
      description: 'config.hardware.numCPU: virtual CPUs.',
      ...propertyOr('config.hardware.numCPU', 'summary.config.numCpu', count),
    }),
    memory: t.field({
      type: 'BigInt',
      description: 'Memory in bytes: config.hardware.memoryMB.',
      ...propertyOr('config.hardware.memoryMB', 'summary.config.memorySizeMB', megabytesToBytes),
    }),
    hardwareVersion: t.string({
      description: 'config.version: that of its virtual hardware, such as vmx-21.',
      ...vimProperty('config.version'),
    }),
    guestId: t.string({
      description: 'config.guestId: the operating system that it is configured for, such as ubuntu64Guest.',
      ...propertyOr('config.guestId', 'summary.config.guestId'),
    }),
    guestFullName: t.string({
      description: 'config.guestFullName: the same in words. What really runs, guest.fullName says.',
      ...propertyOr('config.guestFullName', 'summary.config.guestFullName'),
    }),
    annotation: t.string({
      description: 'config.annotation: the notes.',
      ...propertyOr('config.annotation', 'summary.config.annotation'),
    }),
    bootTime: t.field({
      type: 'DateTime',
      description: 'runtime.bootTime: when it was powered on; null while it is off.',
      ...vimProperty('runtime.bootTime'),
    }),
    uptime: t.int({
      description: 'summary.quickStats.uptimeSeconds.',
      ...vimProperty('summary.quickStats.uptimeSeconds', count),
    }),
    cpuUsage: t.int({
      description: 'summary.quickStats.overallCpuUsage: MHz, as measured last.',
      ...vimProperty('summary.quickStats.overallCpuUsage', count),
    }),
    memoryUsage: t.field({
      type: 'BigInt',
      description: 'summary.quickStats.hostMemoryUsage in bytes: what it takes of its host’s memory.',
      ...vimProperty('summary.quickStats.hostMemoryUsage', megabytesToBytes),
    }),
    activeMemory: t.field({
      type: 'BigInt',
      description: 'summary.quickStats.guestMemoryUsage in bytes: what its guest used of late.',
      ...vimProperty('summary.quickStats.guestMemoryUsage', megabytesToBytes),
    }),
    storage: t.field({
      type: 'VirtualMachineStorage',
      description: 'The space that its files take: summary.storage.',
      resolve: (vm) => vm,
    }),
    consolidationNeeded: t.boolean({
      description: 'runtime.consolidationNeeded: whether snapshots that are gone left disks behind.',
      ...vimProperty('runtime.consolidationNeeded'),
    }),
    guest: t.field({
      type: 'Guest',
      description: 'What VMware Tools tell of the guest: guest.',
      resolve: (vm) => vm,
    }),
    changeTracking: t.field({
      type: 'ChangeTracking',
      description:
        'Whether changed blocks are tracked, and what is missing for changedAreas and allocatedAreas.',
      resolve: (vm) => vm,
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
        'The disks: the VirtualDisks in config.hardware.device. Null when the configuration cannot be read.',
      resolve: (vm, args) => filterByLabelAndKey(disksOf(vm), args) ?? null,
    }),
    disk: t.field({
      ...requiresPaths(devicePath),
      type: 'VirtualDisk',
      args: { by: t.arg({ type: VirtualDiskLookup, required: true, description: 'Which.' }) },
      description: 'One disk; null when there is none that fits.',
      resolve: (vm, { by }, context) => findDisk(disksOf(vm), vm.ref, by, context) ?? null,
    }),
    snapshots: t.field({
      ...requiresSnapshots,
      type: ['Snapshot'],
      nullable: { list: true, items: false },
      args: {
        name: t.arg.string({ description: nameGlobDescription }),
        olderThan: t.arg({ type: 'DateTime', description: 'Only those that were taken before.' }),
      },
      description: 'All snapshots of the tree, depth first: snapshot.rootSnapshotList.',
      resolve: (vm, { name, olderThan }) => {
        const matches = name == null ? () => true : globMatcher(name)
        return snapshotsOf(vm).filter(
          (snapshot) => matches(snapshot.name) && (!olderThan || snapshot.tree.createTime < olderThan),
        )
      },
    }),
    rootSnapshots: t.field({
      ...requiresSnapshots,
      type: ['Snapshot'],
      nullable: { list: true, items: false },
      description: 'The snapshots without a parent: snapshot.rootSnapshotList.',
      resolve: rootSnapshotsOf,
    }),
    currentSnapshot: t.field({
      ...requiresSnapshots,
      type: 'Snapshot',
      description:
        'The snapshot that the virtual machine runs on from: snapshot.currentSnapshot. Null without snapshots.',
      resolve: (vm) => currentSnapshotOf(vm) ?? null,
    }),
    snapshot: t.field({
      ...requiresSnapshots,
      type: 'Snapshot',
      args: { by: t.arg({ type: SnapshotLookup, required: true, description: 'Which.' }) },
      description: 'One snapshot; null when there is none that fits. A path that fits several is AMBIGUOUS.',
      resolve: (vm, { by }, context) => findSnapshot(vm, by, context) ?? null,
    }),
    datacenter: t.field(datacenterField),
    folder: t.field(folderField),
    host: t.field({
      type: 'HostSystem',
      description: 'The host that it is assigned to: runtime.host.',
      ...reference(virtualMachineHost),
    }),
    cluster: t.field({
      ...clusterField(virtualMachineComputeResource),
      ...requires((cursor) => {
        nodeAt(cursor).follow(virtualMachineHost).read('parent')
        return nodeAt(cursor).follow(virtualMachineComputeResource)
      }),
    }),
    resourcePool: t.field({
      type: 'ResourcePool',
      description: 'The pool or vApp that it draws on: resourcePool. Null for a template.',
      ...reference(virtualMachinePool),
    }),
    vApp: t.field({
      type: 'ResourcePool',
      description: 'The vApp that it is a part of: parentVApp.',
      ...reference(virtualMachineVApp),
    }),
    datastores: t.field({
      type: ['Datastore'],
      nullable: { list: true, items: false },
      description: 'The datastores that its files are on: datastore.',
      ...references(virtualMachineDatastores),
    }),
    networks: t.field({
      type: ['Network'],
      nullable: { list: true, items: false },
      description: 'The networks that it is connected to: network.',
      ...references(virtualMachineNetworks),
    }),
  }),
})

builder.objectType('VirtualMachineStorage', {
  description: 'The space that the files of a virtual machine take. vim25: VirtualMachineStorageSummary.',
  fields: (t) => ({
    committed: t.field({
      type: 'BigInt',
      description: 'summary.storage.committed: bytes that they take now.',
      ...vimProperty('summary.storage.committed', unsigned),
    }),
    uncommitted: t.field({
      type: 'BigInt',
      description: 'summary.storage.uncommitted: bytes that thin disks may yet take.',
      ...vimProperty('summary.storage.uncommitted', unsigned),
    }),
    unshared: t.field({
      type: 'BigInt',
      description: 'summary.storage.unshared: bytes that no other virtual machine takes with it.',
      ...vimProperty('summary.storage.unshared', unsigned),
    }),
  }),
})

connectionTypes('VirtualMachine', 'virtual machine')
