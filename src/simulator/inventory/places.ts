// The frame of the inventory: folders, datacenters, clusters with their hosts, resource pools.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Site } from '../site.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import type { Property, SimulatedObject } from '../world.ts'
import { createHost, hostCores, hostCpuMhz, hostMemory } from './hosts.ts'

/** A moid without a dash before its number, as most of a vCenter's inventory has: `group-v3`, `domain-c8`. */
const numbered = ({ world }: Site, prefix: string): string => `${prefix}${world.nextMoid('n').slice(2)}`

/** Properties that hold references to members, which come and go. */
export function memberProperties(
  site: Site,
  ref: ManagedObjectReference,
  ...properties: readonly string[]
): Record<string, Property> {
  return Object.fromEntries(properties.map((property) => [property, () => site.members.of(ref, property)]))
}

export type FolderKind = 'v' | 'h' | 's' | 'n' | 'd'

const childTypes: Record<FolderKind, readonly string[]> = {
  v: ['Folder', 'VirtualMachine', 'VirtualApp'],
  h: ['Folder', 'ComputeResource'],
  s: ['Folder', 'Datastore', 'StoragePod'],
  n: ['Folder', 'Network', 'DistributedVirtualSwitch'],
  d: ['Folder', 'Datacenter'],
}

/** A folder for virtual machines (v), hosts (h), datastores (s), networks (n) or datacenters (d). */
export function createFolder(
  site: Site,
  kind: FolderKind,
  name: string,
  parent: SimulatedObject | undefined,
  isChild = true,
): SimulatedObject {
  const ref = { type: 'Folder', value: numbered(site, `group-${kind}`) }
  // Wherever the numbers begin: clients know the root folder by this name.
  if (!parent) ref.value = 'group-d1'
  const folder = site.world.add('Folder', ref.value, {
    ...entityProperties,
    name,
    parent: parent?.ref,
    childType: childTypes[kind],
    ...memberProperties(site, ref, 'childEntity'),
  })
  if (parent && isChild) site.members.add(parent.ref, 'childEntity', ref)
  return folder
}

export interface Datacenter {
  readonly object: SimulatedObject
  readonly vmFolder: SimulatedObject
  readonly hostFolder: SimulatedObject
  readonly datastoreFolder: SimulatedObject
  readonly networkFolder: SimulatedObject
}

export function createDatacenter(site: Site, root: SimulatedObject, name: string): Datacenter {
  const ref = { type: 'Datacenter', value: site.world.nextMoid('datacenter') }
  const folders: { [property: string]: SimulatedObject } = {}
  const object = site.world.add('Datacenter', ref.value, {
    ...entityProperties,
    name,
    parent: root.ref,
    vmFolder: () => folders.vm?.ref,
    hostFolder: () => folders.host?.ref,
    datastoreFolder: () => folders.datastore?.ref,
    networkFolder: () => folders.network?.ref,
    configuration: { defaultHardwareVersionKey: 'vmx-21' },
    ...memberProperties(site, ref, 'datastore', 'network'),
  })
  site.members.add(root.ref, 'childEntity', ref)
  // They have the datacenter as parent but are not children of a folder.
  const vmFolder = createFolder(site, 'v', 'vm', object, false)
  const hostFolder = createFolder(site, 'h', 'host', object, false)
  const datastoreFolder = createFolder(site, 's', 'datastore', object, false)
  const networkFolder = createFolder(site, 'n', 'network', object, false)
  Object.assign(folders, {
    vm: vmFolder,
    host: hostFolder,
    datastore: datastoreFolder,
    network: networkFolder,
  })
  return { object, vmFolder, hostFolder, datastoreFolder, networkFolder }
}

/** A cluster, or a ComputeResource around a single host. */
export interface Compute {
  readonly object: SimulatedObject
  readonly hosts: readonly SimulatedObject[]
  readonly pool: SimulatedObject
}

export function createCluster(
  site: Site,
  datacenter: Datacenter,
  name: string,
  hostNames: readonly string[],
): Compute {
  return createCompute(site, datacenter, { type: 'ClusterComputeResource', name, hostNames })
}

