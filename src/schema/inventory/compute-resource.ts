// ComputeResource: a cluster, or what stands around a standalone host.

import {
  computeResourceDatastores,
  computeResourceHosts,
  computeResourceNetworks,
  computeResourcePool,
  computeResourceVirtualMachines,
} from '../../planner/edges.ts'
import { isOfType } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { connectionField } from '../core/connection.ts'
import { noRequirements, propertyOf, reference, references, vimFields } from '../core/field-requirements.ts'
import { datacenterField, folderField } from '../core/managed-entity.ts'
import { namedConnection } from '../core/named-connection.ts'
import { sortFieldsOf } from '../core/ordering.ts'
import { rootFields } from '../core/root-fields.ts'
import { count, megabytesToBytes, unsigned } from '../core/units.ts'
import { virtualMachineArgs, virtualMachinesVia } from '../virtual-machine/virtual-machine-connection.ts'

const { vimProperty } = vimFields('ComputeResource')

builder.objectType('ComputeResource', {
  description:
    'A cluster, or what vSphere puts around a standalone host. vim25: ClusterComputeResource, ComputeResource.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    isCluster: t.boolean({
      ...noRequirements,
      nullable: false,
      description: 'Whether it is a ClusterComputeResource.',
      resolve: (object) => isOfType(object, 'ClusterComputeResource'),
    }),
    drsEnabled: t.boolean({
      description:
        'configuration.drsConfig.enabled: whether DRS distributes the load. Null for a standalone host.',
      ...propertyOf('ClusterComputeResource', 'configuration.drsConfig.enabled'),
    }),
    haEnabled: t.boolean({
      description:
        'configuration.dasConfig.enabled: whether vSphere HA restarts virtual machines elsewhere. Null for a standalone host.',
      ...propertyOf('ClusterComputeResource', 'configuration.dasConfig.enabled'),
    }),
    totalCpu: t.int({
      description: 'summary.totalCpu: MHz of all its hosts.',
      ...vimProperty('summary.totalCpu', count),
    }),
    totalMemory: t.field({
      type: 'BigInt',
      description: 'summary.totalMemory: bytes of all its hosts.',
      ...vimProperty('summary.totalMemory', unsigned),
    }),
    cpuCores: t.int({
      description: 'summary.numCpuCores: of all its hosts.',
      ...vimProperty('summary.numCpuCores', count),
    }),
    cpuThreads: t.int({
      description: 'summary.numCpuThreads: of all its hosts.',
      ...vimProperty('summary.numCpuThreads', count),
    }),
    effectiveCpu: t.int({
      description:
        'summary.effectiveCpu: MHz for virtual machines, without hosts in maintenance or not responding.',
      ...vimProperty('summary.effectiveCpu', count),
    }),
    effectiveMemory: t.field({
      type: 'BigInt',
      description:
        'summary.effectiveMemory in bytes: for virtual machines, without hosts in maintenance or not responding.',
      ...vimProperty('summary.effectiveMemory', megabytesToBytes),
    }),
    hostCount: t.int({ description: 'summary.numHosts.', ...vimProperty('summary.numHosts', count) }),
    effectiveHostCount: t.int({
      description: 'summary.numEffectiveHosts: hosts that can run virtual machines now.',
      ...vimProperty('summary.numEffectiveHosts', count),
    }),
    hosts: t.field({
      type: ['HostSystem'],
      nullable: { list: true, items: false },
      description: 'Its hosts: host.',
      ...references(computeResourceHosts),
    }),
    datastores: t.field({
      type: ['Datastore'],
      nullable: { list: true, items: false },
      description: 'The datastores that its hosts have: datastore.',
      ...references(computeResourceDatastores),
    }),
    networks: t.field({
      type: ['Network'],
      nullable: { list: true, items: false },
      description: 'The networks that its hosts have: network.',
      ...references(computeResourceNetworks),
    }),
    resourcePool: t.field({
      type: 'ResourcePool',
      description: 'The root of its resource pools: resourcePool.',
      ...reference(computeResourcePool),
    }),
    virtualMachines: t.field({
      ...connectionField(virtualMachinesVia(computeResourceVirtualMachines)),
      type: 'VirtualMachineConnection',
      args: virtualMachineArgs(t.arg),
      description: 'The virtual machines and templates on its hosts: host, vm.',
    }),
    folder: t.field(folderField),
    datacenter: t.field(datacenterField),
  }),
})

const by = sortFieldsOf('ComputeResource')

export const computeResources = namedConnection('ComputeResource', 'compute resource', {
  TOTAL_CPU: by('summary.totalCpu', 'summary.totalCpu.'),
  TOTAL_MEMORY: by('summary.totalMemory', 'summary.totalMemory.'),
  HOST_COUNT: by('summary.numHosts', 'summary.numHosts.'),
})

rootFields(
  {
    type: 'ComputeResource',
    plural: 'computeResources',
    singular: 'computeResource',
    label: 'compute resource',
    example: '/Frankfurt/host/fra-cluster-01',
  },
  computeResources,
)
