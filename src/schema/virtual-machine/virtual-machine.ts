// VirtualMachine: declares the type. Separate files declare its snapshot fields, guest, disks, change tracking, connection and lookup.

import {
  virtualMachineComputeResource,
  virtualMachineDatastores,
  virtualMachineHost,
  virtualMachineNetworks,
  virtualMachinePool,
  virtualMachineVApp,
} from '../../planner/edges.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { nodeAt, reference, references, requires } from '../core/field-requirements.ts'
import { clusterField, datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { megabytesToBytes, nonNegative, nonNegativeInt } from '../core/units.ts'
import { vimEnum } from '../core/vim-enum.ts'
import { disksOf } from './disks/disk.ts'
import { diskOptions, disksOptions } from './disks/disk-fields.ts'
import { PowerState } from './virtual-machine-connection.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    VirtualMachine: true
  }
}

const ConnectionState = vimEnum('ConnectionState', {
  vimType: 'VirtualMachineConnectionState',
  description: 'The connection between vCenter and a virtual machine.',
  values: {
    connected: ['CONNECTED', 'vCenter can manage the virtual machine.'],
    disconnected: ['DISCONNECTED', 'Its host is not connected to vCenter.'],
    orphaned: ['ORPHANED', 'It is no longer registered on its host.'],
    inaccessible: ['INACCESSIBLE', 'Its files cannot be accessed, so its configuration is unset.'],
    invalid: ['INVALID', 'Its configuration is invalid.'],
  },
})

registerEntity('VirtualMachine')

