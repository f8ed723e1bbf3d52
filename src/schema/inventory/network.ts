// Network: the networks that virtual machines connect to: those of standard switches, of distributed switches, and opaque networks.
// Declares the type, its connection and its root fields.

import { networkHosts, networkVirtualMachines, portgroupSwitch } from '../../planner/edges.ts'
import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { nodeAt, noRequirements, reference, references, requires } from '../core/field-requirements.ts'
import { datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { nonNegativeInt } from '../core/units.ts'
import { planPortgroupVlan, portgroupVlanOf } from '../core/vlan.ts'
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

/** The id is a property of a subtype of its declared type, so that only the whole summary can be read. */
const segmentIdOf = (network: ManagedObject): string | null => {
  if (isOfType(network, 'DistributedVirtualPortgroup')) return network.read('config.segmentId') ?? null
  if (!isOfType(network, 'OpaqueNetwork')) return null
  const summary = network.read('summary') as Partial<DataObject<'OpaqueNetworkSummary'>> | undefined
  return summary?.opaqueNetworkId ?? null
}

/** Servers before 6.5 do not have the flag, but the switch names its uplink port groups. */
function isUplink(network: ManagedObject): boolean | null {
  if (!isOfType(network, 'DistributedVirtualPortgroup')) return null
  const uplink = network.read('config.uplink')
  if (uplink !== undefined) return uplink
  const [owner] = portgroupSwitch.follow(network)
  const uplinks = owner?.read('config.uplinkPortgroup')
  return uplinks ? uplinks.some(({ value }) => value === network.ref.value) : null
}

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
    vlan: t.field({
      ...requires((position) => planPortgroupVlan(nodeAt(position))),
      type: 'Vlan',
      description:
        'The VLAN of a distributed port group; a single port can have another. Null for other networks: a standard network has a VLAN on each host (`HostSystem.standardPortgroups`). Source: `config.defaultPortConfig`.',
      resolve: portgroupVlanOf,
    }),
    isUplink: t.field({
      ...requires((position) => {
        nodeAt(position)
          .readSubtype('DistributedVirtualPortgroup', 'config.uplink')
          .follow(portgroupSwitch)
          .read('config.uplinkPortgroup')
        return undefined
      }),
      type: 'Boolean',
      description:
        'Whether the port group connects its distributed switch to physical network cards. Null for other networks. Source: `config.uplink` (since 6.5), else `config.uplinkPortgroup` of the switch.',
      resolve: isUplink,
    }),
    switch: t.field({
      type: 'DistributedVirtualSwitch',
      description:
        'The distributed switch that the port group belongs to. Null for other networks. Source: `config.distributedVirtualSwitch`.',
      ...reference(portgroupSwitch),
    }),
    portCount: t.vimProperty('config.numPorts', {
      type: 'Int',
      description:
        'Number of ports of a distributed port group. Null for other networks. Source: `config.numPorts`.',
      subtype: 'DistributedVirtualPortgroup',
      decode: nonNegativeInt,
    }),
    segmentId: t.field({
      derives: { only: 'filter' },
      ...requires((position) => {
        nodeAt(position)
          .readSubtype('DistributedVirtualPortgroup', 'config.segmentId')
          .readSubtype('OpaqueNetwork', 'summary')
        return undefined
      }),
      type: 'String',
      description:
        'Id of the NSX segment behind the network, such as `/infra/segments/web`. Null for a network without one. Source: `config.segmentId` (since 7.0) of a distributed port group, `summary.opaqueNetworkId` of an opaque network.',
      resolve: segmentIdOf,
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
