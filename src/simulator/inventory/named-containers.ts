// Where everything is: two datacenters with their clusters, storage, networks and folders, before any machine is in them.

import type { Storage } from '../disk/disk.ts'
import type { Site } from '../simulation-context.ts'
import type { NetworkPlace } from '../virtual-machine/machine.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import { GiB, type MachinePlace } from './create-machine.ts'
import { createDatastore } from './datastores.ts'
import { createNetwork, createSwitch } from './networks.ts'
import {
  type Compute,
  createCluster,
  createDatacenter,
  createFolder,
  createStandaloneHost,
  type Datacenter,
} from './containers.ts'
import { createResourcePool } from './pools.ts'

/** The places that the named machines are put in, and what larger inventories grow from. */
export interface Places {
  readonly root: SimulatedObject
  readonly datacenters: { readonly frankfurt: Datacenter; readonly oregon: Datacenter }
  readonly storageNetwork: NetworkPlace
  readonly fastStorage: Storage
  readonly production: MachinePlace
  readonly web: MachinePlace
  readonly databases: MachinePlace
  readonly testing: MachinePlace
  readonly templates: MachinePlace
  readonly onNfs: MachinePlace
  readonly oregon: MachinePlace
}

const TiB = 1024 * GiB

export function createPlaces(site: Site): Places {
  const root = createFolder(site, 'd', 'Datacenters', undefined)
  const frankfurt = createDatacenter(site, root, 'Frankfurt')
  const oregon = createDatacenter(site, root, 'Oregon')

  const cluster = createCluster(
    site,
    frankfurt,
    'fra-cluster-01',
    ['esx-fra-01', 'esx-fra-02', 'esx-fra-03'].map((name) => ({
      name: `${name}.example.com`,
      condition: 'working',
    })),
  )
  const single = createStandaloneHost(site, oregon, 'esx-ore-01.example.com')
  const databasePool = createResourcePool(site, 'Databases', cluster.pool, cluster.object)

  const vmfs = createDatastore(site, frankfurt, { name: 'vmfs-fra-01', type: 'VMFS', capacity: 8 * TiB }, [
    cluster,
  ])
  const fastStorage = createDatastore(
    site,
    frankfurt,
    { name: 'vmfs-fra-ssd', type: 'VMFS', capacity: 4 * TiB },
    [cluster],
  )
  const nfs = createDatastore(site, frankfurt, { name: 'nfs-fra-01', type: 'NFS', capacity: 20 * TiB }, [
    cluster,
  ])
  const vsan = createDatastore(site, oregon, { name: 'vsanDatastore', type: 'vsan', capacity: 12 * TiB }, [
    single,
  ])

  const [productionNetwork, storageNetwork] = createSwitch(
    site,
    frankfurt,
    'dvs-fra',
    ['production-110', 'storage-210'],
    [cluster],
  )
  const testNetwork = createNetwork(site, frankfurt, 'VM Network', [cluster])
  const oregonNetwork = createNetwork(site, oregon, 'VM Network', [single])
  if (!productionNetwork || !storageNetwork) throw new TypeError('the switch has no portgroups')

  const production = createFolder(site, 'v', 'Production', frankfurt.vmFolder)
  const web = createFolder(site, 'v', 'Web', production)
  const databases = createFolder(site, 'v', 'Databases', production)
  const testing = createFolder(site, 'v', 'Testing', frankfurt.vmFolder)
  const templates = createFolder(site, 'v', 'Templates', frankfurt.vmFolder)

  const inFrankfurt = (
    folder: SimulatedObject,
    host: number,
    more: Partial<MachinePlace> = {},
  ): MachinePlace => ({
    folder,
    host: hostAt(cluster, host),
    pool: cluster.pool,
    storage: vmfs,
    network: productionNetwork,
    ...more,
  })
  return {
    root,
    datacenters: { frankfurt, oregon },
    storageNetwork,
    fastStorage,
    production: inFrankfurt(production, 0),
    web: inFrankfurt(web, 1),
    databases: inFrankfurt(databases, 2, { pool: databasePool }),
    testing: inFrankfurt(testing, 0, { network: testNetwork }),
    templates: inFrankfurt(templates, 1),
    onNfs: inFrankfurt(production, 2, { storage: nfs }),
    oregon: {
      folder: oregon.vmFolder,
      host: hostAt(single, 0),
      pool: single.pool,
      storage: vsan,
      network: oregonNetwork,
    },
  }
}

/** A host of a cluster, going round. */
export function hostAt({ hosts }: Pick<Compute, 'hosts'>, index: number): SimulatedObject {
  const host = hosts[index % hosts.length]
  if (!host) throw new TypeError('a cluster has no hosts')
  return host
}
