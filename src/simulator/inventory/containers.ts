// Creates the inventory's containers: folders, datacenters, and clusters with their hosts.

import type { DataObject } from '../../soap/vim-types.ts'
import { overallStatus, withOverallStatus } from '../alarms/alarm-properties.ts'
import { createRandom } from '../random.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import { createHost, type HostDescription, hostCores, hostCpuMhz, hostMemory } from './hosts.ts'
import { createResourcePool } from './pools.ts'
import { type ResourceUsage, resourceUsageOf } from './resource-usage.ts'

/** Returns a moid without a dash before its number, as for most objects of a vCenter: `group-v3`, `domain-c8`. */
const numbered = ({ objects }: SimulationContext, prefix: string): string =>
  `${prefix}${objects.nextMoid('n').slice(2)}`

export type FolderKind = 'v' | 'h' | 's' | 'n' | 'd'

const childTypes: Record<FolderKind, readonly string[]> = {
  v: ['Folder', 'VirtualMachine', 'VirtualApp'],
  h: ['Folder', 'ComputeResource'],
  s: ['Folder', 'Datastore', 'StoragePod'],
  n: ['Folder', 'Network', 'DistributedVirtualSwitch'],
  d: ['Folder', 'Datacenter'],
}

/** Creates a folder for virtual machines (v), hosts (h), datastores (s), networks (n) or datacenters (d). */
export function createFolder(
  context: SimulationContext,
  kind: FolderKind,
  name: string,
  parent: SimulatedObject | undefined,
  isChild = true,
): SimulatedObject {
  const ref = { type: 'Folder', value: numbered(context, `group-${kind}`) }
  // Fixed regardless of the counter: clients know the root folder by this moid.
  if (!parent) ref.value = 'group-d1'
  const folder = context.objects.add('Folder', ref.value, {
    ...entityProperties,
    name,
    parent: parent?.ref,
    childType: childTypes[kind],
    ...context.members.propertiesOf(ref, 'childEntity'),
  })
  if (parent && isChild) context.members.add(parent.ref, 'childEntity', ref)
  return folder
}

export interface Datacenter {
  readonly object: SimulatedObject
  readonly vmFolder: SimulatedObject
  readonly hostFolder: SimulatedObject
  readonly datastoreFolder: SimulatedObject
  readonly networkFolder: SimulatedObject
}

export function createDatacenter(
  context: SimulationContext,
  root: SimulatedObject,
  name: string,
): Datacenter {
  const ref = { type: 'Datacenter', value: context.objects.nextMoid('datacenter') }
  const folders: { [property: string]: SimulatedObject } = {}
  const object = context.objects.add('Datacenter', ref.value, {
    ...entityProperties,
    name,
    parent: root.ref,
    vmFolder: () => folders.vm?.ref,
    hostFolder: () => folders.host?.ref,
    datastoreFolder: () => folders.datastore?.ref,
    networkFolder: () => folders.network?.ref,
    configuration: { defaultHardwareVersionKey: 'vmx-21' },
    ...context.members.propertiesOf(ref, 'datastore', 'network'),
  })
  context.members.add(root.ref, 'childEntity', ref)
  // The folders have the datacenter as parent, but are not in any childEntity list.
  const vmFolder = createFolder(context, 'v', 'vm', object, false)
  const hostFolder = createFolder(context, 'h', 'host', object, false)
  const datastoreFolder = createFolder(context, 's', 'datastore', object, false)
  const networkFolder = createFolder(context, 'n', 'network', object, false)
  Object.assign(folders, {
    vm: vmFolder,
    host: hostFolder,
    datastore: datastoreFolder,
    network: networkFolder,
  })
  return { object, vmFolder, hostFolder, datastoreFolder, networkFolder }
}

/** Creates a datastore cluster. Its space is that of its datastores. */
export function createStoragePod(
  context: SimulationContext,
  { datastoreFolder }: Datacenter,
  name: string,
): SimulatedObject {
  const ref = { type: 'StoragePod', value: numbered(context, 'group-p') }
  const total = (property: 'capacity' | 'freeSpace') =>
    context.members
      .of(ref, 'childEntity')
      .map((each) => context.objects.find(each)?.get('summary') as DataObject<'DatastoreSummary'>)
      .reduce((sum, summary) => sum + Number(summary[property]), 0)
  context.members.add(datastoreFolder.ref, 'childEntity', ref)
  return context.objects.add('StoragePod', ref.value, {
    ...entityProperties,
    name,
    parent: datastoreFolder.ref,
    childType: ['Datastore'],
    summary: () => ({ name, capacity: total('capacity'), freeSpace: total('freeSpace') }),
    podStorageDrsEntry: {
      storageDrsConfig: {
        podConfig: { enabled: true, ioLoadBalanceEnabled: true, defaultVmBehavior: 'automated' },
      },
    },
    ...context.members.propertiesOf(ref, 'childEntity'),
  })
}

/** A cluster, or the ComputeResource of a standalone host. */
export interface Compute {
  readonly object: SimulatedObject
  readonly hosts: readonly SimulatedObject[]
  readonly pool: SimulatedObject
}

export function createCluster(
  context: SimulationContext,
  datacenter: Datacenter,
  name: string,
  hosts: readonly HostDescription[],
): Compute {
  return createCompute(context, datacenter, { type: 'ClusterComputeResource', name, hosts })
}

