// HostSystem: the ESXi hosts that virtual machines run on. Declares the type, its connection and its root fields.

import {
  hostComputeResource,
  hostDatastores,
  hostNetworks,
  hostVirtualMachines,
} from '../../planner/edges.ts'
import { builder } from '../builder.ts'
import { reference, references, requiresPaths } from '../core/field-requirements.ts'
import { clusterField, datacenterField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { megabytesToBytes, nonNegative, nonNegativeInt, percentOf } from '../core/units.ts'
import { vimEnum } from '../core/vim-enum.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'
import { serialNumberOf, totalCpuOf } from './host-hardware.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    HostSystem: true
  }
}

const HostConnectionState = vimEnum('HostConnectionState', {
  vimType: 'HostSystemConnectionState',
  description: 'The connection between vCenter and a host.',
  values: {
    connected: ['CONNECTED', 'vCenter is connected to the host.'],
    notResponding: ['NOT_RESPONDING', 'vCenter receives no heartbeats from the host.'],
    disconnected: ['DISCONNECTED', 'A user disconnected the host from vCenter.'],
  },
})

const HostPowerState = vimEnum('HostPowerState', {
  vimType: 'HostSystemPowerState',
  description: 'The power state of a host.',
  values: {
    poweredOn: ['POWERED_ON', 'The host is powered on.'],
    poweredOff: ['POWERED_OFF', 'The host was shut down through vCenter.'],
    standBy: ['STANDBY', 'The host was put into standby by a user or by power management.'],
    unknown: ['UNKNOWN', 'The host is disconnected or does not respond.'],
  },
})

registerEntity('HostSystem')

