// ComputeResource: a cluster, or the compute resource of a standalone host. Declares the type, its connection and its root fields.

import {
  computeResourceDatastores,
  computeResourceHosts,
  computeResourceNetworks,
  computeResourcePool,
  computeResourceVirtualMachines,
} from '../../planner/edges.ts'
import { isOfType } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { inventoryPage } from '../core/connections/connection-field.ts'
import { noRequirements, reference, references } from '../core/field-requirements.ts'
import { datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { megabytesToBytes, nonNegative, nonNegativeInt } from '../core/units.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    ComputeResource: true
  }
}

registerEntity('ComputeResource')

builder.objectType('ComputeResource', {
  description:
    'A cluster, or the compute resource that contains a standalone host. vim25: `ClusterComputeResource`, `ComputeResource`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    isCluster: t.boolean({
      ...noRequirements,
      nullable: false,
      description: 'Whether it is a cluster. Source: the type `ClusterComputeResource`.',
      resolve: (object) => isOfType(object, 'ClusterComputeResource'),
    }),
    drsEnabled: t.vimProperty('configuration.drsConfig.enabled', {
      type: 'Boolean',
      description:
        'Whether DRS (Distributed Resource Scheduler) balances the load between the hosts. Null for a standalone host. Source: `configuration.drsConfig.enabled`.',
      subtype: 'ClusterComputeResource',
    }),
    haEnabled: t.vimProperty('configuration.dasConfig.enabled', {
      type: 'Boolean',
      description:
        'Whether vSphere HA restarts virtual machines on another host after a failure. Null for a standalone host. Source: `configuration.dasConfig.enabled`.',
      subtype: 'ClusterComputeResource',
    }),
    totalCpu: t.vimProperty('summary.totalCpu', {
      derives: { statistics: 'MHz' },
      type: 'Int',
      description: 'CPU capacity of all its hosts, in MHz. Source: `summary.totalCpu`.',
      decode: nonNegativeInt,
    }),
    totalMemory: t.vimProperty('summary.totalMemory', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description: 'Physical memory of all its hosts, in bytes. Source: `summary.totalMemory`.',
      decode: nonNegative,
    }),
    cpuCores: t.vimProperty('summary.numCpuCores', {
      derives: { statistics: 'count' },
      type: 'Int',
      description: 'Number of physical CPU cores of all its hosts. Source: `summary.numCpuCores`.',
      decode: nonNegativeInt,
    }),
    cpuThreads: t.vimProperty('summary.numCpuThreads', {
      derives: { statistics: 'count' },
      type: 'Int',
      description: 'Number of CPU threads of all its hosts. Source: `summary.numCpuThreads`.',
      decode: nonNegativeInt,
    }),
    effectiveCpu: t.vimProperty('summary.effectiveCpu', {
      derives: { statistics: 'MHz' },
      type: 'Int',
      description:
        'CPU capacity that is available to virtual machines, in MHz. It excludes hosts in maintenance mode and hosts that do not respond. Source: `summary.effectiveCpu`.',
      decode: nonNegativeInt,
    }),
    effectiveMemory: t.vimProperty('summary.effectiveMemory', {
      derives: { statistics: 'bytes' },
      type: 'BigInt',
      description:
        'Memory that is available to virtual machines, in bytes. It excludes hosts in maintenance mode and hosts that do not respond. Source: `summary.effectiveMemory` (MB).',
      decode: megabytesToBytes,
    }),
    hostCount: t.vimProperty('summary.numHosts', {
      derives: { statistics: 'count' },
      type: 'Int',
      description: 'Number of hosts. Source: `summary.numHosts`.',
      decode: nonNegativeInt,
    }),
    effectiveHostCount: t.vimProperty('summary.numEffectiveHosts', {
      derives: { statistics: 'count' },
      type: 'Int',
      description: 'Number of hosts that can run virtual machines now. Source: `summary.numEffectiveHosts`.',
      decode: nonNegativeInt,
    }),
    hosts: t.field({
      type: ['HostSystem'],
      nullable: { list: true, items: false },
      description: 'The hosts of the cluster, or the standalone host. Source: `host`.',
      ...references(computeResourceHosts),
    }),
    datastores: t.field({
      type: ['Datastore'],
      nullable: { list: true, items: false },
      description: 'The datastores that are mounted on its hosts. Source: `datastore`.',
      ...references(computeResourceDatastores),
    }),
    networks: t.field({
      type: ['Network'],
      nullable: { list: true, items: false },
      description: 'The networks that are available on its hosts. Source: `network`.',
      ...references(computeResourceNetworks),
    }),
    resourcePool: t.field({
      derives: { only: 'filter' },
      type: 'ResourcePool',
      description: 'The root of its tree of resource pools. Source: `resourcePool`.',
      ...reference(computeResourcePool),
    }),
    virtualMachines: t.field({
      ...virtualMachines.via(t.arg, computeResourceVirtualMachines),
      description:
        'The virtual machines and templates that are registered on its hosts. Source: `vm` of its hosts.',
    }),
    folder: t.field(folderField),
    datacenter: t.field(datacenterField),
  }),
})

export const computeResources = rootFields({
  type: 'ComputeResource',
  plural: 'computeResources',
  singular: 'computeResource',
  label: 'compute resource',
  example: '/Frankfurt/host/fra-cluster-01',
  hasStatistics: true,
})

const isCluster = { isCluster: { eq: true } }

builder.queryField('clusters', (t) =>
  t.field({
    type: computeResources.type,
    args: computeResources.args(t.arg),
    description:
      'All clusters of the vCenter, page by page: the compute resources that are clusters, without those of standalone hosts.',
    resolve: (_root, { filter, ...args }, context, info) =>
      inventoryPage(
        computeResources.declarationOf({ name: 'ComputeResource' }),
        // As one condition more of the filter, which thus is not nested deeper.
        {
          ...args,
          filter: filter?.isCluster == null ? { ...filter, ...isCluster } : { and: [filter, isCluster] },
        },
        context,
        info,
      ),
  }),
)
