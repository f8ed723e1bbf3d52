// The datastores of the simulated inventory.

import type { Storage } from '../disk/disk.ts'
import { createRandom } from '../random.ts'
import type { Site } from '../site.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import { type Compute, type Datacenter, memberProperties } from './places.ts'

export function createDatastore(
  site: Site,
  datacenter: Datacenter,
  { name, type, capacity }: { name: string; type: Storage['type']; capacity: number },
  computes: readonly Compute[],
): Storage {
  const ref = { type: 'Datastore', value: site.world.nextMoid('datastore') }
  const random = createRandom(site.seed, 'datastore', name)
  const volumes: Readonly<Record<Storage['type'], () => string>> = {
    VMFS: () => `${random.hex(8)}-${random.hex(8)}-${random.hex(4)}-${random.hex(12)}`,
    NFS: () => `${random.hex(8)}-${random.hex(8)}`,
    vsan: () => `vsan:${random.hex(16)}-${random.hex(16)}`,
  }
  const url = `ds:///vmfs/volumes/${volumes[type]()}/`
  const hosts = computes.flatMap((compute) => compute.hosts)
  const freeSpace = Math.floor(capacity * (0.3 + 0.4 * random.next()))
  site.world.add('Datastore', ref.value, {
    ...entityProperties,
    name,
    parent: datacenter.datastoreFolder.ref,
    info: { name, url, freeSpace, maxFileSize: 64 * 1024 ** 4, timestamp: new Date(site.origin) },
    summary: {
      datastore: ref,
      name,
      url,
      capacity,
      freeSpace,
      uncommitted: Math.floor(capacity * 0.4),
      accessible: true,
      multipleHostAccess: hosts.length > 1,
      type,
      maintenanceMode: 'normal',
    },
    host: hosts.map((host) => ({
      key: host.ref,
      mountInfo: { path: url.slice(5, -1), accessMode: 'readWrite', mounted: true, accessible: true },
    })),
    browser: { type: 'HostDatastoreBrowser', value: `datastoreBrowser-${ref.value}` },
    capability: {
      directoryHierarchySupported: true,
      rawDiskMappingsSupported: type === 'VMFS',
      perFileThinProvisioningSupported: true,
    },
    ...memberProperties(site, ref, 'vm'),
  })
  site.members.add(datacenter.datastoreFolder.ref, 'childEntity', ref)
  for (const owner of [datacenter.object, ...computes.map((compute) => compute.object), ...hosts])
    site.members.add(owner.ref, 'datastore', ref)
  return { ref, name, url, type }
}
