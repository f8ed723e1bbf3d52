// NetworkAdapter: a virtual network card of a virtual machine, and VirtualMachine.networkAdapters.

import { PlanNode } from '../../../planner/plan-node.ts'
import { builder } from '../../builder.ts'
import { filterArg, filteredList } from '../../core/connections/filtered-list.ts'
import { nodeAt, requires, requiresPaths } from '../../core/field-requirements.ts'
import { int32 } from '../../core/units.ts'
import { vimEnum } from '../../core/vim-enum.ts'
import {
  type Adapter,
  adapterDevices,
  adaptersOf,
  isVlanUnknown,
  networkOf,
  planNetworks,
  planVlan,
  portOf,
  typeOf,
  vlanOf,
} from './adapter.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    NetworkAdapter: Adapter
  }
}

const NetworkAdapterType = builder.enumType('NetworkAdapterType', {
  description:
    'The hardware that a network adapter presents to the guest. A type that extends one of these has the same value. Source: the vim25 type of the device.',
  values: {
    E1000: { description: 'Emulates an Intel 82545EM adapter. vim25: `VirtualE1000`.' },
    E1000E: { description: 'Emulates an Intel 82574L adapter. vim25: `VirtualE1000e`.' },
    PCNET32: { description: 'Emulates an AMD PCnet32 adapter, for old guests. vim25: `VirtualPCNet32`.' },
    VMXNET: {
      description:
        'A paravirtual adapter of the first or second generation. vim25: `VirtualVmxnet`, `VirtualVmxnet2`.',
    },
    VMXNET3: { description: 'A paravirtual adapter of the third generation. vim25: `VirtualVmxnet3`.' },
    VMXNET3_VRDMA: {
      description:
        'A VMXNET3 adapter with paravirtual remote direct memory access (RDMA). vim25: `VirtualVmxnet3Vrdma`.',
    },
    SRIOV: {
      description:
        'A virtual function of a physical adapter that the guest uses directly. vim25: `VirtualSriovEthernetCard`.',
    },
    OTHER: { description: 'Any other type, such as one that only a newer vSphere version has.' },
  } as const,
})

const MacAddressType = vimEnum('MacAddressType', {
  vimType: 'VirtualEthernetCardMacType',
  description: 'Where the MAC address of a network adapter comes from.',
  values: {
    manual: ['MANUAL', 'A user set the address.'],
    generated: ['GENERATED', 'The host generated the address.'],
    assigned: ['ASSIGNED', 'The vCenter assigned the address.'],
  },
})

builder.objectType('NetworkAdapter', {
  description: 'A virtual network adapter (network card) of a virtual machine. vim25: `VirtualEthernetCard`.',
  fields: (t) => ({
    key: t.int({
      nullable: false,
      description:
        'Device key of the adapter, such as 4000, unique only within its virtual machine. `GuestNetworkInterface.deviceKey` refers to it. Source: `key`.',
      resolve: ({ device }) => int32(device.key),
    }),
    label: t.string({
      description:
        'Label in the language of the vCenter, such as "Network adapter 1". Source: `deviceInfo.label`.',
      resolve: ({ device }) => device.deviceInfo?.label ?? null,
    }),
    type: t.field({
      type: NetworkAdapterType,
      nullable: false,
      description:
        'The hardware that the adapter presents to the guest. Source: the vim25 type of the device.',
      resolve: typeOf,
    }),
    macAddress: t.string({
      description:
        'MAC address in lower case with colons, such as `00:50:56:9a:00:01`. `search` finds it in any notation. Source: `macAddress`.',
      resolve: ({ device }) => device.macAddress?.toLowerCase() ?? null,
    }),
    addressType: t.field({
      type: MacAddressType.type,
      description: 'Where the MAC address comes from. Source: `addressType`, compared without case.',
      resolve: ({ device }) => MacAddressType.decode(device.addressType?.toLowerCase()) ?? null,
    }),
    connected: t.boolean({
      description:
        'Whether the adapter is connected now. Valid only while the virtual machine runs. Source: `connectable.connected`.',
      resolve: ({ device }) => device.connectable?.connected ?? null,
    }),
    startConnected: t.boolean({
      description:
        'Whether the adapter is connected when the virtual machine is powered on. Source: `connectable.startConnected`.',
      resolve: ({ device }) => device.connectable?.startConnected ?? null,
    }),
    network: t.field({
      ...requires((position) => planNetworks(nodeAt(position))),
      type: 'Network',
      description:
        'The network that the adapter is connected to, one of `VirtualMachine.networks`. Null if it has none, or one that is not visible. Source: `backing.network`, `backing.port.portgroupKey` or `backing.opaqueNetworkId`.',
      resolve: (adapter) => networkOf(adapter) ?? null,
    }),
    vlan: t.field({
      derives: { isUnknown: isVlanUnknown },
      ...requires((position) => {
        planVlan(nodeAt(position))
        return undefined
      }),
      type: 'Vlan',
      description:
        'The VLAN of the network that the adapter is connected to. For a standard network it is that of the port group on the host of the virtual machine, and null while the host is disconnected. Source: as `Network.vlan`, or `config.network.portgroup` of the host.',
      resolve: vlanOf,
    }),
    portgroupKey: t.string({
      description:
        'Key of the distributed port group that the adapter is connected to (`Network.portgroupKey`). Null for other networks. Source: `backing.port.portgroupKey`.',
      resolve: (adapter) => portOf(adapter)?.portgroupKey ?? null,
    }),
    switchUuid: t.string({
      description:
        'UUID of the distributed switch that the adapter is connected to, such as `50 0d a2 9d 39 a7 1e 5c-80 0b 71 c4 22 6a 0f 93`. Null for other networks. Source: `backing.port.switchUuid`.',
      resolve: (adapter) => portOf(adapter)?.switchUuid ?? null,
    }),
    guestInterface: t.field({
      derives: { nothing: 'guest.networkInterfaces has it' },
      ...requiresPaths('guest.net'),
      type: 'GuestNetworkInterface',
      description:
        'What VMware Tools reports about the adapter from inside the guest. Null if it reports nothing. Source: the entry of `guest.net` whose `deviceConfigId` is the key of the adapter.',
      resolve: ({ vm, device }) =>
        vm.read('guest.net')?.find(({ deviceConfigId }) => deviceConfigId === device.key) ?? null,
    }),
  }),
})

builder.objectField('VirtualMachine', 'networkAdapters', (t) =>
  t.field({
    ...filteredList({
      typeName: 'NetworkAdapter',
      plan: (node) => node.read(adapterDevices),
      newOwner: () => new PlanNode('VirtualMachine'),
      itemsOf: adaptersOf,
    }),
    type: ['NetworkAdapter'],
    nullable: { list: true, items: false },
    args: { filter: filterArg(t.arg, 'NetworkAdapter') },
    description:
      'The virtual network adapters. Null if the configuration cannot be read. Source: the VirtualEthernetCard devices in `config.hardware.device`.',
  }),
)
