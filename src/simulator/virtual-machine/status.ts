// VirtualMachine.runtime: the machine's runtime state, and the state of VMware Tools.

import type { DataObject } from '../../soap/vim-types.ts'
import type { Machine } from './machine.ts'

export const toolsRun = ({ hasTools, powerState, guestTransition }: Machine): boolean =>
  hasTools && powerState === 'poweredOn' && !guestTransition?.isDown
export const heartbeatOf = (machine: Machine): string => (toolsRun(machine) ? 'green' : 'gray')

export function runtimeOf(machine: Machine): DataObject<'VirtualMachineRuntimeInfo'> {
  const base = {
    host: machine.host,
    powerState: machine.powerState,
    toolsInstallerMounted: false,
    numMksConnections: 0,
  }
  if (!machine.isAccessible) return { ...base, connectionState: 'inaccessible' }
  return {
    ...base,
    connectionState: 'connected',
    faultToleranceState: 'notConfigured',
    suspendTime: machine.suspendTime,
    bootTime: machine.bootTime,
    suspendInterval: 0,
    ...(machine.question && { question: machine.question }),
    memoryOverhead: 65_011_712 + machine.settings.cpus * 4_194_304,
    maxCpuUsage: machine.settings.cpus * hostMhz,
    maxMemoryUsage: machine.settings.memoryMB,
    consolidationNeeded: machine.consolidationNeeded,
  }
}

export const hostMhz = 2394

/** The version of VMware Tools that the simulated hosts have, 12.4.5. */
export const currentToolsVersion = 12389

export function toolsStatus(machine: Machine): {
  toolsStatus: string
  toolsVersionStatus: string
  toolsVersionStatus2: string
  toolsRunningStatus: string
} {
  const isCurrent = machine.toolsVersion >= currentToolsVersion
  const [version, version2] = !machine.hasTools
    ? ['guestToolsNotInstalled', 'guestToolsNotInstalled']
    : isCurrent
      ? ['guestToolsCurrent', 'guestToolsCurrent']
      : ['guestToolsNeedUpgrade', 'guestToolsSupportedOld']
  return {
    toolsStatus: !machine.hasTools
      ? 'toolsNotInstalled'
      : toolsRun(machine)
        ? isCurrent
          ? 'toolsOk'
          : 'toolsOld'
        : 'toolsNotRunning',
    toolsVersionStatus: version,
    toolsVersionStatus2: version2,
    toolsRunningStatus: toolsRun(machine) ? 'guestToolsRunning' : 'guestToolsNotRunning',
  }
}

export const hostNameOf = (machine: Machine): string =>
  machine.directory.toLowerCase().replace(/[^a-z0-9-]/g, '-')
