// ResourcePool: shares of a cluster's or a host's processors and memory. A vApp is one too.

import { poolAbove, poolOwner, poolVirtualMachines, subpools } from '../../planner/edges.ts'
import { isOfType } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { connectionField } from '../core/connection.ts'
import { noRequirements, reference, references, vimFields } from '../core/field-requirements.ts'
import { datacenterField } from '../core/managed-entity.ts'
import { namedConnection } from '../core/named-connection.ts'
import { rootFields } from '../core/root-fields.ts'
import { count, limited, megabytesToBytes, unsigned } from '../core/units.ts'
import { virtualMachineArgs, virtualMachinesVia } from '../virtual-machine/virtual-machine-connection.ts'

const { vimProperty } = vimFields('ResourcePool')

builder.objectType('ResourcePool', {
  description: 'A resource pool or a vApp. vim25: ResourcePool, VirtualApp.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    isVApp: t.boolean({
      ...noRequirements,
      nullable: false,
      description: 'Whether it is a VirtualApp.',
      resolve: (object) => isOfType(object, 'VirtualApp'),
    }),
    cpuUsage: t.int({
      description: 'runtime.cpu.overallUsage: MHz that it uses now.',
      ...vimProperty('runtime.cpu.overallUsage', count),
    }),
    cpuReservation: t.int({
      description: 'config.cpuAllocation.reservation: MHz that it is sure to get.',
      ...vimProperty('config.cpuAllocation.reservation', count),
    }),
    cpuLimit: t.int({
      description: 'config.cpuAllocation.limit: MHz at most. Null also where there is no limit (-1).',
      ...vimProperty('config.cpuAllocation.limit', (limit) => count(limited(limit) ?? -1)),
    }),
    memoryUsage: t.field({
      type: 'BigInt',
      description: 'runtime.memory.overallUsage: bytes that it uses now.',
      ...vimProperty('runtime.memory.overallUsage', unsigned),
    }),
    memoryReservation: t.field({
      type: 'BigInt',
      description: 'config.memoryAllocation.reservation in bytes: what it is sure to get.',
      ...vimProperty('config.memoryAllocation.reservation', megabytesToBytes),
    }),
    memoryLimit: t.field({
      type: 'BigInt',
      description:
        'config.memoryAllocation.limit in bytes: what it gets at most. Null also where there is no limit (-1).',
      ...vimProperty('config.memoryAllocation.limit', (limit) => {
        const known = limited(limit)
        return known === null ? null : megabytesToBytes(known)
      }),
    }),
    computeResource: t.field({
      type: 'ComputeResource',
      description: 'The cluster or standalone host that it is a part of: owner.',
      ...reference(poolOwner),
    }),
    parent: t.field({
      type: 'ResourcePool',
      description: 'The pool or vApp that it is in: parent. Null for a root pool.',
      ...reference(poolAbove),
    }),
    resourcePools: t.field({
      type: ['ResourcePool'],
      nullable: { list: true, items: false },
      description: 'The pools and vApps directly in it: resourcePool.',
      ...references(subpools),
    }),
    virtualMachines: t.field({
      ...connectionField(virtualMachinesVia(poolVirtualMachines)),
      type: 'VirtualMachineConnection',
      args: virtualMachineArgs(t.arg),
      description: 'The virtual machines directly in it: vm. Templates are in no pool.',
    }),
    datacenter: t.field(datacenterField),
  }),
})

rootFields(
  {
    type: 'ResourcePool',
    plural: 'resourcePools',
    singular: 'resourcePool',
    label: 'resource pool',
    example: '/Frankfurt/host/fra-cluster-01/Resources/Databases',
  },
  namedConnection('ResourcePool', 'resource pool'),
)
