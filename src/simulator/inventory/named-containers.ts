// Creates the base inventory without machines: two datacenters with clusters, storage, networks and folders.

import type { Storage } from '../disk/disk.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import type { NetworkLocation } from '../virtual-machine/machine.ts'
import {
  type Compute,
  createCluster,
  createDatacenter,
  createFolder,
  createStandaloneHost,
  createStoragePod,
  type Datacenter,
} from './containers.ts'
import { GiB, type MachineLocation } from './create-machine.ts'
import { createDatastore } from './datastores.ts'
import { createNetwork, createSwitch } from './networks.ts'
import { createResourcePool } from './pools.ts'

/** Locations for the named machines, and the containers that larger inventories extend. */
export interface NamedContainers {
  readonly root: SimulatedObject
  readonly datacenters: { readonly frankfurt: Datacenter; readonly oregon: Datacenter }
  readonly storageNetwork: NetworkLocation
  readonly fastStorage: Storage
  readonly production: MachineLocation
  readonly web: MachineLocation
  readonly databases: MachineLocation
  readonly testing: MachineLocation
  readonly templates: MachineLocation
  readonly onNfs: MachineLocation
  readonly oregon: MachineLocation
}

const TiB = 1024 * GiB

export function createNamedContainers(context: SimulationContext): NamedContainers {
  const root = createFolder(context, 'd', 'Datacenters', undefined)
  const frankfurt = createDatacenter(context, root, 'Frankfurt')
  const oregon = createDatacenter(context, root, 'Oregon')

  const cluster = createCluster(
    context,
    frankfurt,
    'fra-cluster-01',
    // The port groups of one network can have different VLANs on different hosts.
    [20, 20, 21].map((vlanId, index) => ({
      name: `esx-fra-0${index + 1}.example.com`,
      condition: 'working',
      vlanId,
      evcMode: 'intel-icelake',
    })),
  )
  const single = createStandaloneHost(context, oregon, 'esx-ore-01.example.com')
  const databasePool = createResourcePool(context, 'Databases', cluster.pool, cluster.object)

  const vmfs = createDatastore(
    context,
    frankfurt,
    { name: 'vmfs-fra-01', type: 'VMFS', capacity: 8 * TiB, otherFilesShare: 0.7 },
    [cluster],
  )
  const fastStorage = createDatastore(
    context,
    frankfurt,
    { name: 'vmfs-fra-ssd', type: 'VMFS', capacity: 4 * TiB },
    [cluster],
  )
  const nfs = createDatastore(context, frankfurt, { name: 'nfs-fra-01', type: 'NFS', capacity: 20 * TiB }, [
    cluster,
  ])
  const vsan = createDatastore(context, oregon, { name: 'vsanDatastore', type: 'vsan', capacity: 12 * TiB }, [
    single,
  ])

  const [productionNetwork, storageNetwork] = createSwitch(
    context,
    frankfurt,
    { name: 'dvs-fra' },
    // The second one was imported from another vCenter, so that its key is not its moid.
    [
      { name: 'production-110', vlan: 110 },
      { name: 'storage-210', vlan: 210, key: 'dvportgroup-1021' },
    ],
    [cluster],
    [
      { name: 'backup-400', vlan: 400 },
      {
        name: 'monitoring',
        vlan: [
          [10, 19],
          [30, 30],
        ],
      },
      { name: 'guests-120', vlan: { private: 121 } },
      // NSX does not require that the names of segments differ.
      { name: 'nsx-segment', segmentId: '/infra/segments/web' },
      { name: 'nsx-segment', segmentId: '/infra/segments/web-test' },
    ],
  )
  context.afterMachines.push(() => {
    const pod = createStoragePod(context, frankfurt, 'fra-pod-01')
    const inPod = { ...frankfurt, datastoreFolder: pod }
    const common = { type: 'VMFS', capacity: 16 * TiB } as const
    createDatastore(context, inPod, { ...common, name: 'vmfs-fra-11' }, [cluster])
    createDatastore(context, inPod, { ...common, name: 'vmfs-fra-12', unreachableFrom: 2 }, [cluster])
    createSwitch(
      context,
      oregon,
      { name: 'dvs-ore', version: '7.0.3', description: 'Out-of-band backups' },
      [{ name: 'backup-400', vlan: 20 }],
      [single],
    )
  })
  const testNetwork = createNetwork(context, frankfurt, 'VM Network', [cluster])
  const oregonNetwork = createNetwork(context, oregon, 'VM Network', [single])
  if (!productionNetwork || !storageNetwork) throw new TypeError('the switch has no portgroups')

  const production = createFolder(context, 'v', 'Production', frankfurt.vmFolder)
  const web = createFolder(context, 'v', 'Web', production)
  const databases = createFolder(context, 'v', 'Databases', production)
  const testing = createFolder(context, 'v', 'Testing', frankfurt.vmFolder)
  const templates = createFolder(context, 'v', 'Templates', frankfurt.vmFolder)

  const inFrankfurt = (
    folder: SimulatedObject,
    host: number,
    more: Partial<MachineLocation> = {},
  ): MachineLocation => ({
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

/** Returns a host of a cluster, round-robin. */
export function hostAt({ hosts }: Pick<Compute, 'hosts'>, index: number): SimulatedObject {
  const host = hosts[index % hosts.length]
  if (!host) throw new TypeError('a cluster has no hosts')
  return host
}
