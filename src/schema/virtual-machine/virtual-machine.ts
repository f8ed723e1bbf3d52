// VirtualMachine: declares the type, its state, its parts and its surroundings. Separate files declare identity, hardware, usage,
// guest, disks, network adapters, snapshots, change tracking, connection and lookup.

import {
  virtualMachineComputeResource,
  virtualMachineDatastores,
  virtualMachineHost,
  virtualMachineNetworks,
  virtualMachinePool,
  virtualMachineVApp,
} from '../../planner/edges.ts'
import { builder } from '../builder.ts'
import { nodeAt, reference, references, requires } from '../core/field-requirements.ts'
import { clusterField, datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
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
    'A virtual machine or a template. While `config` is unset because its files cannot be accessed, the gateway reads these fields from `summary.config`: uuid, instanceUuid, template, annotation, vmPathName, cpuCount, memory, hardwareVersion, configuredGuestId and configuredGuestFullName. vim25: `VirtualMachine`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    powerState: t.vimProperty('runtime.powerState', {
      ...PowerState,
      description: 'Power state of the virtual machine. Source: `runtime.powerState`.',
    }),
    connectionState: t.vimProperty('runtime.connectionState', {
      ...ConnectionState,
      description: 'Whether vCenter can manage the virtual machine. Source: `runtime.connectionState`.',
    }),
    bootTime: t.vimProperty('runtime.bootTime', {
      type: 'DateTime',
      description: 'When it was last powered on. Null while it is powered off. Source: `runtime.bootTime`.',
    }),
    consolidationNeeded: t.vimProperty('runtime.consolidationNeeded', {
      type: 'Boolean',
      description:
        'Whether removed snapshots have left disk files behind, so that the disks need consolidation. Source: `runtime.consolidationNeeded`.',
    }),
    suspendedAt: t.vimProperty('runtime.suspendTime', {
      type: 'DateTime',
      description: 'When it was last suspended. Source: `runtime.suspendTime`.',
    }),
    pendingQuestion: t.vimProperty('runtime.question.text', {
      derives: { only: 'filter' },
      type: 'String',
      description:
        'A question that blocks it until somebody answers it in vSphere. Null if there is none. Source: `runtime.question.text`.',
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
