// What an inventory of more than the named machines grows: datacenters of unequal size, with clusters, storage, networks
// and folders for as many as there are to be, in the proportions of real ones.

import type { Storage } from '../disk/disk.ts'
import type { Site } from '../simulation-context.ts'
import type { NetworkPlace } from '../virtual-machine/machine.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import { GiB, type MachinePlace } from './create-machine.ts'
import { createDatastore } from './datastores.ts'
import { hostAt, type Places } from './named-containers.ts'
import type { HostCondition } from './hosts.ts'
import { type Branch, branches, machineName, twoDigits, type Workload, workloadAt } from './names.ts'
import { createSwitch } from './networks.ts'
import { type Compute, createCluster, createDatacenter, createFolder, type Datacenter } from './containers.ts'
import { createResourcePool, createVirtualApp } from './pools.ts'

/** Fewer are all in one datacenter. */
const oneDatacenter = 200
const perBranch = 3000
const perHost = 40
const perCluster = 24 * perHost
const perDatastore = 100
const perPortgroup = 200
const perFolder = 50
/** Clusters from this size on have a host to spare, which is out of service, and a vApp. */
const largeCluster = 200

/** A place for one more machine, and its name there. */
export interface NamedPlace extends MachinePlace {
  readonly name: string
}

/** Places for so many more machines. */
export function growPlaces(site: Site, places: Places, count: number): NamedPlace[] {
  const sites = datacentersFor(site, places, count)
  const shares = divide(
    count,
    sites.map((_, index) => 1 / (index + 1)),
  )
  return sites.flatMap((datacenter, index) =>
    fillDatacenter(site, datacenter, branches[index] as Branch, shares[index] ?? 0),
  )
}

function datacentersFor(site: Site, { root, datacenters }: Places, count: number): Datacenter[] {
  if (count < oneDatacenter) return [datacenters.frankfurt]
  const first = [datacenters.frankfurt, datacenters.oregon]
  const more = branches.slice(first.length, first.length + Math.floor(count / perBranch))
  if (more.length === 0) return first
  const folder = createFolder(site, 'd', 'Branches', root)
  return [...first, ...more.map(({ name }) => createDatacenter(site, folder, name))]
}

function fillDatacenter(site: Site, datacenter: Datacenter, branch: Branch, count: number): NamedPlace[] {
  const clusters = upTo(count / perCluster, (index) => index)
  const desks = createDesks(site, datacenter, branch, count)
  let taken = 0
  return divide(
    count,
    clusters.map(() => 1),
  ).flatMap((size, index) => {
    const name = `${branch.code}-cluster-${twoDigits(branch.firstNumber + index)}`
    const area = clusters.length === 1 ? datacenter : createArea(site, datacenter, name)
    const own = desks.slice(taken, taken + size)
    taken += size
    return fillCluster(site, area, name, own)
  })
}

/** A datacenter with folders of a cluster's own in place of its top ones. */
function createArea(site: Site, datacenter: Datacenter, name: string): Datacenter {
  return {
    ...datacenter,
    hostFolder: createFolder(site, 'h', name.replace('-cluster', ''), datacenter.hostFolder),
    datastoreFolder: createFolder(site, 's', `${name} storage`, datacenter.datastoreFolder),
    networkFolder: createFolder(site, 'n', `${name} networks`, datacenter.networkFolder),
  }
}

/** Where people see a machine. */
interface Desk {
  readonly name: string
  readonly folder: SimulatedObject
  readonly workload: Workload
}

/** Folders three deep: department, application, environment. */
function createDesks(site: Site, { vmFolder }: Datacenter, branch: Branch, count: number): Desk[] {
  const folders = new Map<string, SimulatedObject>()
  const folderAt = (path: string, name: string, parent: SimulatedObject): SimulatedObject => {
    let folder = folders.get(path)
    if (!folder) {
      folder = createFolder(site, 'v', name, parent)
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

function fillCluster(site: Site, area: Datacenter, name: string, desks: readonly Desk[]): NamedPlace[] {
  const [code, , number] = name.split('-')
  const isLarge = desks.length >= largeCluster
  const working = Math.max(3, Math.ceil(desks.length / perHost))
  const conditions: HostCondition[] = Array.from({ length: working }, () => 'working')
  if (isLarge) conditions.push(spareConditions[Number(number) % spareConditions.length] ?? 'maintenance')
  const cluster = createCluster(
    site,
    area,
    name,
    conditions.map((condition, index) => ({
      name: `esx-${code}-${number}-${twoDigits(index + 1)}.example.com`,
      condition,
    })),
  )
  // Those in service come first.
  const hosts = cluster.hosts.slice(0, working)
  const { object, pool } = cluster
  const production = createResourcePool(site, 'Production', pool, object)
  const databases = createResourcePool(site, 'Databases', production, object)
  const others = createResourcePool(site, 'Others', pool, object)
  const storages = createStorages(site, area, cluster, `${code}-${number}`, desks.length)
  const networks = createNetworks(site, area, cluster, `${code}-${number}`, desks.length)

  const places = desks.map(({ name: machine, folder, workload }, index): NamedPlace => {
    const isDatabase = machine.includes('-db')
    return {
      name: machine,
      folder,
      host: hostAt({ hosts }, index),
      pool: workload.environment !== 'Production' ? others : isDatabase ? databases : production,
      storage: storages[index % storages.length] as Storage,
      network: networks[Math.floor(index / perPortgroup)] as NetworkPlace,
    }
  })
  const [first, second, ...rest] = places
  if (!isLarge || !first || !second) return places
  const suite = createVirtualApp(site, `${code}-${number} suite`, production, object, first.folder)
  for (const { storage, network } of [first, second]) {
    site.members.add(suite.ref, 'datastore', storage.ref)
    site.members.add(suite.ref, 'network', network.ref)
  }
  return [{ ...first, pool: suite }, { ...second, pool: suite }, ...rest]
}

const spareConditions = ['maintenance', 'notResponding', 'maintenance', 'disconnected'] as const

function createStorages(
  site: Site,
  area: Datacenter,
  cluster: Compute,
  name: string,
  count: number,
): Storage[] {
  return upTo(count / perDatastore, (index) => {
    const type = index % 4 === 3 ? 'NFS' : 'VMFS'
    const datastore = `${type.toLowerCase()}-${name}-${twoDigits(index + 1)}`
    return createDatastore(site, area, { name: datastore, type, capacity: 32 * 1024 * GiB }, [cluster])
  })
}

function createNetworks(
  site: Site,
  area: Datacenter,
  cluster: Compute,
  name: string,
  count: number,
): NetworkPlace[] {
  const portgroups = upTo(count / perPortgroup, (index) => `${name}-vlan-${1100 + 10 * index}`)
  return createSwitch(site, area, `dvs-${name}`, portgroups, [cluster])
}

const upTo = <T>(length: number, create: (index: number) => T): T[] =>
  Array.from({ length: Math.ceil(length) }, (_, index) => create(index))

/** A whole number in whole parts of these weights. */
function divide(whole: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let reached = 0
  let given = 0
  return weights.map((weight) => {
    reached += weight
    const part = Math.round((whole * reached) / total) - given
    given += part
    return part
  })
}
