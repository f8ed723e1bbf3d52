// HostSystem: the hosts that virtual machines run on.

import {
  hostComputeResource,
  hostDatastores,
  hostNetworks,
  hostVirtualMachines,
} from '../../planner/edges.ts'
import { knownValue } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { connectionField } from '../core/connection.ts'
import { reference, references, vimFields } from '../core/field-requirements.ts'
import { clusterField, datacenterField } from '../core/managed-entity.ts'
import { namedConnection } from '../core/named-connection.ts'
import { sortFieldsOf } from '../core/ordering.ts'
import { rootFields } from '../core/root-fields.ts'
import { count, megabytesToBytes, unsigned } from '../core/units.ts'
import { virtualMachineArgs, virtualMachinesVia } from '../virtual-machine/virtual-machine-connection.ts'

const { vimProperty } = vimFields('HostSystem')

const HostConnectionState = builder.enumType('HostConnectionState', {
  description: 'HostSystemConnectionState: whether the vCenter can manage it.',
  values: {
    CONNECTED: { value: 'connected', description: 'It can.' },
    NOT_RESPONDING: { value: 'notResponding', description: 'It does not answer.' },
    DISCONNECTED: { value: 'disconnected', description: 'Someone disconnected it.' },
  } as const,
})

const HostPowerState = builder.enumType('HostPowerState', {
  description: 'HostSystemPowerState.',
  values: {
    POWERED_ON: { value: 'poweredOn', description: 'It runs.' },
    POWERED_OFF: { value: 'poweredOff', description: 'It was shut down through the vCenter.' },
    STANDBY: { value: 'standBy', description: 'Power management put it to sleep.' },
    UNKNOWN: { value: 'unknown', description: 'It is disconnected or does not answer.' },
  } as const,
})

builder.objectType('HostSystem', {
  description: 'An ESXi host. vim25: HostSystem.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    uuid: t.string({
      description: 'summary.hardware.uuid: that of its mainboard.',
      ...vimProperty('summary.hardware.uuid'),
    }),
    vendor: t.string({ description: 'summary.hardware.vendor.', ...vimProperty('summary.hardware.vendor') }),
    model: t.string({ description: 'summary.hardware.model.', ...vimProperty('summary.hardware.model') }),
    cpuModel: t.string({
      description: 'summary.hardware.cpuModel.',
      ...vimProperty('summary.hardware.cpuModel'),
    }),
    cpuMhz: t.int({
      description: 'summary.hardware.cpuMhz: MHz of one core.',
      ...vimProperty('summary.hardware.cpuMhz', count),
    }),
    cpuPackages: t.int({
      description: 'summary.hardware.numCpuPkgs: processors.',
      ...vimProperty('summary.hardware.numCpuPkgs', count),
    }),
    cpuCores: t.int({
      description: 'summary.hardware.numCpuCores: of all processors.',
      ...vimProperty('summary.hardware.numCpuCores', count),
    }),
    cpuThreads: t.int({
      description: 'summary.hardware.numCpuThreads: of all processors.',
      ...vimProperty('summary.hardware.numCpuThreads', count),
    }),
    memory: t.field({
      type: 'BigInt',
      description: 'summary.hardware.memorySize: bytes.',
      ...vimProperty('summary.hardware.memorySize', unsigned),
    }),
    cpuUsage: t.int({
      description: 'summary.quickStats.overallCpuUsage: MHz, as measured last.',
      ...vimProperty('summary.quickStats.overallCpuUsage', count),
    }),
    memoryUsage: t.field({
      type: 'BigInt',
      description: 'summary.quickStats.overallMemoryUsage in bytes, as measured last.',
      ...vimProperty('summary.quickStats.overallMemoryUsage', megabytesToBytes),
    }),
    uptime: t.int({
      description: 'summary.quickStats.uptime: seconds.',
      ...vimProperty('summary.quickStats.uptime', count),
    }),
    bootTime: t.field({
      type: 'DateTime',
      description: 'runtime.bootTime.',
      ...vimProperty('runtime.bootTime'),
    }),
    version: t.string({
      description: 'summary.config.product.version: that of its ESXi.',
      ...vimProperty('summary.config.product.version'),
    }),
    build: t.string({
      description: 'summary.config.product.build.',
      ...vimProperty('summary.config.product.build'),
    }),
    fullName: t.string({
      description: 'summary.config.product.fullName: product, version and build.',
      ...vimProperty('summary.config.product.fullName'),
    }),
    connectionState: t.field({
      type: HostConnectionState,
      description: 'runtime.connectionState.',
      ...vimProperty('runtime.connectionState', (state) => knownValue('HostSystemConnectionState', state)),
    }),
    powerState: t.field({
      type: HostPowerState,
      description: 'runtime.powerState.',
      ...vimProperty('runtime.powerState', (state) => knownValue('HostSystemPowerState', state)),
    }),
    inMaintenanceMode: t.boolean({
      description: 'runtime.inMaintenanceMode.',
      ...vimProperty('runtime.inMaintenanceMode'),
    }),
    computeResource: t.field({
      type: 'ComputeResource',
      description: 'The cluster that it is in, or what stands around it alone: parent.',
      ...reference(hostComputeResource),
    }),
    cluster: t.field(clusterField(hostComputeResource)),
    datacenter: t.field(datacenterField),
    virtualMachines: t.field({
      ...connectionField(virtualMachinesVia(hostVirtualMachines)),
      type: 'VirtualMachineConnection',
      args: virtualMachineArgs(t.arg),
      description: 'The virtual machines and templates on it: vm.',
    }),
    datastores: t.field({
      type: ['Datastore'],
      nullable: { list: true, items: false },
      description: 'The datastores that it has mounted: datastore.',
      ...references(hostDatastores),
    }),
    networks: t.field({
      type: ['Network'],
      nullable: { list: true, items: false },
      description: 'The networks that it has: network.',
      ...references(hostNetworks),
    }),
  }),
})

const by = sortFieldsOf('HostSystem')

export const hosts = namedConnection('HostSystem', 'host', {
  CPU_USAGE: by('summary.quickStats.overallCpuUsage', 'summary.quickStats.overallCpuUsage.'),
  MEMORY_USAGE: by('summary.quickStats.overallMemoryUsage', 'summary.quickStats.overallMemoryUsage.'),
  MEMORY: by('summary.hardware.memorySize', 'summary.hardware.memorySize.'),
  UPTIME: by('summary.quickStats.uptime', 'summary.quickStats.uptime.'),
})

rootFields(
  {
    type: 'HostSystem',
    plural: 'hosts',
    singular: 'host',
    label: 'host',
    example: '/Frankfurt/host/fra-cluster-01/esx-fra-01.example.com',
  },
  hosts,
)
