// Guest: the data that VMware Tools reports from inside a virtual machine. guest-network.ts and guest-file-system.ts declare the fields for
// networks and file systems.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import { builder } from '../../builder.ts'
import { ToolsRunningStatus, ToolsVersionStatus } from './tools-status.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    Guest: ManagedObject<'VirtualMachine'>
  }
}

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
        'Name of the operating system that VMware Tools finds in the guest. Null until VMware Tools has reported it, so often while the guest is off; `configuredGuestFullName` is set then too. Source: `guest.guestFullName`, otherwise `summary.guest.guestFullName`.',
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
  }),
})
