// The networks of the simulated inventory: those of a host's own switch, and distributed switches with their portgroups.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { createRandom, createUuid } from '../random.ts'
import type { Site } from '../simulation-context.ts'
import type { NetworkPlace } from '../virtual-machine/machine.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import type { Compute, Datacenter } from './containers.ts'

function addNetwork(
  site: Site,
  datacenter: Datacenter,
  ref: ManagedObjectReference,
  computes: readonly Compute[],
): void {
  site.members.add(datacenter.networkFolder.ref, 'childEntity', ref)
  const owners = computes.flatMap((compute) => [compute.object, ...compute.hosts])
  for (const owner of [datacenter.object, ...owners]) site.members.add(owner.ref, 'network', ref)
}

const networkProperties = (
  site: Site,
  datacenter: Datacenter,
  ref: ManagedObjectReference,
  name: string,
  computes: readonly Compute[],
) => ({
  ...entityProperties,
  name,
  parent: datacenter.networkFolder.ref,
  summary: { network: ref, name, accessible: true, ipPoolName: '' },
  host: computes.flatMap((compute) => compute.hosts.map((host) => host.ref)),
  ...site.members.propertiesOf(ref, 'vm'),
})

export function createNetwork(
  site: Site,
  datacenter: Datacenter,
  name: string,
  computes: readonly Compute[],
): NetworkPlace {
  const ref = { type: 'Network', value: site.world.nextMoid('network') }
  site.world.add('Network', ref.value, networkProperties(site, datacenter, ref, name, computes))
  addNetwork(site, datacenter, ref, computes)
  return { ref, name, switchUuid: undefined }
}

/** A distributed switch with its portgroups. */
export function createSwitch(
  site: Site,
  datacenter: Datacenter,
  name: string,
  portgroupNames: readonly string[],
  computes: readonly Compute[],
): NetworkPlace[] {
  const ref = { type: 'VmwareDistributedVirtualSwitch', value: site.world.nextMoid('dvs') }
  const switchUuid = createUuid(createRandom(site.seed, 'switch', name), '50')
    .replace(/-/g, '')
    .replace(/(..)(?=.)/g, '$1 ')
    .replace(/^(.{23}) /, '$1-')
  site.world.add('VmwareDistributedVirtualSwitch', ref.value, {
    ...entityProperties,
    name,
    parent: datacenter.networkFolder.ref,
    uuid: switchUuid,
    ...site.members.propertiesOf(ref, 'portgroup'),
  })
  site.members.add(datacenter.networkFolder.ref, 'childEntity', ref)
  return portgroupNames.map((portgroupName) => {
    const portgroup = { type: 'DistributedVirtualPortgroup', value: site.world.nextMoid('dvportgroup') }
    site.world.add('DistributedVirtualPortgroup', portgroup.value, {
      ...networkProperties(site, datacenter, portgroup, portgroupName, computes),
      key: portgroup.value,
      config: { key: portgroup.value, name: portgroupName, numPorts: 128 },
    })
    site.members.add(ref, 'portgroup', portgroup)
    addNetwork(site, datacenter, portgroup, computes)
    return { ref: portgroup, name: portgroupName, switchUuid }
  })
}
