// ResourcePool: a partition of the CPU and memory of a cluster or host. A vApp is one too. Declares the type, its connection and
// its root fields.

import { poolDescendantPools, poolDescendantVirtualMachines } from '../../planner/descendants/in-pools.ts'
import { parentPool, poolOwner, poolPools, poolVirtualMachines } from '../../planner/edges.ts'
import { isOfType } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { directOrRecursive } from '../core/connections/recursive-connection.ts'
import { noRequirements, reference } from '../core/field-requirements.ts'
import { datacenterField, registerEntity } from '../core/managed-entity.ts'
import { allocationIn } from '../core/resource-allocation.ts'
import { rootFields } from '../core/root-fields.ts'
import { megabytesToBytes, nonNegative, nonNegativeInt } from '../core/units.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    ResourcePool: true
  }
}

registerEntity('ResourcePool')

const resourcePools = rootFields({
  type: 'ResourcePool',
  plural: 'resourcePools',
  singular: 'resourcePool',
  label: 'resource pool',
  example: '/Frankfurt/host/fra-cluster-01/Resources/Databases',
})

builder.objectType('ResourcePool', {
  description:
    'A resource pool or a vApp: a partition of the CPU and memory of a cluster or host. vim25: `ResourcePool`, `VirtualApp`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    isVApp: t.boolean({
      ...noRequirements,
      nullable: false,
      description: 'Whether it is a vApp. Source: the type `VirtualApp`.',
      resolve: (object) => isOfType(object, 'VirtualApp'),
    }),
    cpuAllocation: t.vimProperty('config.cpuAllocation', {
      type: 'ResourceAllocation',
      description:
        'The CPU that is reserved for the pool, its limit and its shares, in MHz. Source: `config.cpuAllocation`.',
      decode: allocationIn('MHz', 'pool'),
    }),
    memoryAllocation: t.vimProperty('config.memoryAllocation', {
      type: 'ResourceAllocation',
      description:
        'The memory that is reserved for the pool, its limit and its shares, in bytes. Source: `config.memoryAllocation`.',
      decode: allocationIn('MB', 'pool'),
    }),
    cpuUsage: t.vimProperty('summary.quickStats.overallCpuUsage', {
      type: 'Int',
      description:
        'CPU that the virtual machines in the pool use, in MHz. Source: `summary.quickStats.overallCpuUsage`, otherwise `runtime.cpu.overallUsage`, which vSphere 6.5 deprecated.',
      fallback: 'runtime.cpu.overallUsage',
      decode: nonNegativeInt,
    }),
    memoryUsage: t.vimProperty('summary.quickStats.hostMemoryUsage', {
      type: 'BigInt',
      description:
        'Host memory that the virtual machines in the pool use, in bytes. Source: `summary.quickStats.hostMemoryUsage` (MB), otherwise `runtime.memory.overallUsage`, which vSphere 6.5 deprecated.',
      fallback: 'runtime.memory.overallUsage',
      decode: megabytesToBytes,
      decodeFallback: nonNegative,
    }),
    maxCpuUsage: t.vimProperty('runtime.cpu.maxUsage', {
      type: 'Int',
      description: 'The most CPU that the pool can get now, in MHz. Source: `runtime.cpu.maxUsage`.',
      decode: nonNegativeInt,
    }),
    maxMemoryUsage: t.vimProperty('runtime.memory.maxUsage', {
      type: 'BigInt',
      description: 'The most memory that the pool can get now, in bytes. Source: `runtime.memory.maxUsage`.',
      decode: nonNegative,
    }),
    computeResource: t.field({
      type: 'ComputeResource',
      description: 'The cluster or standalone host that the pool belongs to. Source: `owner`.',
      ...reference(poolOwner),
    }),
    parent: t.field({
      type: 'ResourcePool',
      description: 'The pool or vApp directly above this one. Null for a root pool. Source: `parent`.',
      ...reference(parentPool),
    }),
    resourcePools: t.field({
      ...directOrRecursive(
        resourcePools,
        t.arg,
        poolPools,
        poolDescendantPools,
        'Whether to include the pools and vApps in the ones in this pool, at any depth.',
      ),
      description:
        'The pools and vApps directly in this one, or with `recursive` at any depth. Source: `resourcePool`.',
    }),
    virtualMachines: t.field({
      ...directOrRecursive(
        virtualMachines,
        t.arg,
        poolVirtualMachines,
        poolDescendantVirtualMachines,
        'Whether to include the virtual machines in the pools and vApps in this pool, at any depth.',
      ),
      description:
        'The virtual machines directly in this pool, or with `recursive` at any depth. Templates do not belong to a pool. Source: `vm`.',
    }),
    datacenter: t.field(datacenterField),
  }),
})
