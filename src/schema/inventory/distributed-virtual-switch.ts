// DistributedVirtualSwitch: a switch that spans several hosts. Declares the type, its connection and its root fields.

import { switchHosts, switchPortgroups } from '../../planner/edges.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { builder } from '../builder.ts'
import { references } from '../core/field-requirements.ts'
import { datacenterField, folderField, registerEntity } from '../core/managed-entity.ts'
import { rootFields } from '../core/root-fields.ts'
import { nonNegativeInt } from '../core/units.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { networks } from './network.ts'

declare module '../builder.ts' {
  interface EntityTypes {
    DistributedVirtualSwitch: true
  }
}

registerEntity('DistributedVirtualSwitch')

builder.objectType('DistributedVirtualSwitch', {
  description:
    'A distributed switch, which connects virtual machines on several hosts. vim25: `DistributedVirtualSwitch`, `VmwareDistributedVirtualSwitch`.',
  interfaces: ['Node', 'ManagedEntity'],
  fields: (t) => ({
    uuid: t.vimProperty('uuid', {
      derives: { only: 'filter' },
      type: 'String',
      description:
        'UUID of the switch, such as `50 0d a2 9d 39 a7 1e 5c-80 0b 71 c4 22 6a 0f 93`. Network adapters refer to it (`NetworkAdapter.switchUuid`). Source: `uuid`.',
    }),
    version: t.vimProperty('summary.productInfo.version', {
      type: 'String',
      description: 'Version of the switch, such as `8.0.0`. Source: `summary.productInfo.version`.',
    }),
    vendor: t.vimProperty('summary.productInfo.vendor', {
      type: 'String',
      description: 'Vendor of the switch. Source: `summary.productInfo.vendor`.',
    }),
    description: t.vimProperty('summary.description', {
      derives: { only: 'filter' },
      type: 'String',
      description: 'Notes on the switch. Source: `summary.description`.',
    }),
    portCount: t.vimProperty('summary.numPorts', {
      type: 'Int',
      description: 'Number of ports of the switch. Source: `summary.numPorts`.',
      decode: nonNegativeInt,
    }),
    createdAt: t.vimProperty('config.createTime', {
      type: 'DateTime',
      description: 'When the switch was created. Source: `config.createTime`.',
    }),
    networkIoControlEnabled: t.vimProperty('config.networkResourceManagementEnabled', {
      type: 'Boolean',
      description:
        'Whether Network I/O Control divides the bandwidth between kinds of traffic. Source: `config.networkResourceManagementEnabled`.',
    }),
    hosts: t.field({
      type: ['HostSystem'],
      nullable: { list: true, items: false },
      description: 'The hosts that have joined the switch. Source: `summary.hostMember`.',
      ...references(switchHosts),
    }),
    portgroups: t.field({
      ...networks.via(t.arg, switchPortgroups),
      description:
        'The port groups of the switch, uplink port groups included (`Network.isUplink`). Source: `portgroup`.',
    }),
    folder: t.field(folderField),
    datacenter: t.field(datacenterField),
  }),
})

const digitsOf = (uuid: string | undefined): string | undefined =>
  uuid?.toLowerCase().replace(/[^0-9a-f]/g, '')

export const distributedSwitches = rootFields({
  type: 'DistributedVirtualSwitch',
  plural: 'distributedSwitches',
  singular: 'distributedSwitch',
  label: 'distributed switch',
  all: 'distributed switches',
  example: '/Frankfurt/network/dvs-fra',
  lookupKeys: {
    uuid: {
      description:
        'UUID of the switch, as `NetworkAdapter.switchUuid` has it. Only the hexadecimal digits are compared.',
      findAll: async (uuid: string, { reader }: RequestVCenter) => {
        const all = await reader.all(new PlanNode('DistributedVirtualSwitch', 'uuid'))
        const uuidOf = (object: ManagedObject) =>
          (object as ManagedObject<'DistributedVirtualSwitch'>).tryRead('uuid')
        return all.filter((each) => digitsOf(uuidOf(each)) === digitsOf(uuid)).map(({ ref }) => ref)
      },
    },
  },
})
