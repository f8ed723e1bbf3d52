// The hosts of the simulated inventory, all of one make.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { createRandom, createUuid } from '../random.ts'
import type { Site } from '../site.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import type { Property, SimulatedObject } from '../world.ts'

export const hostCores = 32
export const hostCpuMhz = 2394
export const hostMemory = 549_621_596_160

const uptimeSeconds = 41 * 24 * 60 * 60

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

export function createHost(
  site: Site,
  name: string,
  parent: SimulatedObject,
  memberProperties: (ref: ManagedObjectReference) => Record<string, Property>,
): SimulatedObject {
  const ref = { type: 'HostSystem', value: site.world.nextMoid('host') }
  const random = createRandom(site.seed, 'host', name)
  const uuid = createUuid(random, '4c4c4544')
  const runtime: DataObject<'HostRuntimeInfo'> = {
    connectionState: 'connected',
    powerState: 'poweredOn',
    standbyMode: 'none',
    inMaintenanceMode: false,
    bootTime: new Date(site.origin - uptimeSeconds * 1000),
  }
  const summary: DataObject<'HostListSummary'> = {
    host: ref,
    hardware: {
      vendor: 'Dell Inc.',
      model: 'PowerEdge R750',
      uuid,
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
    quickStats: {
      overallCpuUsage: 2_000 + random.integer(20_000),
      overallMemoryUsage: 60_000 + random.integer(300_000),
      uptime: uptimeSeconds,
    },
    overallStatus: 'green',
    rebootRequired: false,
    managementServerIp: '10.0.0.10',
  }
  return site.world.add('HostSystem', ref.value, {
    ...entityProperties,
    name,
    parent: parent.ref,
    runtime,
    summary,
    hardware: {
      systemInfo: { vendor: 'Dell Inc.', model: 'PowerEdge R750', uuid },
      cpuInfo: {
        numCpuPackages: 2,
        numCpuCores: hostCores,
        numCpuThreads: hostCores * 2,
        hz: hostCpuMhz * 1_000_000,
      },
      memorySize: hostMemory,
    },
    config: { host: ref, product },
    datastoreBrowser: { type: 'HostDatastoreBrowser', value: `datastoreBrowser-${ref.value}` },
    ...memberProperties(ref),
  })
}