builder.objectType('VirtualMachine', {
  description:
    'A virtual machine or a template. While `config` is unset because its files cannot be accessed, the gateway reads these fields from `summary.config`: uuid, instanceUuid, template, cpuCount, memory, hardwareVersion, configuredGuestId, configuredGuestFullName and annotation. vim25: `VirtualMachine`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    uuid: t.vimProperty('config.uuid', {
      derives: { only: 'filter' },
      type: 'String',
      description: 'BIOS (SMBIOS) UUID. Copies of a virtual machine can share it. Source: `config.uuid`.',
      fallback: 'summary.config.uuid',
    }),
    instanceUuid: t.vimProperty('config.instanceUuid', {
      derives: { only: 'filter' },
      type: 'String',
      description: 'Instance UUID, unique within a vCenter. Source: `config.instanceUuid`.',
      fallback: 'summary.config.instanceUuid',
    }),
    powerState: t.vimProperty('runtime.powerState', {
      ...PowerState,
      description: 'Power state of the virtual machine. Source: `runtime.powerState`.',
    }),
    connectionState: t.vimProperty('runtime.connectionState', {
      ...ConnectionState,
      description: 'Whether vCenter can manage the virtual machine. Source: `runtime.connectionState`.',
    }),
    template: t.vimProperty('config.template', {
      type: 'Boolean',
      description: 'Whether it is a template. Source: `config.template`.',
      fallback: 'summary.config.template',
    }),
    cpuCount: t.vimProperty('config.hardware.numCPU', {
      derives: { group: true, statistics: 'count' },
      type: 'Int',
      description: 'Number of virtual CPUs. Source: `config.hardware.numCPU`.',
      fallback: 'summary.config.numCpu',
      decode: nonNegativeInt,
    }),
    memory: t.vimProperty('config.hardware.memoryMB', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description: 'Configured memory, in bytes. Source: `config.hardware.memoryMB`.',
      fallback: 'summary.config.memorySizeMB',
      decode: megabytesToBytes,
    }),
    hardwareVersion: t.vimProperty('config.version', {
      derives: { group: true },
      type: 'String',
      description:
        'Version of the virtual hardware, such as `vmx-21`. Source: `config.version`, otherwise `summary.config.hwVersion` (vSphere 7.0 and later).',
      fallback: 'summary.config.hwVersion',
    }),
    configuredGuestId: t.vimProperty('config.guestId', {
      derives: { only: 'filter' },
      type: 'String',
      description:
        'Identifier of the configured guest operating system, such as `ubuntu64Guest`. Source: `config.guestId`.',
      fallback: 'summary.config.guestId',
    }),
    configuredGuestFullName: t.vimProperty('config.guestFullName', {
      derives: { group: true },
      type: 'String',
      description:
        'Name of the configured guest operating system. `guest.fullName` is the name of the one that VMware Tools finds in the guest. Source: `config.guestFullName`.',
      fallback: 'summary.config.guestFullName',
    }),
    annotation: t.vimProperty('config.annotation', {
      derives: { only: 'filter' },
      type: 'String',
      description: 'Notes about the virtual machine. Source: `config.annotation`.',
      fallback: 'summary.config.annotation',
    }),
    bootTime: t.vimProperty('runtime.bootTime', {
      type: 'DateTime',
      description: 'When it was last powered on. Null while it is powered off. Source: `runtime.bootTime`.',
    }),
    uptime: t.vimProperty('summary.quickStats.uptimeSeconds', {
      type: 'Int',
      description: 'Time since it was started, in seconds. Source: `summary.quickStats.uptimeSeconds`.',
      decode: nonNegativeInt,
    }),
    cpuUsage: t.vimProperty('summary.quickStats.overallCpuUsage', {
      derives: { statistics: 'MHz' },
      type: 'Int',
      description: 'CPU usage at the last measurement, in MHz. Source: `summary.quickStats.overallCpuUsage`.',
      decode: nonNegativeInt,
    }),
    memoryUsage: t.vimProperty('summary.quickStats.hostMemoryUsage', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description:
        'Host memory that it consumes, in bytes. Source: `summary.quickStats.hostMemoryUsage` (MB).',
      decode: megabytesToBytes,
    }),
    activeMemory: t.vimProperty('summary.quickStats.guestMemoryUsage', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description:
        'Memory that the guest has actively used recently, in bytes. Source: `summary.quickStats.guestMemoryUsage` (MB).',
      decode: megabytesToBytes,
    }),
    storage: t.field({
      derives: { flat: true },
      type: VirtualMachineStorage,
      description: 'Storage space that its files use. Source: `summary.storage`.',
      resolve: (vm) => vm,
    }),
    consolidationNeeded: t.vimProperty('runtime.consolidationNeeded', {
      type: 'Boolean',
      description:
        'Whether removed snapshots have left disk files behind, so that the disks need consolidation. Source: `runtime.consolidationNeeded`.',
    }),
    guest: t.field({
      derives: { flat: true },
      type: 'Guest',
      description: 'Data that VMware Tools reports about the guest operating system. Source: `guest`.',
      resolve: (vm) => vm,
    }),
    changeTracking: t.field({
      derives: { flat: true },
      type: 'ChangeTracking',
      description:
        'The state of changed block tracking (CBT), and what prevents `changedAreas` and `allocatedAreas`.',
      resolve: (vm) => vm,
    }),
    disks: t.field({
      ...disksOptions(t.arg, 'VirtualMachine', disksOf),
      description:
        'The virtual disks. Null if the configuration cannot be read. Source: the VirtualDisk devices in `config.hardware.device`.',
    }),
    disk: t.field({
      ...diskOptions(t.arg, disksOf, (vm) => vm),
      description:
        'Finds one disk. Returns null if no disk matches, and the error AMBIGUOUS with the candidates if several do.',
    }),
    datacenter: t.field(datacenterField),
    folder: t.field(folderField),
    host: t.field({
      type: 'HostSystem',
      description: 'The host that it is registered on. Source: `runtime.host`.',
      ...reference(virtualMachineHost),
    }),
    cluster: t.field({
      ...clusterField(virtualMachineComputeResource),
      ...requires((position) => {
        nodeAt(position).follow(virtualMachineHost).read('parent')
        return nodeAt(position).follow(virtualMachineComputeResource)
      }),
    }),
    resourcePool: t.field({
      type: 'ResourcePool',
      description:
        'The resource pool or vApp that it takes resources from. Null for a template. Source: `resourcePool`.',
      ...reference(virtualMachinePool),
    }),
    vApp: t.field({
      type: 'ResourcePool',
      description: 'The vApp that it belongs to. Null if it is in none. Source: `parentVApp`.',
      ...reference(virtualMachineVApp),
    }),
    datastores: t.field({
      type: ['Datastore'],
      nullable: { list: true, items: false },
      description: 'The datastores that hold its files. Source: `datastore`.',
      ...references(virtualMachineDatastores),
    }),
    networks: t.field({
      type: ['Network'],
      nullable: { list: true, items: false },
      description: 'The networks that it is connected to. Source: `network`.',
      ...references(virtualMachineNetworks),
    }),
  }),
})

const VirtualMachineStorage = builder
  .objectRef<ManagedObject<'VirtualMachine'>>('VirtualMachineStorage')
  .implement({
    description:
      'Storage space that the files of a virtual machine use. vim25: `VirtualMachineStorageSummary`.',
    fields: (t) => ({
      committed: t.vimProperty('summary.storage.committed', {
        derives: { statistics: 'bytes' },
        type: 'BigInt',
        description: 'Space that its files use now, in bytes. Source: `summary.storage.committed`.',
        decode: nonNegative,
      }),
      uncommitted: t.vimProperty('summary.storage.uncommitted', {
        derives: { statistics: 'bytes' },
        type: 'BigInt',
        description:
          'Additional space that its thin-provisioned disks may still allocate, in bytes. Source: `summary.storage.uncommitted`.',
        decode: nonNegative,
      }),
      unshared: t.vimProperty('summary.storage.unshared', {
        derives: { statistics: 'bytes' },
        type: 'BigInt',
        description:
          'Space that it does not share with other virtual machines, in bytes. Source: `summary.storage.unshared`.',
        decode: nonNegative,
      }),
    }),
  })
