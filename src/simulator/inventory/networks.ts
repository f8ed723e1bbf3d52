// Networks of the simulated inventory: standard networks, and distributed switches with their portgroups.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { createRandom, createUuid } from '../random.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import type { NetworkLocation } from '../virtual-machine/machine.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import type { Compute, Datacenter } from './containers.ts'
import {
  hostsOf,
  type PortgroupDescription,
  portgroupConfig,
  type SwitchDescription,
  switchConfig,
  switchSummary,
} from './switches.ts'

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

/** A distributed switch, and where it is. */
interface Switch {
  readonly ref: ManagedObjectReference
  readonly uuid: string
  readonly datacenter: Datacenter
  readonly computes: readonly Compute[]
}

/**
 * Creates a distributed switch and returns its portgroups.
 *
 * @param later - portgroups that are created after all machines, with the one of its uplinks
 */
export function createSwitch(
  context: SimulationContext,
  datacenter: Datacenter,
  description: SwitchDescription,
  portgroups: readonly PortgroupDescription[],
  computes: readonly Compute[],
  later: readonly PortgroupDescription[] = [],
): NetworkLocation[] {
  const { name } = description
  const ref = { type: 'VmwareDistributedVirtualSwitch', value: context.objects.nextMoid('dvs') }
  const uuid = createUuid(createRandom(context.seed, 'switch', name), '50')
    .replace(/-/g, '')
    .replace(/(..)(?=.)/g, '$1 ')
    .replace(/^(.{23}) /, '$1-')
  const uplinks: ManagedObjectReference[] = []
  const portCount = () =>
    context.members
      .of(ref, 'portgroup')
      .reduce((sum, each) => sum + portCountOf(context.objects.find(each)), 0)
  const identity = { ...description, uuid, hosts: hostsOf(computes) }
  context.objects.add('VmwareDistributedVirtualSwitch', ref.value, {
    ...entityProperties,
    name,
    parent: datacenter.networkFolder.ref,
    uuid,
    summary: () => switchSummary(identity, portCount()),
    config: () => switchConfig(identity, portCount(), uplinks, new Date(context.origin - 400 * 86_400_000)),
    ...context.members.propertiesOf(ref, 'portgroup'),
  })
  context.members.add(datacenter.networkFolder.ref, 'childEntity', ref)
  const aSwitch = { ref, uuid, datacenter, computes }
  const locations = portgroups.map((each) => createPortgroup(context, aSwitch, each))
  context.afterMachines.push(() => {
    const uplink = {
      name: `${name}-DVUplinks-${ref.value.slice(4)}`,
      vlan: [[0, 4094]],
      uplink: true,
    } as const
    uplinks.push(createPortgroup(context, aSwitch, uplink).ref)
    for (const each of later) createPortgroup(context, aSwitch, each)
  })
  return locations
}

const portCountOf = (portgroup: SimulatedObject | undefined): number =>
  (portgroup?.get('config') as DataObject<'DVPortgroupConfigInfo'> | undefined)?.numPorts ?? 0

function createPortgroup(
  context: SimulationContext,
  { ref: switchRef, uuid: switchUuid, datacenter, computes }: Switch,
  description: PortgroupDescription,
): NetworkLocation {
  const { name, key } = description
  const ref = { type: 'DistributedVirtualPortgroup', value: context.objects.nextMoid('dvportgroup') }
  const portgroupKey = key ?? ref.value
  context.objects.add('DistributedVirtualPortgroup', ref.value, {
    ...networkProperties(context, datacenter, ref, name, computes),
    ...(description.uplink && { tag: [{ key: 'SYSTEM/DVS.UPLINKPG' }] }),
    key: portgroupKey,
    config: portgroupConfig(portgroupKey, description, switchRef, hostsOf(computes).length),
  })
  context.members.add(switchRef, 'portgroup', ref)
  addNetwork(context, datacenter, ref, computes)
  return { ref, name, port: { switchUuid, portgroupKey } }
}
