// Guest: the data that VMware Tools reports from inside a virtual machine.

import type { ManagedObject } from '../../planner/managed-object.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { nonNegativeInt } from '../core/units.ts'
import { vimEnum } from '../core/vim-enum.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    Guest: ManagedObject<'VirtualMachine'>
    GuestNetworkInterface: DataObject<'GuestNicInfo'>
  }
}

const ToolsRunningStatus = vimEnum('ToolsRunningStatus', {
  vimType: 'VirtualMachineToolsRunningStatus',
  description: 'Whether VMware Tools runs in the guest.',
  values: {
    guestToolsRunning: ['RUNNING', 'VMware Tools is running.'],
    guestToolsNotRunning: ['NOT_RUNNING', 'VMware Tools is not running.'],
    guestToolsExecutingScripts: ['EXECUTING_SCRIPTS', 'VMware Tools is starting.'],
  },
})

const ToolsVersionStatus = vimEnum('ToolsVersionStatus', {
  vimType: 'VirtualMachineToolsVersionStatus',
  description: 'The version status of VMware Tools.',
  values: {
    guestToolsNotInstalled: ['NOT_INSTALLED', 'VMware Tools is not installed.'],
    guestToolsCurrent: ['CURRENT', 'The version matches the version on the host.'],
    guestToolsNeedUpgrade: ['NEED_UPGRADE', 'The version differs from the version on the host.'],
    guestToolsUnmanaged: ['UNMANAGED', 'The guest manages VMware Tools itself, as with open-vm-tools.'],
    guestToolsTooOld: ['TOO_OLD', 'The version is too old to work.'],
    guestToolsSupportedOld: ['SUPPORTED_OLD', 'The version is supported, but a newer one is available.'],
    guestToolsSupportedNew: [
      'SUPPORTED_NEW',
      'The version is supported, and newer than the version on the host.',
    ],
    guestToolsTooNew: ['TOO_NEW', 'The version is too new for the host.'],
    guestToolsBlacklisted: ['BLACKLISTED', 'The version has a severe known defect. Upgrade it immediately.'],
  },
})

builder.objectType('Guest', {
  description:
    'Data that VMware Tools reports about the guest operating system. While the guest is off, it is the data that it reported last. While `guest` is unset, the gateway reads the fields that `summary.guest` also has from there. vim25: `GuestInfo`.',
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
      derives: { group: true },
      type: 'String',
      description:
        'Name of the operating system that is installed in the guest. Source: `guest.guestFullName`.',
      fallback: 'summary.guest.guestFullName',
    }),
    family: t.vimProperty('guest.guestFamily', {
      derives: { group: true },
      type: 'String',
      description:
        'Family of the operating system that is installed in the guest, such as `linuxGuest` or `windowsGuest`. Source: `guest.guestFamily`.',
    }),
    state: t.vimProperty('guest.guestState', {
      type: 'String',
      description:
        'State of the operating system: `running`, `shuttingDown`, `resetting`, `standby`, `notRunning` or `unknown`. Source: `guest.guestState`.',
    }),
    ipAddresses: t.vimProperty('guest.net', {
      type: ['String'],
      nullable: { list: true, items: false },
      description:
        'All IPv4 and IPv6 addresses of all network interfaces that the guest reports. Source: `ipAddress` of each entry of `guest.net`.',
      decode: (interfaces) => interfaces.flatMap(({ ipAddress = [] }) => ipAddress),
    }),
    toolsRunning: t.vimProperty('guest.toolsRunningStatus', {
      type: 'Boolean',
      description: 'Whether VMware Tools is running. Source: `guest.toolsRunningStatus`.',
      fallback: 'summary.guest.toolsRunningStatus',
      decode: (status) => status === 'guestToolsRunning',
    }),
    toolsRunningStatus: t.vimProperty('guest.toolsRunningStatus', {
      ...ToolsRunningStatus,
      description: 'Running status of VMware Tools. Source: `guest.toolsRunningStatus`.',
      fallback: 'summary.guest.toolsRunningStatus',
    }),
    toolsVersionStatus: t.vimProperty('guest.toolsVersionStatus2', {
      ...ToolsVersionStatus,
      description: 'Version status of VMware Tools. Source: `guest.toolsVersionStatus2`.',
      fallback: 'summary.guest.toolsVersionStatus2',
    }),
    toolsVersion: t.vimProperty('guest.toolsVersion', {
      derives: { group: true },
      type: 'String',
      description:
        'Version of VMware Tools, as a number in a string, such as "12389". Source: `guest.toolsVersion`.',
    }),
    toolsInstallType: t.vimProperty('guest.toolsInstallType', {
      type: 'String',
      description:
        'How VMware Tools was installed, such as `guestToolsTypeOpenVMTools` or `guestToolsTypeMSI`. Null before vSphere 6.5. Source: `guest.toolsInstallType`.',
    }),
    networkInterfaces: t.vimProperty('guest.net', {
      type: ['GuestNetworkInterface'],
      nullable: { list: true, items: false },
      description: 'The network interfaces that the guest reports. Source: `guest.net`.',
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
