// HostSystem: the hosts that virtual machines run on.

import { hostComputeResource, hostDatastores, hostNetworks, hostVirtualMachines } from '../../planner/edges.ts'
import { knownValue } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { connectionField } from '../core/connection.ts'
import { fieldsOf, reference, references } from '../core/field-requirements.ts'
import { itsCluster, itsDatacenter } from '../core/managed-entity.ts'
import { namedConnection } from '../core/named-connection.ts'
import { sortFieldsOf } from '../core/ordering.ts'
import { rootFields } from '../core/root-fields.ts'
import { count, megabytes, unsigned } from '../core/units.ts'
import { virtualMachineArgs, virtualMachinesAlong } from '../virtual-machine/virtual-machine-connection.ts'

const { property } = fieldsOf('HostSystem')

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
      ...property('summary.hardware.uuid'),
    }),
    vendor: t.string({ description: 'summary.hardware.vendor.', ...property('summary.hardware.vendor') }),
    model: t.string({ description: 'summary.hardware.model.', ...property('summary.hardware.model') }),
    cpuModel: t.string({
      description: 'summary.hardware.cpuModel.',
      ...property('summary.hardware.cpuModel'),
    }),
    cpuMhz: t.int({
      description: 'summary.hardware.cpuMhz: MHz of one core.',
      ...property('summary.hardware.cpuMhz', count),
    }),
    cpuPackages: t.int({
      description: 'summary.hardware.numCpuPkgs: processors.',
      ...property('summary.hardware.numCpuPkgs', count),
    }),
    cpuCores: t.int({
      description: 'summary.hardware.numCpuCores: of all processors.',
      ...property('summary.hardware.numCpuCores', count),
    }),
    cpuThreads: t.int({
      description: 'summary.hardware.numCpuThreads: of all processors.',
      ...property('summary.hardware.numCpuThreads', count),
    }),
    memory: t.field({
      type: 'BigInt',
      description: 'summary.hardware.memorySize: bytes.',
      ...property('summary.hardware.memorySize', unsigned),
    }),
    cpuUsage: t.int({
      description: 'summary.quickStats.overallCpuUsage: MHz, as measured last.',
      ...property('summary.quickStats.overallCpuUsage', count),
    }),
    memoryUsage: t.field({
      type: 'BigInt',
      description: 'summary.quickStats.overallMemoryUsage in bytes, as measured last.',
      ...property('summary.quickStats.overallMemoryUsage', megabytes),
    }),
    uptime: t.int({
      description: 'summary.quickStats.uptime: seconds.',
      ...property('summary.quickStats.uptime', count),
    }),
    bootTime: t.field({
      type: 'DateTime',
      description: 'runtime.bootTime.',
      ...property('runtime.bootTime'),
    }),
    version: t.string({
      description: 'summary.config.product.version: that of its ESXi.',
      ...property('summary.config.product.version'),
    }),
    build: t.string({
      description: 'summary.config.product.build.',
      ...property('summary.config.product.build'),
    }),
    fullName: t.string({
      description: 'summary.config.product.fullName: product, version and build.',
      ...property('summary.config.product.fullName'),
    }),
    connectionState: t.field({
      type: HostConnectionState,
      description: 'runtime.connectionState.',
      ...property('runtime.connectionState', (state) => knownValue('HostSystemConnectionState', state)),
    }),
    powerState: t.field({
      type: HostPowerState,
      description: 'runtime.powerState.',
      ...property('runtime.powerState', (state) => knownValue('HostSystemPowerState', state)),
    }),
    inMaintenanceMode: t.boolean({
      description: 'runtime.inMaintenanceMode.',
      ...property('runtime.inMaintenanceMode'),
    }),
    computeResource: t.field({
      type: 'ComputeResource',
      description: 'The cluster that it is in, or what stands around it alone: parent.',
      ...reference(hostComputeResource),
    }),
    cluster: t.field(itsCluster(hostComputeResource)),
    datacenter: t.field(itsDatacenter),
    virtualMachines: t.field({
      ...connectionField(virtualMachinesAlong(hostVirtualMachines)),
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
    noun: 'host',
    example: '/Frankfurt/host/fra-cluster-01/esx-fra-01.example.com',
  },
  hosts,
)
