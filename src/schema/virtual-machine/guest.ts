// Guest: the data that VMware Tools report from inside a virtual machine.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { knownEnumValue } from '../../soap/type-registry.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { nonNegativeInt } from '../core/units.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    Guest: ManagedObject<'VirtualMachine'>
  }
}

const ToolsRunningStatus = builder.enumType('ToolsRunningStatus', {
  description: 'Whether VMware Tools run in the guest. vim25: `VirtualMachineToolsRunningStatus`.',
  values: {
    RUNNING: { value: 'guestToolsRunning', description: 'VMware Tools are running.' },
    NOT_RUNNING: { value: 'guestToolsNotRunning', description: 'VMware Tools are not running.' },
    EXECUTING_SCRIPTS: { value: 'guestToolsExecutingScripts', description: 'VMware Tools are starting.' },
  } as const,
})

const ToolsVersionStatus = builder.enumType('ToolsVersionStatus', {
  description: 'The version status of VMware Tools. vim25: `VirtualMachineToolsVersionStatus`.',
  values: {
    NOT_INSTALLED: { value: 'guestToolsNotInstalled', description: 'VMware Tools are not installed.' },
    CURRENT: { value: 'guestToolsCurrent', description: 'The version matches the version on the host.' },
    NEED_UPGRADE: {
      value: 'guestToolsNeedUpgrade',
      description: 'The version differs from the version on the host.',
    },
    UNMANAGED: {
      value: 'guestToolsUnmanaged',
      description: 'The guest manages VMware Tools itself, as with open-vm-tools.',
    },
    TOO_OLD: { value: 'guestToolsTooOld', description: 'The version is too old to work.' },
    SUPPORTED_OLD: {
      value: 'guestToolsSupportedOld',
      description: 'The version is supported, but a newer one is available.',
    },
    SUPPORTED_NEW: {
      value: 'guestToolsSupportedNew',
      description: 'The version is supported, and newer than the version on the host.',
    },
    TOO_NEW: { value: 'guestToolsTooNew', description: 'The version is too new for the host.' },
    BLACKLISTED: {
      value: 'guestToolsBlacklisted',
      description: 'The version has a severe known defect. Upgrade it immediately.',
    },
  } as const,
})

builder.objectType('Guest', {
  description:
    'Data that VMware Tools report about the guest operating system. While the guest is off, it is the data that they reported last. While `guest` is unset, the gateway reads the fields that `summary.guest` also has from there. vim25: `GuestInfo`.',
  fields: (t) => ({
    hostName: t.vimProperty('guest.hostName', {
      type: 'String',
      description: 'Host name of the guest. Source: `guest.hostName`.',
      fallback: 'summary.guest.hostName',
    }),
    ipAddress: t.vimProperty('guest.ipAddress', {
      type: 'String',
      description: 'Primary IP address of the guest. Source: `guest.ipAddress`.',
      fallback: 'summary.guest.ipAddress',
    }),
    fullName: t.vimProperty('guest.guestFullName', {
      type: 'String',
      description:
        'Name of the operating system that is installed in the guest. Source: `guest.guestFullName`.',
      fallback: 'summary.guest.guestFullName',
    }),
    toolsRunning: t.vimProperty('guest.toolsRunningStatus', {
      type: 'Boolean',
      description: 'Whether VMware Tools are running. Source: `guest.toolsRunningStatus`.',
      fallback: 'summary.guest.toolsRunningStatus',
      decode: (status) => status === 'guestToolsRunning',
    }),
    toolsRunningStatus: t.vimProperty('guest.toolsRunningStatus', {
      type: ToolsRunningStatus,
      description: 'Running status of VMware Tools. Source: `guest.toolsRunningStatus`.',
      fallback: 'summary.guest.toolsRunningStatus',
      decode: (status) => knownEnumValue('VirtualMachineToolsRunningStatus', status),
    }),
    toolsVersionStatus: t.vimProperty('guest.toolsVersionStatus2', {
      type: ToolsVersionStatus,
      description: 'Version status of VMware Tools. Source: `guest.toolsVersionStatus2`.',
      fallback: 'summary.guest.toolsVersionStatus2',
      decode: (status) => knownEnumValue('VirtualMachineToolsVersionStatus', status),
    }),
    toolsVersion: t.vimProperty('guest.toolsVersion', {
      type: 'String',
      description:
        'Version of VMware Tools, as a number in a string, such as "12389". Source: `guest.toolsVersion`.',
    }),
    networkInterfaces: t.vimProperty('guest.net', {
      type: [GuestNetworkInterface],
      nullable: { list: true, items: false },
      description: 'The network interfaces that the guest reports. Source: `guest.net`.',
    }),
  }),
})

const GuestNetworkInterface = builder
  .objectRef<DataObject<'GuestNicInfo'>>('GuestNetworkInterface')
  .implement({
    description: 'A network interface as the guest reports it. vim25: `GuestNicInfo`.',
    fields: (t) => ({
      network: t.string({
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
