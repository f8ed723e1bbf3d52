// The network configuration of a host: its physical cards, its own interfaces and the port groups of its standard switches.

import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { requiresPaths } from '../core/field-requirements.ts'
import { int32, nonNegativeInt } from '../core/units.ts'
import { ApiError } from '../errors/api-error.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    PhysicalNic: DataObject<'PhysicalNic'>
    VmkernelAdapter: DataObject<'HostVirtualNic'>
    StandardPortgroup: DataObject<'HostPortGroup'>
  }
}

builder.objectType('PhysicalNic', {
  description: 'A physical network card of a host. vim25: `PhysicalNic`.',
  fields: (t) => ({
    device: t.string({
      nullable: false,
      description: 'Name of the card on its host, such as `vmnic0`. Source: `device`.',
      resolve: ({ device }) => device,
    }),
    macAddress: t.string({
      nullable: false,
      description: 'MAC address in lower case. Source: `mac`.',
      resolve: ({ mac }) => mac.toLowerCase(),
    }),
    driver: t.string({
      description: 'Name of the driver. Source: `driver`.',
      resolve: ({ driver }) => driver ?? null,
    }),
    speedMb: t.int({
      description: 'Speed of the link, in Mbit/s. Null while the link is down. Source: `linkSpeed.speedMb`.',
      resolve: ({ linkSpeed }) => nonNegativeInt(linkSpeed?.speedMb ?? -1),
    }),
  }),
})

builder.objectType('VmkernelAdapter', {
  description:
    'A network interface of a host itself, for management, vMotion or storage. vim25: `HostVirtualNic`.',
  fields: (t) => ({
    device: t.string({
      nullable: false,
      description: 'Name of the interface on its host, such as `vmk0`. Source: `device`.',
      resolve: ({ device }) => device,
    }),
    macAddress: t.string({
      description: 'MAC address in lower case. Source: `spec.mac`.',
      resolve: ({ spec }) => spec.mac?.toLowerCase() ?? null,
    }),
    ipAddress: t.string({
      description: 'IPv4 address. Source: `spec.ip.ipAddress`.',
      resolve: ({ spec }) => spec.ip?.ipAddress ?? null,
    }),
    subnetMask: t.string({
      description: 'Subnet mask of the IPv4 address. Source: `spec.ip.subnetMask`.',
      resolve: ({ spec }) => spec.ip?.subnetMask ?? null,
    }),
    dhcp: t.boolean({
      description: 'Whether the IPv4 address comes from DHCP. Source: `spec.ip.dhcp`.',
      resolve: ({ spec }) => spec.ip?.dhcp ?? null,
    }),
    mtu: t.int({
      description: 'Largest size of a packet (MTU), in bytes. Source: `spec.mtu`.',
      resolve: ({ spec }) => nonNegativeInt(spec.mtu ?? -1),
    }),
    portgroup: t.string({
      description:
        'Name of the standard port group that it is connected to. Null on a distributed switch. Source: `portgroup`.',
      resolve: ({ portgroup }) => portgroup || null,
    }),
  }),
})

builder.objectType('StandardPortgroup', {
  description: 'A port group of a standard switch on one host. vim25: `HostPortGroup`.',
  fields: (t) => ({
    name: t.string({
      nullable: false,
      description: 'Name of the port group: that of the `Network` that it is part of. Source: `spec.name`.',
      resolve: ({ spec }) => spec.name,
    }),
    vlanId: t.int({
      nullable: false,
      description: 'VLAN id: 0 for none, 4095 for all (a trunk to the guests). Source: `spec.vlanId`.',
      resolve: ({ spec }) => {
        const vlanId: number | undefined = spec.vlanId
        if (vlanId === undefined)
          throw new ApiError('VSPHERE_FAULT', 'the vCenter reported a port group without a VLAN id')
        return int32(vlanId)
      },
    }),
    switchName: t.string({
      nullable: false,
      description: 'Name of the standard switch, such as `vSwitch0`. Source: `spec.vswitchName`.',
      resolve: ({ spec }) => spec.vswitchName,
    }),
  }),
})

builder.objectFields('HostSystem', (t) => ({
  physicalNics: t.field({
    ...requiresPaths('config.network.pnic'),
    type: ['PhysicalNic'],
    nullable: { list: true, items: false },
    description:
      'The physical network cards. Null while the host is disconnected. Source: `config.network.pnic`.',
    resolve: (host) => host.read('config.network.pnic') ?? null,
  }),
  vmkernelAdapters: t.field({
    ...requiresPaths('config.network.vnic'),
    type: ['VmkernelAdapter'],
    nullable: { list: true, items: false },
    description:
      'The network interfaces of the host itself. Null while the host is disconnected. Source: `config.network.vnic`.',
    resolve: (host) => host.read('config.network.vnic') ?? null,
  }),
  standardPortgroups: t.field({
    ...requiresPaths('config.network.portgroup'),
    type: ['StandardPortgroup'],
    nullable: { list: true, items: false },
    description:
      'The port groups of its standard switches, with their VLANs. Null while the host is disconnected. Source: `config.network.portgroup`.',
    resolve: (host) => host.read('config.network.portgroup') ?? null,
  }),
}))
