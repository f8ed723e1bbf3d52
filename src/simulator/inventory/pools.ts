// Resource pools and vApps. What they use follows from the machines in them, those of the pools inside too.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Site } from '../simulation-context.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import type { Property, SimulatedObject } from '../simulated-inventory.ts'
import { loadOf } from './load.ts'

/** A pool inside another, or the root pool of a cluster; `owner` is the cluster. */
export function createResourcePool(
  site: Site,
  name: string,
  parent: SimulatedObject,
  owner: SimulatedObject,
): SimulatedObject {
  const ref = { type: 'ResourcePool', value: site.world.nextMoid('resgroup') }
  const pool = site.world.add('ResourcePool', ref.value, poolProperties(site, ref, name, parent, owner))
  if (parent !== owner) site.members.add(parent.ref, 'resourcePool', ref)
  return pool
}

/** A vApp: a pool for the processors, and an entry of a folder for people. The machines in it are in no folder. */
export function createVirtualApp(
  site: Site,
  name: string,
  parent: SimulatedObject,
  owner: SimulatedObject,
  folder: SimulatedObject,
): SimulatedObject {
  const ref = { type: 'VirtualApp', value: site.world.nextMoid('resgroup') }
  const app = site.world.add('VirtualApp', ref.value, {
    ...poolProperties(site, ref, name, parent, owner),
    parentFolder: folder.ref,
    ...site.members.propertiesOf(ref, 'datastore', 'network'),
  })
  site.members.add(parent.ref, 'resourcePool', ref)
  site.members.add(folder.ref, 'childEntity', ref)
  return app
}

function poolProperties(
  site: Site,
  ref: ManagedObjectReference,
  name: string,
  parent: SimulatedObject,
  owner: SimulatedObject,
): Record<string, Property> {
  const allocation = (shares: number) => ({
    reservation: 0,
    expandableReservation: true,
    limit: -1,
    shares: { shares, level: 'normal' },
  })
  const config = {
    entity: ref,
    changeVersion: '',
    cpuAllocation: allocation(4000),
    memoryAllocation: allocation(163_840),
  }
  const load = () => loadOf(site.world, machinesIn(site, ref))
  const runtime = (): DataObject<'ResourcePoolRuntimeInfo'> => {
    const { cpuMhz, hostMemoryMB } = load()
    const most = owner.get('summary') as DataObject<'ComputeResourceSummary'>
    return {
      memory: usage(hostMemoryMB * MiB, Number(most.effectiveMemory) * MiB),
      cpu: usage(cpuMhz, most.effectiveCpu),
      overallStatus: 'green',
    }
  }
  const summary = (): DataObject<'ResourcePoolSummary'> => {
    const { cpuMhz, guestMemoryMB, hostMemoryMB, configuredMemoryMB } = load()
    return {
      name,
      config,
      runtime: runtime(),
      quickStats: {
        overallCpuUsage: cpuMhz,
        guestMemoryUsage: guestMemoryMB,
        hostMemoryUsage: hostMemoryMB,
      },
      configuredMemoryMB,
    }
  }
  return {
    ...entityProperties,
    name,
    parent: parent.ref,
    owner: owner.ref,
    config,
    runtime,
    summary,
    ...site.members.propertiesOf(ref, 'resourcePool', 'vm'),
  }
}

const MiB = 1024 ** 2

/** Nothing is reserved: memory in bytes, processors in MHz. */
const usage = (overallUsage: number, maxUsage: number): DataObject<'ResourcePoolResourceUsage'> => ({
  reservationUsed: 0,
  reservationUsedForVm: 0,
  unreservedForPool: maxUsage,
  unreservedForVm: maxUsage,
  overallUsage,
  maxUsage,
})

/** A pool's `vm` has only its own. */
const machinesIn = (site: Site, pool: ManagedObjectReference): ManagedObjectReference[] => [
  ...site.members.of(pool, 'vm'),
  ...site.members.of(pool, 'resourcePool').flatMap((inner) => machinesIn(site, inner)),
]
