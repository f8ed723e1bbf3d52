// ResourcePool: a partition of the CPU and memory of a cluster or host. A vApp is one too. Declares the type, its connection and
// its root fields.

import { poolDescendantPools, poolDescendantVirtualMachines } from '../../planner/descendants/in-pools.ts'
import { parentPool, poolOwner, poolPools, poolVirtualMachines } from '../../planner/edges.ts'
import { isOfType } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { directOrRecursive } from '../core/connections/recursive-connection.ts'
import { noRequirements, reference } from '../core/field-requirements.ts'
import { datacenterField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { finiteLimit, megabytesToBytes, nonNegative, nonNegativeInt } from '../core/units.ts'
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
    cpuUsage: t.vimProperty('runtime.cpu.overallUsage', {
      type: 'Int',
      description: 'Current CPU usage, in MHz. Source: `runtime.cpu.overallUsage`.',
      decode: nonNegativeInt,
    }),
    cpuReservation: t.vimProperty('config.cpuAllocation.reservation', {
      type: 'Int',
      description: 'Guaranteed CPU, in MHz. Source: `config.cpuAllocation.reservation`.',
      decode: nonNegativeInt,
    }),
    cpuLimit: t.vimProperty('config.cpuAllocation.limit', {
      type: 'Int',
      description:
        'Maximum CPU, in MHz. Null if there is no limit (-1) or it is not reported. Source: `config.cpuAllocation.limit`.',
      decode: (limit) => nonNegativeInt(finiteLimit(limit) ?? -1),
    }),
    memoryUsage: t.vimProperty('runtime.memory.overallUsage', {
      type: 'BigInt',
      description: 'Current memory usage, in bytes. Source: `runtime.memory.overallUsage`.',
      decode: nonNegative,
    }),
    memoryReservation: t.vimProperty('config.memoryAllocation.reservation', {
      type: 'BigInt',
      description: 'Guaranteed memory, in bytes. Source: `config.memoryAllocation.reservation` (MB).',
      decode: megabytesToBytes,
    }),
    memoryLimit: t.vimProperty('config.memoryAllocation.limit', {
      type: 'BigInt',
      description:
        'Maximum memory, in bytes. Null if there is no limit (-1) or it is not reported. Source: `config.memoryAllocation.limit` (MB).',
      decode: (limit) => {
        const known = finiteLimit(limit)
        return known === null ? null : megabytesToBytes(known)
      },
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