builder.objectType('HostSystem', {
  description: 'An ESXi host. vim25: `HostSystem`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    uuid: t.vimProperty('summary.hardware.uuid', {
      derives: { only: 'filter' },
      type: 'String',
      description: 'Hardware UUID (SMBIOS UUID) of the host. Source: `summary.hardware.uuid`.',
    }),
    serialNumber: t.field({
      derives: { only: 'filter' },
      ...requiresPaths('hardware.systemInfo.serialNumber', 'summary.hardware.otherIdentifyingInfo'),
      type: 'String',
      description:
        'Serial number of the server. Source: `hardware.systemInfo.serialNumber` (since 6.7), else `ServiceTag` or `SerialNumberTag` in `summary.hardware.otherIdentifyingInfo`.',
      resolve: serialNumberOf,
    }),
    evcMode: t.vimProperty('summary.currentEVCModeKey', {
      derives: { group: true },
      type: 'String',
      description:
        'The CPU compatibility mode in effect (EVC), such as `intel-icelake`. Null without one. Source: `summary.currentEVCModeKey`.',
    }),
    vendor: t.vimProperty('summary.hardware.vendor', {
      derives: { group: true },
      type: 'String',
      description: 'Hardware vendor of the server. Source: `summary.hardware.vendor`.',
    }),
    model: t.vimProperty('summary.hardware.model', {
      derives: { group: true },
      type: 'String',
      description: 'Hardware model of the server. Source: `summary.hardware.model`.',
    }),
    cpuModel: t.vimProperty('summary.hardware.cpuModel', {
      derives: { group: true },
      type: 'String',
      description: 'CPU model. Source: `summary.hardware.cpuModel`.',
    }),
    cpuMhz: t.vimProperty('summary.hardware.cpuMhz', {
      type: 'Int',
      description: 'Clock speed of one CPU core, in MHz. Source: `summary.hardware.cpuMhz`.',
      decode: nonNegativeInt,
    }),
    cpuPackages: t.vimProperty('summary.hardware.numCpuPkgs', {
      derives: { statistics: 'count' },
      type: 'Int',
      description: 'Number of physical CPU packages (sockets). Source: `summary.hardware.numCpuPkgs`.',
      decode: nonNegativeInt,
    }),
    cpuCores: t.vimProperty('summary.hardware.numCpuCores', {
      derives: { statistics: 'count' },
      type: 'Int',
      description: 'Number of physical CPU cores in all packages. Source: `summary.hardware.numCpuCores`.',
      decode: nonNegativeInt,
    }),
    cpuThreads: t.vimProperty('summary.hardware.numCpuThreads', {
      derives: { statistics: 'count' },
      type: 'Int',
      description: 'Number of CPU threads in all packages. Source: `summary.hardware.numCpuThreads`.',
      decode: nonNegativeInt,
    }),
    memory: t.vimProperty('summary.hardware.memorySize', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description: 'Physical memory, in bytes. Source: `summary.hardware.memorySize`.',
      decode: nonNegative,
    }),
    cpuUsage: t.vimProperty('summary.quickStats.overallCpuUsage', {
      derives: { statistics: 'MHz' },
      type: 'Int',
      description: 'CPU usage at the last measurement, in MHz. Source: `summary.quickStats.overallCpuUsage`.',
      decode: nonNegativeInt,
    }),
    memoryUsage: t.vimProperty('summary.quickStats.overallMemoryUsage', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description:
        'Memory usage at the last measurement, in bytes. Source: `summary.quickStats.overallMemoryUsage` (MB).',
      decode: megabytesToBytes,
    }),
    totalCpu: t.field({
      derives: { statistics: 'MHz' },
      ...requiresPaths('summary.hardware.cpuMhz', 'summary.hardware.numCpuCores'),
      type: 'Int',
      description:
        'CPU capacity of all cores together, in MHz. Source: `summary.hardware.cpuMhz` times `summary.hardware.numCpuCores`.',
      resolve: totalCpuOf,
    }),
    cpuUsagePercent: t.field({
      derives: { statistics: '%' },
      ...requiresPaths(
        'summary.quickStats.overallCpuUsage',
        'summary.hardware.cpuMhz',
        'summary.hardware.numCpuCores',
      ),
      type: 'Float',
      description:
        'CPU usage at the last measurement, in percent of the CPU capacity. Source: `summary.quickStats.overallCpuUsage`, `summary.hardware.cpuMhz` and `summary.hardware.numCpuCores`.',
      resolve: (host) =>
        percentOf(nonNegativeInt(host.read('summary.quickStats.overallCpuUsage') ?? -1), totalCpuOf(host)),
    }),
    memoryUsagePercent: t.field({
      derives: { statistics: '%' },
      ...requiresPaths('summary.quickStats.overallMemoryUsage', 'summary.hardware.memorySize'),
      type: 'Float',
      description:
        'Memory usage at the last measurement, in percent of the physical memory. Source: `summary.quickStats.overallMemoryUsage` and `summary.hardware.memorySize`.',
      resolve: (host) =>
        percentOf(
          megabytesToBytes(host.read('summary.quickStats.overallMemoryUsage') ?? -1),
          nonNegative(host.read('summary.hardware.memorySize') ?? -1),
        ),
    }),
    uptime: t.vimProperty('summary.quickStats.uptime', {
      type: 'Int',
      description: 'Time since the host was started, in seconds. Source: `summary.quickStats.uptime`.',
      decode: nonNegativeInt,
    }),
    bootTime: t.vimProperty('runtime.bootTime', {
      type: 'DateTime',
      description: 'When the host was started. Source: `runtime.bootTime`.',
    }),
    version: t.vimProperty('summary.config.product.version', {
      derives: { group: true },
      type: 'String',
      description: 'ESXi version. Source: `summary.config.product.version`.',
    }),
    build: t.vimProperty('summary.config.product.build', {
      derives: { group: true },
      type: 'String',
      description: 'ESXi build number. Source: `summary.config.product.build`.',
    }),
    fullName: t.vimProperty('summary.config.product.fullName', {
      derives: { group: true },
      type: 'String',
      description: 'ESXi product name, version and build. Source: `summary.config.product.fullName`.',
    }),
    connectionState: t.vimProperty('runtime.connectionState', {
      ...HostConnectionState,
      description: 'The connection between vCenter and the host. Source: `runtime.connectionState`.',
    }),
    powerState: t.vimProperty('runtime.powerState', {
      ...HostPowerState,
      description: 'Power state of the host. Source: `runtime.powerState`.',
    }),
    inMaintenanceMode: t.vimProperty('runtime.inMaintenanceMode', {
      type: 'Boolean',
      description: 'Whether the host is in maintenance mode. Source: `runtime.inMaintenanceMode`.',
    }),
    inQuarantineMode: t.vimProperty('runtime.inQuarantineMode', {
      type: 'Boolean',
      description:
        'Whether vCenter keeps virtual machines off the host because its hardware is degraded. Source: `runtime.inQuarantineMode` (since 6.5).',
    }),
    rebootRequired: t.vimProperty('summary.rebootRequired', {
      type: 'Boolean',
      description:
        'Whether the host needs a restart for changes to take effect. Source: `summary.rebootRequired`.',
    }),
    computeResource: t.field({
      type: 'ComputeResource',
      description: 'The cluster of the host, or the compute resource of a standalone host. Source: `parent`.',
      ...reference(hostComputeResource),
    }),
    cluster: t.field(clusterField(hostComputeResource)),
    datacenter: t.field(datacenterField),
    virtualMachines: t.field({
      ...virtualMachines.via(t.arg, hostVirtualMachines),
      description: 'The virtual machines and templates that are registered on the host. Source: `vm`.',
    }),
    datastores: t.field({
      type: ['Datastore'],
      nullable: { list: true, items: false },
      description: 'The datastores that are mounted on the host. Source: `datastore`.',
      ...references(hostDatastores),
    }),
    networks: t.field({
      type: ['Network'],
      nullable: { list: true, items: false },
      description: 'The networks that are available on the host. Source: `network`.',
      ...references(hostNetworks),
    }),
  }),
})

export const hosts = rootFields({
  type: 'HostSystem',
  plural: 'hosts',
  singular: 'host',
  label: 'host',
  example: '/Frankfurt/host/fra-cluster-01/esx-fra-01.example.com',
  hasStatistics: true,
})
