// Generates the containers for inventories larger than the named machines: datacenters of unequal size with
// clusters, storage, networks and folders, in realistic proportions.

import type { Storage } from '../disk/disk.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import type { NetworkLocation } from '../virtual-machine/machine.ts'
import { type Compute, createCluster, createDatacenter, createFolder, type Datacenter } from './containers.ts'
import { GiB, type MachineLocation } from './create-machine.ts'
import { createDatastore } from './datastores.ts'
import type { HostCondition } from './hosts.ts'
import { hostAt, type NamedContainers } from './named-containers.ts'
import { type Branch, branches, machineName, twoDigits, type Workload, workloadAt } from './names.ts'
import { createSwitch } from './networks.ts'
import { createResourcePool, createVirtualApp } from './pools.ts'

/** Fewer machines than this are all in one datacenter. */
const oneDatacenter = 200
const perBranch = 3000
const perHost = 40
const perCluster = 24 * perHost
const perDatastore = 100
const perPortgroup = 200
const perFolder = 50
/** Minimum size of clusters with a spare host, which is out of service, and a vApp. */
const largeCluster = 200

/** The location and name of one generated machine. */
export interface NamedLocation extends MachineLocation {
  readonly name: string
}

/** Creates containers for `count` machines and returns a location for each. */
export function generateLocations(
  context: SimulationContext,
  containers: NamedContainers,
  count: number,
): NamedLocation[] {
  const datacentersToFill = datacentersFor(context, containers, count)
  const shares = divide(
    count,
    datacentersToFill.map((_, index) => 1 / (index + 1)),
  )
  return datacentersToFill.flatMap((datacenter, index) =>
    fillDatacenter(context, datacenter, branches[index] as Branch, shares[index] ?? 0),
  )
}

function datacentersFor(
  context: SimulationContext,
  { root, datacenters }: NamedContainers,
  count: number,
): Datacenter[] {
  if (count < oneDatacenter) return [datacenters.frankfurt]
  const first = [datacenters.frankfurt, datacenters.oregon]
  const more = branches.slice(first.length, first.length + Math.floor(count / perBranch))
  if (more.length === 0) return first
  const folder = createFolder(context, 'd', 'Branches', root)
  return [...first, ...more.map(({ name }) => createDatacenter(context, folder, name))]
}

function fillDatacenter(
  context: SimulationContext,
  datacenter: Datacenter,
  branch: Branch,
  count: number,
): NamedLocation[] {
  const clusters = upTo(count / perCluster, (index) => index)
  const slots = createMachineSlots(context, datacenter, branch, count)
  let taken = 0
  return divide(
    count,
    clusters.map(() => 1),
  ).flatMap((size, index) => {
    const name = `${branch.code}-cluster-${twoDigits(branch.firstNumber + index)}`
    const area = clusters.length === 1 ? datacenter : createArea(context, datacenter, name)
    const own = slots.slice(taken, taken + size)
    taken += size
    return fillCluster(context, area, name, own)
  })
}

/** Returns a datacenter whose host, datastore and network folders are replaced by subfolders for one cluster. */
function createArea(context: SimulationContext, datacenter: Datacenter, name: string): Datacenter {
  return {
    ...datacenter,
    hostFolder: createFolder(context, 'h', name.replace('-cluster', ''), datacenter.hostFolder),
    datastoreFolder: createFolder(context, 's', `${name} storage`, datacenter.datastoreFolder),
    networkFolder: createFolder(context, 'n', `${name} networks`, datacenter.networkFolder),
  }
}

/** A machine's name and folder, before it is assigned to a cluster. */
interface MachineSlot {
  readonly name: string
  readonly folder: SimulatedObject
  readonly workload: Workload
}

