// Hosts of the simulated inventory, all of the same model. Their load is derived from the machines on them.

import type { DataObject } from '../../soap/vim-types.ts'
import { overallStatus, withOverallStatus } from '../alarms/alarm-properties.ts'
import { customValueOf } from '../custom-fields/custom-fields.ts'
import { createRandom, createUuid } from '../random.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import { hostNetwork } from './host-network.ts'
import { resourceUsageOf } from './resource-usage.ts'

export const hostCores = 32
export const hostCpuMhz = 2394
export const hostMemory = 549_621_596_160

const uptimeSeconds = 41 * 24 * 60 * 60
// Resources that the hypervisor uses itself.
const ownCpuMhz = 420
const ownMemoryMB = 6_144

const product: DataObject<'AboutInfo'> = {
  name: 'VMware ESXi',
  fullName: 'VMware ESXi 8.0.3 build-24022510',
  vendor: 'VMware, Inc.',
  version: '8.0.3',
  patchLevel: '0.0',
  build: '24022510',
  localeVersion: 'INTL',
  localeBuild: '000',
  osType: 'vmnix-x86',
  productLineId: 'embeddedEsx',
  apiType: 'HostAgent',
  apiVersion: '8.0.3.0',
  licenseProductName: 'VMware ESX Server',
  licenseProductVersion: '8.0',
}

/** Only a working host runs machines. Machines of other hosts have been migrated or restarted elsewhere. */
export type HostCondition = 'working' | 'maintenance' | 'notResponding' | 'disconnected'

const statuses: Readonly<Record<HostCondition, string>> = {
  working: 'green',
  maintenance: 'green',
  notResponding: 'red',
  disconnected: 'gray',
}

export interface HostDescription {
  readonly name: string
  readonly condition: HostCondition
  /** The VLAN of its standard port groups for virtual machines. @default 0, for none */
  readonly vlanId?: number
  readonly evcMode?: string
}

const identifier = (key: string, identifierValue: string): DataObject<'HostSystemIdentificationInfo'> => ({
  identifierValue,
  identifierType: { key, label: key, summary: key },
})

export function createHost(
  context: SimulationContext,
  { name, condition, vlanId = 0, evcMode }: HostDescription,
  parent: SimulatedObject,
): SimulatedObject {
  const ref = { type: 'HostSystem', value: context.objects.nextMoid('host') }
  const random = createRandom(context.seed, 'host', name)
  const uuid = createUuid(random, '4c4c4544')
  const serialNumber = createRandom(context.seed, 'serial number', name).hex(7).toUpperCase()
  const ownStatus = statuses[condition]
  const isConnected = condition === 'working' || condition === 'maintenance'
  const runtime: DataObject<'HostRuntimeInfo'> = {
    connectionState: isConnected ? 'connected' : condition,
    powerState: isConnected ? 'poweredOn' : 'unknown',
    standbyMode: 'none',
    inMaintenanceMode: condition === 'maintenance',
    inQuarantineMode: false,
    ...(isConnected && { bootTime: new Date(context.origin - uptimeSeconds * 1000) }),
  }
  const quickStats = (): DataObject<'HostListSummaryQuickStats'> => {
    if (!isConnected) return {}
    const { cpuMhz, hostMemoryMB } = resourceUsageOf(context.objects, context.members.of(ref, 'vm'))
    return {
      overallCpuUsage: Math.min(hostCores * hostCpuMhz, ownCpuMhz + cpuMhz),
      overallMemoryUsage: Math.min(Math.floor(hostMemory / 1024 ** 2), ownMemoryMB + hostMemoryMB),
      uptime: uptimeSeconds,
    }
  }
  const summary = (): DataObject<'HostListSummary'> => ({
    host: ref,
    hardware: {
      vendor: 'Dell Inc.',
      model: 'PowerEdge R750',
      uuid,
      otherIdentifyingInfo: [identifier('ServiceTag', serialNumber)],
      memorySize: hostMemory,
      cpuModel: 'Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz',
      cpuMhz: hostCpuMhz,
      numCpuPkgs: 2,
      numCpuCores: hostCores,
      numCpuThreads: hostCores * 2,
      numNics: 4,
      numHBAs: 3,
    },
    runtime,
    config: { name, port: 443, product, vmotionEnabled: true },
    quickStats: quickStats(),
    overallStatus: ownStatus,
    rebootRequired: false,
    managementServerIp: '10.0.0.10',
    ...(evcMode !== undefined && { currentEVCModeKey: evcMode }),
    customValue: customValueOf(context.objects, ref),
  })
  const hardware: DataObject<'HostHardwareInfo'> = {
    systemInfo: { vendor: 'Dell Inc.', model: 'PowerEdge R750', uuid, serialNumber },
    cpuInfo: {
      numCpuPackages: 2,
      numCpuCores: hostCores,
      numCpuThreads: hostCores * 2,
      hz: hostCpuMhz * 1_000_000,
    },
    memorySize: hostMemory,
  }
  const standardNetworks = () =>
    context.members
      .of(ref, 'network')
      .filter(({ type }) => type === 'Network')
      .map((network) => String(context.objects.find(network)?.get('name')))
  return context.objects.add('HostSystem', ref.value, {
    ...entityProperties,
    name,
    parent: parent.ref,
    overallStatus: overallStatus(ownStatus),
    runtime,
    summary: withOverallStatus(summary),
    // Only available from the host itself.
    hardware: isConnected ? hardware : undefined,
    config: () =>
      isConnected
        ? { host: ref, product, network: hostNetwork(context, name, standardNetworks(), vlanId) }
        : undefined,
    datastoreBrowser: { type: 'HostDatastoreBrowser', value: `datastoreBrowser-${ref.value}` },
    ...context.members.propertiesOf(ref, 'vm', 'datastore', 'network'),
  })
}