export function createStandaloneHost(site: Site, datacenter: Datacenter, hostName: string): Compute {
  return createCompute(site, datacenter, { type: 'ComputeResource', name: hostName, hostNames: [hostName] })
}

function createCompute(
  site: Site,
  datacenter: Datacenter,
  {
    type,
    name,
    hostNames,
  }: { type: 'ClusterComputeResource' | 'ComputeResource'; name: string; hostNames: readonly string[] },
): Compute {
  const isCluster = type === 'ClusterComputeResource'
  const moid = numbered(site, isCluster ? 'domain-c' : 'domain-s')
  const ref = { type, value: moid }
  const count = hostNames.length
  const totals: DataObject<'ComputeResourceSummary'> = {
    totalCpu: count * hostCores * hostCpuMhz,
    totalMemory: count * hostMemory,
    numCpuCores: count * hostCores,
    numCpuThreads: count * hostCores * 2,
    effectiveCpu: Math.floor(count * hostCores * hostCpuMhz * 0.95),
    effectiveMemory: Math.floor((count * hostMemory * 0.95) / 1024 ** 2),
    numHosts: count,
    numEffectiveHosts: count,
    overallStatus: 'green',
  }
  const cluster: DataObject<'ClusterComputeResourceSummary'> = {
    ...totals,
    _typeName: 'ClusterComputeResourceSummary',
    currentFailoverLevel: 1,
    numVmotions: 42,
    targetBalance: 200,
    currentBalance: 63,
  }
  const children: { pool?: SimulatedObject } = {}
  const object = site.world.add(type, moid, {
    ...entityProperties,
    name,
    parent: datacenter.hostFolder.ref,
    resourcePool: () => children.pool?.ref,
    summary: isCluster ? cluster : totals,
    environmentBrowser: { type: 'EnvironmentBrowser', value: `envbrowser-${moid.replace(/\D+/, '')}` },
    configurationEx: { vmSwapPlacement: 'vmDirectory' },
    ...(isCluster && { configuration: { dasConfig: { enabled: true }, drsConfig: { enabled: true } } }),
    ...memberProperties(site, ref, 'host', 'datastore', 'network'),
  })
  site.members.add(datacenter.hostFolder.ref, 'childEntity', ref)
  const pool = createResourcePool(site, 'Resources', object, object)
  children.pool = pool
  const hosts = hostNames.map((hostName) => {
    const host = createHost(site, hostName, object, (own) =>
      memberProperties(site, own, 'vm', 'datastore', 'network'),
    )
    site.members.add(ref, 'host', host.ref)
    return host
  })
  return { object, hosts, pool }
}

export function createResourcePool(
  site: Site,
  name: string,
  parent: SimulatedObject,
  owner: SimulatedObject,
): SimulatedObject {
  const ref = { type: 'ResourcePool', value: site.world.nextMoid('resgroup') }
  const allocation = (shares: number) => ({
    reservation: 0,
    expandableReservation: true,
    limit: -1,
    shares: { shares, level: 'normal' },
  })
  const usage = (overallUsage: number, maxUsage: number) => ({
    reservationUsed: 0,
    reservationUsedForVm: 0,
    unreservedForPool: maxUsage,
    unreservedForVm: maxUsage,
    overallUsage,
    maxUsage,
  })
  const config = {
    entity: ref,
    changeVersion: '',
    cpuAllocation: allocation(4000),
    memoryAllocation: allocation(163_840),
  }
  // Memory in bytes, processors in MHz.
  const runtime = {
    memory: usage(22_020_096_000, 1_566_421_549_056),
    cpu: usage(2_100, 3 * hostCores * hostCpuMhz),
    overallStatus: 'green',
  }
  const pool = site.world.add('ResourcePool', ref.value, {
    ...entityProperties,
    name,
    parent: parent.ref,
    owner: owner.ref,
    config,
    runtime,
    summary: {
      name,
      config,
      runtime,
      quickStats: { overallCpuUsage: 2_100, guestMemoryUsage: 9_300, hostMemoryUsage: 21_000 },
      configuredMemoryMB: 65_536,
    },
    ...memberProperties(site, ref, 'resourcePool', 'vm'),
  })
  if (parent.type === 'ResourcePool') site.members.add(parent.ref, 'resourcePool', ref)
  return pool
}