/** Creates folders three levels deep: department, application, environment. */
function createMachineSlots(
  context: SimulationContext,
  { vmFolder }: Datacenter,
  branch: Branch,
  count: number,
): MachineSlot[] {
  const folders = new Map<string, SimulatedObject>()
  const folderAt = (path: string, name: string, parent: SimulatedObject): SimulatedObject => {
    let folder = folders.get(path)
    if (!folder) {
      folder = createFolder(context, 'v', name, parent)
      folders.set(path, folder)
    }
    return folder
  }
  return upTo(count, (index) => {
    const workload = workloadAt(Math.floor(index / perFolder))
    const { department, application, environment } = workload
    const top = folderAt(department, department, vmFolder)
    const middle = folderAt(`${department}/${application}`, application, top)
    return {
      name: machineName(branch, workload, index % perFolder),
      folder: folderAt(`${department}/${application}/${environment}`, environment, middle),
      workload,
    }
  })
}

function fillCluster(
  context: SimulationContext,
  area: Datacenter,
  name: string,
  slots: readonly MachineSlot[],
): NamedLocation[] {
  const [code, , number] = name.split('-')
  const isLarge = slots.length >= largeCluster
  const working = Math.max(3, Math.ceil(slots.length / perHost))
  const conditions: HostCondition[] = Array.from({ length: working }, () => 'working')
  if (isLarge) conditions.push(spareConditions[Number(number) % spareConditions.length] ?? 'maintenance')
  const cluster = createCluster(
    context,
    area,
    name,
    conditions.map((condition, index) => ({
      name: `esx-${code}-${number}-${twoDigits(index + 1)}.example.com`,
      condition,
    })),
  )
  // Hosts in service come first.
  const hosts = cluster.hosts.slice(0, working)
  const { object, pool } = cluster
  const production = createResourcePool(context, 'Production', pool, object)
  const databases = createResourcePool(context, 'Databases', production, object)
  const others = createResourcePool(context, 'Others', pool, object)
  const storages = createStorages(context, area, cluster, `${code}-${number}`, slots.length)
  const networks = createNetworks(context, area, cluster, `${code}-${number}`, slots.length)

  const containers = slots.map(({ name: machine, folder, workload }, index): NamedLocation => {
    const isDatabase = machine.includes('-db')
    return {
      name: machine,
      folder,
      host: hostAt({ hosts }, index),
      pool: workload.environment !== 'Production' ? others : isDatabase ? databases : production,
      storage: storages[index % storages.length] as Storage,
      network: networks[Math.floor(index / perPortgroup)] as NetworkLocation,
    }
  })
  const [first, second, ...remaining] = containers
  if (!isLarge || !first || !second) return containers
  const suite = createVirtualApp(context, `${code}-${number} suite`, production, object, first.folder)
  for (const { storage, network } of [first, second]) {
    context.members.add(suite.ref, 'datastore', storage.ref)
    context.members.add(suite.ref, 'network', network.ref)
  }
  return [{ ...first, pool: suite }, { ...second, pool: suite }, ...remaining]
}

const spareConditions = ['maintenance', 'notResponding', 'maintenance', 'disconnected'] as const

function createStorages(
  context: SimulationContext,
  area: Datacenter,
  cluster: Compute,
  name: string,
  count: number,
): Storage[] {
  return upTo(count / perDatastore, (index) => {
    const type = index % 4 === 3 ? 'NFS' : 'VMFS'
    const datastore = `${type.toLowerCase()}-${name}-${twoDigits(index + 1)}`
    return createDatastore(context, area, { name: datastore, type, capacity: 32 * 1024 * GiB }, [cluster])
  })
}

function createNetworks(
  context: SimulationContext,
  area: Datacenter,
  cluster: Compute,
  name: string,
  count: number,
): NetworkLocation[] {
  const portgroups = upTo(count / perPortgroup, (index) => {
    const vlanId = 1100 + 10 * index
    return { name: `${name}-vlan-${vlanId}`, vlan: vlanId }
  })
  return createSwitch(context, area, { name: `dvs-${name}` }, portgroups, [cluster])
}

const upTo = <T>(length: number, create: (index: number) => T): T[] =>
  Array.from({ length: Math.ceil(length) }, (_, index) => create(index))

/** Divides a whole number into integer parts in proportion to the weights. */
function divide(whole: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let cumulative = 0
  let assigned = 0
  return weights.map((weight) => {
    cumulative += weight
    const part = Math.round((whole * cumulative) / total) - assigned
    assigned += part
    return part
  })
}
