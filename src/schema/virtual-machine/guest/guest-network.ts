// The network of a guest as it reports it: interfaces, addresses, name servers and gateways.

import type { DataObject } from '../../../soap/vim-types.ts'
import { builder } from '../../builder.ts'
import { int32, nonNegativeInt, required } from '../../core/units.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    GuestNetworkInterface: DataObject<'GuestNicInfo'>
  }
}

type Stack = DataObject<'GuestStackInfo'>

/** Returns each value of the stacks once, in their order; null if no stack reports any. Values may be empty strings. */
function distinct(
  stacks: readonly Stack[],
  valuesOf: (stack: Stack) => readonly (string | undefined)[] | undefined,
): string[] | null {
  const reported = stacks.flatMap((stack) => {
    const values = valuesOf(stack)
    return values ? [values] : []
  })
  if (reported.length === 0) return null
  return [...new Set(reported.flat())].filter((value) => value !== undefined && value !== '') as string[]
}

/** Returns the gateways of the default routes. A gateway without an address is an interface. */
const defaultGatewaysOf = ({ ipRouteConfig }: Stack): readonly (string | undefined)[] | undefined =>
  ipRouteConfig &&
  (ipRouteConfig.ipRoute ?? [])
    .filter(({ prefixLength }) => prefixLength === 0)
    .map(
      ({ gateway }: { readonly gateway?: DataObject<'NetIpRouteConfigInfoGateway'> }) => gateway?.ipAddress,
    )

builder.objectFields('Guest', (t) => ({
  ipAddresses: t.vimProperty('guest.net', {
    type: ['String'],
    nullable: { list: true, items: false },
    description:
      'All IPv4 and IPv6 addresses of all network interfaces that the guest reports. Source: `ipAddress` of each entry of `guest.net`.',
    decode: (interfaces) => interfaces.flatMap(({ ipAddress = [] }) => ipAddress),
  }),
  networkInterfaces: t.vimProperty('guest.net', {
    type: ['GuestNetworkInterface'],
    nullable: { list: true, items: false },
    description: 'The network interfaces that the guest reports. Source: `guest.net`.',
  }),
  dnsServers: t.vimProperty('guest.ipStack', {
    type: ['String'],
    nullable: { list: true, items: false },
    description:
      'Addresses of the DNS servers that the guest uses, each once. Source: `dnsConfig.ipAddress` of each entry of `guest.ipStack`.',
    decode: (stacks) => distinct(stacks, ({ dnsConfig }) => dnsConfig && (dnsConfig.ipAddress ?? [])),
  }),
  searchDomains: t.vimProperty('guest.ipStack', {
    type: ['String'],
    nullable: { list: true, items: false },
    description:
      'Domains in which the guest looks up names without a domain, each once. Source: `dnsConfig.searchDomain` of each entry of `guest.ipStack`.',
    decode: (stacks) => distinct(stacks, ({ dnsConfig }) => dnsConfig && (dnsConfig.searchDomain ?? [])),
  }),
  defaultGateways: t.vimProperty('guest.ipStack', {
    type: ['String'],
    nullable: { list: true, items: false },
    description:
      'Addresses of the gateways of the default routes, each once. Source: the gateways of the routes with the prefix length 0 in `ipRouteConfig.ipRoute` of each entry of `guest.ipStack`.',
    decode: (stacks) => distinct(stacks, defaultGatewaysOf),
  }),
}))

const GuestIpAddress = builder.objectRef<DataObject<'NetIpConfigInfoIpAddress'>>('GuestIpAddress').implement({
  description: 'An IP address of a network interface of a guest. vim25: `NetIpConfigInfoIpAddress`.',
  fields: (t) => ({
    address: t.string({
      nullable: false,
      description: 'The IPv4 or IPv6 address, without the prefix length. Source: `ipAddress`.',
      resolve: ({ ipAddress }) => required(ipAddress, 'an IP address of a guest without the address'),
    }),
    prefixLength: t.int({
      nullable: false,
      description: 'Number of the bits that identify the network, such as 24. Source: `prefixLength`.',
      resolve: ({ prefixLength }) =>
        int32(required(prefixLength, 'an IP address of a guest without its prefix length')),
    }),
    origin: t.string({
      description:
        'Where the address comes from: `manual`, `dhcp`, `linklayer`, `random` or `other`. Many guests do not report it. Source: `origin`.',
      resolve: ({ origin }) => origin ?? null,
    }),
  }),
})

builder.objectType('GuestNetworkInterface', {
  description: 'A network interface as the guest reports it. vim25: `GuestNicInfo`.',
  fields: (t) => ({
    network: t.string({
      derives: { nothing: 'networkAdapters have the network itself' },
      description: 'Name of the network that its network adapter is connected to. Source: `network`.',
      resolve: ({ network }) => network ?? null,
    }),
    macAddress: t.string({
      description: 'MAC address of the interface. Source: `macAddress`.',
      resolve: ({ macAddress }) => macAddress ?? null,
    }),
    ipAddresses: t.stringList({
      nullable: { list: false, items: false },
      description: 'All IPv4 and IPv6 addresses of the interface. Source: `ipAddress`.',
      resolve: ({ ipAddress }) => ipAddress ?? [],
    }),
    addresses: t.field({
      type: [GuestIpAddress],
      nullable: { list: true, items: false },
      description:
        'The addresses of the interface with their prefix lengths. Null if the guest reports only `ipAddresses`. Source: `ipConfig.ipAddress`.',
      resolve: ({ ipConfig }) => ipConfig && (ipConfig.ipAddress ?? []),
    }),
    connected: t.boolean({
      description: 'Whether its network adapter is connected. Source: `connected`.',
      resolve: ({ connected }) => connected,
    }),
    deviceKey: t.int({
      description:
        'Device key of its network adapter. Null for an interface without an adapter (-1). Source: `deviceConfigId`.',
      resolve: ({ deviceConfigId }) => nonNegativeInt(deviceConfigId ?? -1),
    }),
  }),
})
