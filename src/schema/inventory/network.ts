// Network: the networks that virtual machines connect to: those of standard switches, of distributed switches, and opaque networks.
// Declares the type, its connection and its root fields.

import { networkHosts, networkVirtualMachines } from '../../planner/edges.ts'
import { isOfType } from '../../planner/managed-object.ts'
import { builder } from '../builder.ts'
import { noRequirements, references } from '../core/field-requirements.ts'
import { datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { virtualMachines } from '../virtual-machine/virtual-machine-connection.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    Network: true
  }
}

const NetworkKind = builder.enumType('NetworkKind', {
  description: 'The kind of a network. Source: the vim25 type of the managed object.',
  values: {
    STANDARD: {
      description:
        'A network of standard switches: the port groups with the same name on several hosts. vim25: `Network`.',
    },
    DISTRIBUTED_PORTGROUP: {
      description: 'A port group of a distributed switch. vim25: `DistributedVirtualPortgroup`.',
    },
    OPAQUE: {
      description: 'A network that is managed outside vSphere, such as by NSX. vim25: `OpaqueNetwork`.',
    },
  } as const,
})

registerEntity('Network')

builder.objectType('Network', {
  description:
    'A network that virtual machines connect to. vim25: `Network`, `DistributedVirtualPortgroup`, `OpaqueNetwork`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    kind: t.field({
      ...noRequirements,
      type: NetworkKind,
      nullable: false,
      description: 'The kind of the network. Source: the vim25 type of the managed object.',
      resolve: (network) =>
        isOfType(network, 'DistributedVirtualPortgroup')
          ? 'DISTRIBUTED_PORTGROUP'
          : isOfType(network, 'OpaqueNetwork')
            ? 'OPAQUE'
            : 'STANDARD',
    }),
    accessible: t.vimProperty('summary.accessible', {
      type: 'Boolean',
      description: 'Whether at least one host provides the network. Source: `summary.accessible`.',
    }),
    portgroupKey: t.vimProperty('key', {
      derives: { only: 'filter' },
      type: 'String',
      description:
        'Key by which network adapters refer to a distributed port group. Null for other kinds. Source: `key`.',
      subtype: 'DistributedVirtualPortgroup',
    }),
    hosts: t.field({
      type: ['HostSystem'],
      nullable: { list: true, items: false },
      description: 'The hosts that the network is available on. Source: `host`.',
      ...references(networkHosts),
    }),
    virtualMachines: t.field({
      ...virtualMachines.via(t.arg, networkVirtualMachines),
      description: 'The virtual machines and templates that are connected to the network. Source: `vm`.',
    }),
    folder: t.field(folderField),
    datacenter: t.field(datacenterField),
  }),
})

export const networks = rootFields({
  type: 'Network',
  plural: 'networks',
  singular: 'network',
  label: 'network',
  example: '/Frankfurt/network/VM Network',
})