export function createStandaloneHost(
  context: SimulationContext,
  datacenter: Datacenter,
  hostName: string,
): Compute {
  const hosts = [{ name: hostName, condition: 'working' }] as const
  return createCompute(context, datacenter, { type: 'ComputeResource', name: hostName, hosts })
}

interface ComputeDescription {
  readonly type: 'ClusterComputeResource' | 'ComputeResource'
  readonly name: string
  readonly hosts: readonly HostDescription[]
}

function createCompute(
  context: SimulationContext,
  datacenter: Datacenter,
  { type, name, hosts: descriptions }: ComputeDescription,
): Compute {
  const isCluster = type === 'ClusterComputeResource'
  const moid = numbered(context, isCluster ? 'domain-c' : 'domain-s')
  const ref = { type, value: moid }
  const summary = summaryOf(descriptions)
  const random = createRandom(context.seed, 'cluster', name)
  const machines = () => context.members.of(ref, 'host').flatMap((host) => context.members.of(host, 'vm'))
  const drsScore = 70 + random.integer(30)
  const fullSummary = () =>
    clusterSummary(summary, {
      drsScore,
      evcMode: descriptions[0]?.evcMode,
      usage: resourceUsageOf(context.objects, machines()),
      vmCount: machines().length,
    })
  const clusterConfig = {
    dasConfig: { enabled: true, admissionControlEnabled: random.integer(4) > 0 },
    drsConfig: {
      enabled: true,
      defaultVmBehavior: random.pick(['fullyAutomated', 'fullyAutomated', 'partiallyAutomated', 'manual']),
    },
  }
  const children: { pool?: SimulatedObject } = {}
  const object = context.objects.add(type, moid, {
    ...entityProperties,
    name,
    parent: datacenter.hostFolder.ref,
    resourcePool: () => children.pool?.ref,
    overallStatus: overallStatus(summary.overallStatus),
    summary: withOverallStatus(isCluster ? fullSummary : () => summary),
    ...(isCluster && { summaryEx: withOverallStatus(fullSummary) }),
    environmentBrowser: { type: 'EnvironmentBrowser', value: `envbrowser-${moid.replace(/\D+/, '')}` },
    configurationEx: {
      ...computeConfig,
      ...(isCluster && {
        _typeName: 'ClusterConfigInfoEx',
        ...clusterConfig,
        vsanConfigInfo: { enabled: false },
      }),
    },
    ...(isCluster && { configuration: clusterConfig }),
    ...context.members.propertiesOf(ref, 'host', 'datastore', 'network'),
  })
  context.members.add(datacenter.hostFolder.ref, 'childEntity', ref)
  const pool = createResourcePool(context, 'Resources', object, object)
  children.pool = pool
  const hosts = descriptions.map((description) => {
    const host = createHost(context, description, object)
    context.members.add(ref, 'host', host.ref)
    return host
  })
  return { object, hosts, pool }
}

const computeConfig = { vmSwapPlacement: 'vmDirectory', spbmEnabled: true }

function summaryOf(hosts: readonly HostDescription[]): DataObject<'ComputeResourceSummary'> {
  const effective = hosts.filter(({ condition }) => condition === 'working').length
  const allHostsAvailable = hosts.every(
    ({ condition }) => condition === 'working' || condition === 'maintenance',
  )
  return {
    totalCpu: hosts.length * hostCores * hostCpuMhz,
    totalMemory: hosts.length * hostMemory,
    numCpuCores: hosts.length * hostCores,
    numCpuThreads: hosts.length * hostCores * 2,
    effectiveCpu: Math.floor(effective * hostCores * hostCpuMhz * 0.95),
    effectiveMemory: Math.floor((effective * hostMemory * 0.95) / 1024 ** 2),
    numHosts: hosts.length,
    numEffectiveHosts: effective,
    overallStatus: allHostsAvailable ? 'green' : 'yellow',
  }
}

interface ClusterLoad {
  readonly drsScore: number
  readonly evcMode: string | undefined
  readonly usage: ResourceUsage
  readonly vmCount: number
}

const clusterSummary = (
  summary: DataObject<'ComputeResourceSummary'>,
  { drsScore, evcMode, usage, vmCount }: ClusterLoad,
): DataObject<'ClusterComputeResourceSummary'> => ({
  ...summary,
  _typeName: 'ClusterComputeResourceSummary',
  currentFailoverLevel: 1,
  numVmotions: 42,
  targetBalance: 200,
  currentBalance: 63,
  drsScore,
  usageSummary: {
    totalCpuCapacityMhz: summary.effectiveCpu,
    totalMemCapacityMB: Number(summary.effectiveMemory),
    cpuReservationMhz: 0,
    memReservationMB: 0,
    cpuDemandMhz: usage.cpuMhz,
    memDemandMB: usage.hostMemoryMB,
    statsGenNumber: 1,
    cpuEntitledMhz: usage.cpuMhz,
    memEntitledMB: usage.hostMemoryMB,
    poweredOffVmCount: 0,
    totalVmCount: vmCount,
  },
  ...(evcMode !== undefined && { currentEVCModeKey: evcMode }),
})
