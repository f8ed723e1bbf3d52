// Datastores of the simulated inventory. Free space is derived from the machines that have files on them.

import type { Storage } from '../disk/disk.ts'
import { createRandom } from '../random.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import type { Compute, Datacenter } from './containers.ts'
import { storageUsageOf } from './resource-usage.ts'

interface DatastoreDescription {
  readonly name: string
  readonly type: Storage['type']
  readonly capacity: number
  /** The share of the capacity that images, backups and other files take. @default a random one up to a fifth */
  readonly otherFilesShare?: number
  /** The position of the host that has lost all paths to it. @default none */
  readonly unreachableFrom?: number
}

export function createDatastore(
  context: SimulationContext,
  datacenter: Datacenter,
  { name, type, capacity, otherFilesShare, unreachableFrom }: DatastoreDescription,
  computes: readonly Compute[],
): Storage {
  const ref = { type: 'Datastore', value: context.objects.nextMoid('datastore') }
  const random = createRandom(context.seed, 'datastore', name)
  const volumes: Readonly<Record<Storage['type'], () => string>> = {
    VMFS: () => `${random.hex(8)}-${random.hex(8)}-${random.hex(4)}-${random.hex(12)}`,
    NFS: () => `${random.hex(8)}-${random.hex(8)}`,
    vsan: () => `vsan:${random.hex(16)}-${random.hex(16)}`,
  }
  const url = `ds:///vmfs/volumes/${volumes[type]()}/`
  const hosts = computes.flatMap((compute) => compute.hosts)
  const otherFiles = Math.floor(capacity * (otherFilesShare ?? 0.05 + 0.15 * random.next()))
  const space = () => {
    const { committed, uncommitted } = storageUsageOf(context.objects, ref, context.members.of(ref, 'vm'))
    return { freeSpace: Math.max(0, capacity - otherFiles - committed), uncommitted }
  }
  context.objects.add('Datastore', ref.value, {
    ...entityProperties,
    name,
    parent: datacenter.datastoreFolder.ref,
    info: () => ({
      name,
      url,
      freeSpace: space().freeSpace,
      maxFileSize: 64 * 1024 ** 4,
      timestamp: new Date(context.origin),
    }),
    summary: () => ({
      datastore: ref,
      name,
      url,
      capacity,
      ...space(),
      accessible: true,
      multipleHostAccess: hosts.length > 1,
      type,
      maintenanceMode: 'normal',
    }),
    host: hosts.map((host, index) => ({
      key: host.ref,
      mountInfo: {
        path: url.slice(5, -1),
        accessMode: 'readWrite',
        mounted: true,
        accessible: index !== unreachableFrom,
        ...(index === unreachableFrom && { inaccessibleReason: 'AllPathsDown_Start' }),
      },
    })),
    browser: { type: 'HostDatastoreBrowser', value: `datastoreBrowser-${ref.value}` },
    capability: {
      directoryHierarchySupported: true,
      rawDiskMappingsSupported: type === 'VMFS',
      perFileThinProvisioningSupported: true,
    },
    ...context.members.propertiesOf(ref, 'vm'),
  })
  context.members.add(datacenter.datastoreFolder.ref, 'childEntity', ref)
  for (const owner of [datacenter.object, ...computes.map((compute) => compute.object), ...hosts])
    context.members.add(owner.ref, 'datastore', ref)
  return { ref, name, url, type }
}
