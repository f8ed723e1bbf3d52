// Guest: what VMware Tools tell from inside a virtual machine.

import { knownValue } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { vimFields } from '../core/field-requirements.ts'
import { count } from '../core/units.ts'

const { vimProperty, propertyOr } = vimFields('VirtualMachine')

const ToolsRunningStatus = builder.enumType('ToolsRunningStatus', {
  description: 'VirtualMachineToolsRunningStatus.',
  values: {
    RUNNING: { value: 'guestToolsRunning', description: 'They run.' },
    NOT_RUNNING: { value: 'guestToolsNotRunning', description: 'They do not run.' },
    EXECUTING_SCRIPTS: { value: 'guestToolsExecutingScripts', description: 'They are starting.' },
  } as const,
})

const ToolsVersionStatus = builder.enumType('ToolsVersionStatus', {
  description: 'VirtualMachineToolsVersionStatus.',
  values: {
    NOT_INSTALLED: { value: 'guestToolsNotInstalled', description: 'There are none.' },
    CURRENT: { value: 'guestToolsCurrent', description: 'The version of the host.' },
    NEED_UPGRADE: { value: 'guestToolsNeedUpgrade', description: 'Not the version of the host.' },
    UNMANAGED: { value: 'guestToolsUnmanaged', description: 'Managed by the guest, as open-vm-tools are.' },
    TOO_OLD: { value: 'guestToolsTooOld', description: 'Too old to work.' },
    SUPPORTED_OLD: { value: 'guestToolsSupportedOld', description: 'Supported; there is a newer version.' },
    SUPPORTED_NEW: { value: 'guestToolsSupportedNew', description: 'Supported; newer than the host’s.' },
    TOO_NEW: { value: 'guestToolsTooNew', description: 'Too new for this host.' },
    BLACKLISTED: { value: 'guestToolsBlacklisted', description: 'Known to be bad: upgrade at once.' },
  } as const,
})

builder.objectType('Guest', {
  description:
    'What VMware Tools tell of the guest; while it is off, what they told last. vim25: GuestInfo. What summary.guest has too is read from there while guest is unset.',
  fields: (t) => ({
    hostName: t.string({
      description: 'guest.hostName.',
      ...propertyOr('guest.hostName', 'summary.guest.hostName'),
    }),
    ipAddress: t.string({
      description: 'guest.ipAddress: the primary one.',
      ...propertyOr('guest.ipAddress', 'summary.guest.ipAddress'),
    }),
    fullName: t.string({
      description: 'guest.guestFullName: the operating system that runs.',
      ...propertyOr('guest.guestFullName', 'summary.guest.guestFullName'),
    }),
    toolsRunning: t.boolean({
      description: 'guest.toolsRunningStatus: whether VMware Tools run.',
      ...propertyOr(
        'guest.toolsRunningStatus',
        'summary.guest.toolsRunningStatus',
        (status) => status === 'guestToolsRunning',
      ),
    }),
    toolsRunningStatus: t.field({
      type: ToolsRunningStatus,
      description: 'guest.toolsRunningStatus: how VMware Tools are.',
      ...propertyOr('guest.toolsRunningStatus', 'summary.guest.toolsRunningStatus', (status) =>
        knownValue('VirtualMachineToolsRunningStatus', status),
      ),
    }),
    toolsVersionStatus: t.field({
      type: ToolsVersionStatus,
      description: 'guest.toolsVersionStatus2: whether the version of VMware Tools will do.',
      ...propertyOr('guest.toolsVersionStatus2', 'summary.guest.toolsVersionStatus2', (status) =>
        knownValue('VirtualMachineToolsVersionStatus', status),
      ),
    }),
    toolsVersion: t.string({
      description: 'guest.toolsVersion: a number, as text.',
      ...vimProperty('guest.toolsVersion'),
    }),
    networkInterfaces: t.field({
      type: ['GuestNetworkInterface'],
      nullable: { list: true, items: false },
      description: 'The network interfaces that the guest sees: guest.net.',
      ...vimProperty('guest.net'),
    }),
  }),
})

builder.objectType('GuestNetworkInterface', {
  description: 'A network interface as the guest sees it. vim25: GuestNicInfo.',
  fields: (t) => ({
    network: t.string({
      description: 'network: the name of the network that its card is connected to.',
      resolve: ({ network }) => network ?? null,
    }),
    macAddress: t.string({ description: 'macAddress.', resolve: ({ macAddress }) => macAddress ?? null }),
    ipAddresses: t.stringList({
      nullable: { list: false, items: false },
      description: 'ipAddress: all of them, of either version.',
      resolve: ({ ipAddress }) => ipAddress ?? [],
    }),
    connected: t.boolean({
      description: 'connected: whether its card is plugged in.',
      resolve: ({ connected }) => connected,
    }),
    deviceKey: t.int({
      description: 'deviceConfigId: the key of its card. Null (-1) for an interface without one.',
      resolve: ({ deviceConfigId }) => count(deviceConfigId ?? -1),
    }),
  }),
})
