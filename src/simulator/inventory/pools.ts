// Resource pools and vApps. Their usage is derived from the machines in them and in nested pools.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { createRandom } from '../random.ts'
import type { Property, SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { entityProperties } from '../virtual-machine/properties.ts'
import { resourceUsageOf } from './resource-usage.ts'

/**
 * Creates a nested pool, or the root pool of a cluster if `parent` is `owner`.
 * @param owner the cluster.
 */
export function createResourcePool(
  context: SimulationContext,
  name: string,
  parent: SimulatedObject,
  owner: SimulatedObject,
): SimulatedObject {
  const ref = { type: 'ResourcePool', value: context.objects.nextMoid('resgroup') }
  const pool = context.objects.add(
    'ResourcePool',
    ref.value,
    poolProperties(context, ref, name, parent, owner),
  )
  if (parent !== owner) context.members.add(parent.ref, 'resourcePool', ref)
  return pool
}

/** Creates a vApp, which is both a resource pool and an entry in a folder. The machines in it are in no folder. */
export function createVirtualApp(
  context: SimulationContext,
  name: string,
  parent: SimulatedObject,
  owner: SimulatedObject,
  folder: SimulatedObject,
): SimulatedObject {
  const ref = { type: 'VirtualApp', value: context.objects.nextMoid('resgroup') }
  const app = context.objects.add('VirtualApp', ref.value, {
    ...poolProperties(context, ref, name, parent, owner),
    parentFolder: folder.ref,
    ...context.members.propertiesOf(ref, 'datastore', 'network'),
  })
  context.members.add(parent.ref, 'resourcePool', ref)
  context.members.add(folder.ref, 'childEntity', ref)
  return app
}

function poolProperties(
  context: SimulationContext,
  ref: ManagedObjectReference,
  name: string,
  parent: SimulatedObject,
  owner: SimulatedObject,
): Record<string, Property> {
  const isRoot = parent === owner
  const random = createRandom(context.seed, 'pool', ref.value)
  const allocation = (shares: number, limits: readonly [number, ...number[]]) => ({
    // A nested pool reserves something or nothing, and may be limited.
    reservation: isRoot ? 0 : random.pick([0, 0, 2000, 4000]),
    expandableReservation: isRoot || random.integer(3) > 0,
    limit: isRoot ? -1 : random.pick(limits),
    shares: { shares, level: 'normal' } as const,
  })
  const config = {
    entity: ref,
    changeVersion: '',
    cpuAllocation: allocation(4000, [-1, -1, 20_000]),
    memoryAllocation: allocation(163_840, [-1, -1, 131_072]),
  }
  const load = () => resourceUsageOf(context.objects, machinesIn(context, ref))
  const runtime = (): DataObject<'ResourcePoolRuntimeInfo'> => {
    const { cpuMhz, hostMemoryMB } = load()
    const limits = owner.get('summary') as DataObject<'ComputeResourceSummary'>
    return {
      memory: usage(hostMemoryMB * MiB, Number(limits.effectiveMemory) * MiB),
      cpu: usage(cpuMhz, limits.effectiveCpu),
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
    ...context.members.propertiesOf(ref, 'resourcePool', 'vm'),
  }
}

const MiB = 1024 ** 2

/** Without reservations. Memory is in bytes, CPU in MHz. */
const usage = (overallUsage: number, maxUsage: number): DataObject<'ResourcePoolResourceUsage'> => ({
  reservationUsed: 0,
  reservationUsedForVm: 0,
  unreservedForPool: maxUsage,
  unreservedForVm: maxUsage,
  overallUsage,
  maxUsage,
})

/** Includes nested pools: a pool's `vm` only has its direct members. */
const machinesIn = (context: SimulationContext, pool: ManagedObjectReference): ManagedObjectReference[] => [
  ...context.members.of(pool, 'vm'),
  ...context.members.of(pool, 'resourcePool').flatMap((inner) => machinesIn(context, inner)),
]
