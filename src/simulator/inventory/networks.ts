// Networks of the simulated inventory: standard networks, and distributed switches with their portgroups.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { createRandom, createUuid } from '../random.ts'
import type { SimulationContext } from '../simulation-context.ts'
import type { NetworkLocation } from '../virtual-machine/machine.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import type { Compute, Datacenter } from './containers.ts'

function addNetwork(
  context: SimulationContext,
  datacenter: Datacenter,
  ref: ManagedObjectReference,
  computes: readonly Compute[],
): void {
  context.members.add(datacenter.networkFolder.ref, 'childEntity', ref)
  const owners = computes.flatMap((compute) => [compute.object, ...compute.hosts])
  for (const owner of [datacenter.object, ...owners]) context.members.add(owner.ref, 'network', ref)
}

const networkProperties = (
  context: SimulationContext,
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
  ...context.members.propertiesOf(ref, 'vm'),
})

export function createNetwork(
  context: SimulationContext,
  datacenter: Datacenter,
  name: string,
  computes: readonly Compute[],
): NetworkLocation {
  const ref = { type: 'Network', value: context.objects.nextMoid('network') }
  context.objects.add('Network', ref.value, networkProperties(context, datacenter, ref, name, computes))
  addNetwork(context, datacenter, ref, computes)
  return { ref, name, port: undefined }
}

/** A portgroup. Its key is its moid, unless it was imported with the key that it had elsewhere. */
interface PortgroupDescription {
  readonly name: string
  readonly key?: string
}

/** Creates a distributed switch and returns its portgroups. */
export function createSwitch(
  context: SimulationContext,
  datacenter: Datacenter,
  name: string,
  portgroups: readonly PortgroupDescription[],
  computes: readonly Compute[],
): NetworkLocation[] {
  const ref = { type: 'VmwareDistributedVirtualSwitch', value: context.objects.nextMoid('dvs') }
  const switchUuid = createUuid(createRandom(context.seed, 'switch', name), '50')
    .replace(/-/g, '')
    .replace(/(..)(?=.)/g, '$1 ')
    .replace(/^(.{23}) /, '$1-')
  context.objects.add('VmwareDistributedVirtualSwitch', ref.value, {
    ...entityProperties,
    name,
    parent: datacenter.networkFolder.ref,
    uuid: switchUuid,
    ...context.members.propertiesOf(ref, 'portgroup'),
  })
  context.members.add(datacenter.networkFolder.ref, 'childEntity', ref)
  return portgroups.map(({ name: portgroupName, key }) => {
    const portgroup = { type: 'DistributedVirtualPortgroup', value: context.objects.nextMoid('dvportgroup') }
    const portgroupKey = key ?? portgroup.value
    context.objects.add('DistributedVirtualPortgroup', portgroup.value, {
      ...networkProperties(context, datacenter, portgroup, portgroupName, computes),
      key: portgroupKey,
      config: { key: portgroupKey, name: portgroupName, numPorts: 128 },
    })
    context.members.add(ref, 'portgroup', portgroup)
    addNetwork(context, datacenter, portgroup, computes)
    return { ref: portgroup, name: portgroupName, port: { switchUuid, portgroupKey } }
  })
}
