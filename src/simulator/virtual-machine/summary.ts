// VirtualMachine.summary: a short copy of other properties, with the statistics of the last measurement.

import type { DataObject } from '../../soap/vim-types.ts'
import { customValueOf } from '../custom-fields/custom-fields.ts'
import { createRandom } from '../random.ts'
import { vmPathName } from './config.ts'
import { ipAddressOf } from './guest-info.ts'
import { usageOf } from './layout.ts'
import type { Machine } from './machine.ts'
import { heartbeatOf, hostMhz, hostNameOf, runtimeOf, toolsRun, toolsStatus } from './status.ts'

export function summaryOf(machine: Machine): DataObject<'VirtualMachineSummary'> {
  const { ref, context } = machine
  const base = { vm: ref, runtime: runtimeOf(machine), customValue: customValueOf(context.objects, ref) }
  if (!machine.isAccessible) {
    return {
      ...base,
      config: {
        name: machine.name,
        template: false,
        vmPathName: vmPathName(machine),
        ...(machine.managedBy && { managedBy: machine.managedBy }),
      },
      quickStats: { guestHeartbeatStatus: 'gray' },
      overallStatus: 'gray',
    }
  }
  const usage = usageOf(machine)
  const committed = usage.reduce((total, each) => total + each.committed, 0)
  const { id, fullName } = machine.system
  return {
    ...base,
    guest: toolsRun(machine)
      ? {
          guestId: id,
          guestFullName: fullName,
          ...toolsStatus(machine),
          hostName: hostNameOf(machine),
          ...ipAddressOf(machine),
        }
      : toolsStatus(machine),
    config: {
      name: machine.name,
      template: machine.template,
      vmPathName: vmPathName(machine),
      memorySizeMB: machine.settings.memoryMB,
      cpuReservation: Number(machine.settings.cpuAllocation.reservation),
      memoryReservation: Number(machine.settings.memoryAllocation.reservation),
      numCpu: machine.settings.cpus,
      numEthernetCards: machine.settings.networkCards.length,
      numVirtualDisks: machine.disks.length,
      uuid: machine.uuid,
      instanceUuid: machine.instanceUuid,
      guestId: machine.settings.guest.id,
      guestFullName: machine.settings.guest.fullName,
      annotation: machine.settings.annotation,
      ...(machine.managedBy && { managedBy: machine.managedBy }),
      tpmPresent: machine.settings.hasTpm,
      hwVersion: machine.version,
    },
    storage: {
      committed,
      uncommitted: usage.reduce((total, each) => total + each.uncommitted, 0),
      unshared: committed,
      timestamp: machine.measuredAt,
    },
    quickStats: quickStatsOf(machine),
    overallStatus: 'green',
  }
}

export function quickStatsOf(machine: Machine): DataObject<'VirtualMachineQuickStats'> {
  if (machine.powerState !== 'poweredOn') {
    return {
      overallCpuUsage: 0,
      overallCpuDemand: 0,
      overallCpuReadiness: 0,
      guestMemoryUsage: 0,
      hostMemoryUsage: 0,
      guestHeartbeatStatus: 'gray',
      ...reclaimedMemory(machine, 0),
      uptimeSeconds: 0,
    }
  }
  const load = createRandom(machine.seed, 'load').next()
  const cpuUsage = Math.round(machine.settings.cpus * hostMhz * 0.3 * load)
  return {
    overallCpuUsage: cpuUsage,
    overallCpuDemand: cpuUsage + 12,
    overallCpuReadiness: Math.floor(6 * load),
    guestMemoryUsage: Math.round(machine.settings.memoryMB * 0.5 * load),
    hostMemoryUsage: Math.round(machine.settings.memoryMB * (0.4 + 0.5 * load)),
    guestHeartbeatStatus: heartbeatOf(machine),
    ...reclaimedMemory(machine, load),
    uptimeSeconds: Math.max(
      0,
      Math.floor((machine.measuredAt.getTime() - (machine.bootTime ?? machine.measuredAt).getTime()) / 1000),
    ),
  }
}

/** Returns what the host has reclaimed: nothing below a certain load, then memory of the balloon driver, and only then swapped memory. */
function reclaimedMemory({ settings }: Machine, load: number) {
  const share = Math.max(0, load - 0.7)
  return {
    swappedMemory: load > 0.9 ? Math.round(settings.memoryMB * (load - 0.9)) : 0,
    balloonedMemory: Math.round(settings.memoryMB * share * 0.5),
    // In KB, unlike the others.
    compressedMemory: Math.round(settings.memoryMB * share * 0.1) * 1024,
  }
}
