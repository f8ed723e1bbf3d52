// Network: what virtual machines are connected to, be it of a host's own switch, of a distributed one, or of neither.

import { networkHosts, networkVirtualMachines } from '../../planner/edges.ts'
import { isOfType } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { connectionField } from '../core/connection.ts'
import { noRequirements, propertyOf, references, vimFields } from '../core/field-requirements.ts'
import { datacenterField, folderField } from '../core/managed-entity.ts'
import { namedConnection } from '../core/named-connection.ts'
import { rootFields } from '../core/root-fields.ts'
import { virtualMachineArgs, virtualMachinesVia } from '../virtual-machine/virtual-machine-connection.ts'

const { vimProperty } = vimFields('Network')

const NetworkKind = builder.enumType('NetworkKind', {
  description: 'Whose network it is: the type of the managed object.',
  values: {
    STANDARD: { description: 'Network: of the hosts’ own switches, which use the same name.' },
    DISTRIBUTED_PORTGROUP: { description: 'DistributedVirtualPortgroup: of a distributed switch.' },
    OPAQUE: { description: 'OpaqueNetwork: managed outside vSphere, as by NSX.' },
  } as const,
})

builder.objectType('Network', {
  description: 'A network. vim25: Network, DistributedVirtualPortgroup, OpaqueNetwork.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    kind: t.field({
      ...noRequirements,
      type: NetworkKind,
      nullable: false,
      description: 'Whose network it is.',
      resolve: (network) =>
        isOfType(network, 'DistributedVirtualPortgroup')
          ? 'DISTRIBUTED_PORTGROUP'
          : isOfType(network, 'OpaqueNetwork')
            ? 'OPAQUE'
            : 'STANDARD',
    }),
    accessible: t.boolean({
      description: 'summary.accessible: whether at least one host has it.',
      ...vimProperty('summary.accessible'),
    }),
    portgroupKey: t.string({
      description: 'key: what network cards name a DistributedVirtualPortgroup by. Null for other kinds.',
      ...propertyOf('DistributedVirtualPortgroup', 'key'),
    }),
    hosts: t.field({
      type: ['HostSystem'],
      nullable: { list: true, items: false },
      description: 'The hosts that have it: host.',
      ...references(networkHosts),
    }),
    virtualMachines: t.field({
      ...connectionField(virtualMachinesVia(networkVirtualMachines)),
      type: 'VirtualMachineConnection',
      args: virtualMachineArgs(t.arg),
      description: 'The virtual machines and templates that are connected to it: vm.',
    }),
    folder: t.field(folderField),
    datacenter: t.field(datacenterField),
  }),
})

export const networks = namedConnection('Network', 'network')

rootFields(
  {
    type: 'Network',
    plural: 'networks',
    singular: 'network',
    label: 'network',
    example: '/Frankfurt/network/VM Network',
  },
  networks,
)
