// The states and version states of VMware Tools.

import { vimEnum } from '../../core/vim-enum.ts'

export const ToolsRunningStatus = vimEnum('ToolsRunningStatus', {
  vimType: 'VirtualMachineToolsRunningStatus',
  description: 'Whether VMware Tools runs in the guest.',
  values: {
    guestToolsRunning: ['RUNNING', 'VMware Tools is running.'],
    guestToolsNotRunning: ['NOT_RUNNING', 'VMware Tools is not running.'],
    guestToolsExecutingScripts: ['EXECUTING_SCRIPTS', 'VMware Tools is starting.'],
  },
})

export const ToolsVersionStatus = vimEnum('ToolsVersionStatus', {
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
