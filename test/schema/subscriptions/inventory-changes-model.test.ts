// Compares the state that the batches of inventoryChanges combine to with a plain model of random inventories, at each quiet point of
// random changes, losses of the stream, and neighbors. CASES sets the number of runs, SEED selects them.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SimulatedObject, Simulator } from '../../../src/simulator/index.ts'
import { createFolder } from '../../../src/simulator/inventory/containers.ts'
import { type Machine, machineOf, notifyChange } from '../../../src/simulator/virtual-machine/machine.ts'
import { removeSnapshots } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import type { DataObject, ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { type Subscription, subscribe } from '../../subscribe.ts'
import { rewriting, waitUntil, withUpdatesOf } from '../../vim25/connect.ts'
import { type Change, inventoryChanges, left, nextBatch, start } from './inventory-changes-fixture.ts'

const numRuns = Number(process.env.CASES ?? 15)
const seed = Number(process.env.SEED ?? 16)

// ---- the model

/** The fields of each type that the subscription selects, as the model computes them. */
const fieldsOf: Readonly<Record<string, (object: SimulatedObject) => object>> = {
  virtualMachine: (vm) => ({
    powerState: constant(runtimeOf(vm).powerState),
    host: { moid: runtimeOf(vm).host?.value },
    snapshots: snapshotNames(machineOf(vm).rootSnapshots).map((name) => ({ name })),
  }),
  hostSystem: (host) => ({
    inMaintenanceMode: (host.get('runtime') as DataObject<'HostRuntimeInfo'>).inMaintenanceMode,
  }),
  datastore: (datastore) => ({
    freeSpace: (datastore.get('summary') as DataObject<'DatastoreSummary'>).freeSpace,
  }),
  computeResource: (compute) => ({
    drsEnabled:
      (compute.get('configuration') as DataObject<'ClusterConfigInfo'> | undefined)?.drsConfig?.enabled ??
      null,
  }),
  network: (network) => ({
    portCount:
      network.type === 'DistributedVirtualPortgroup'
        ? (network.get('config') as DataObject<'DVPortgroupConfigInfo'>).numPorts
        : null,
  }),
  folder: (folder) => ({ parentFolder: parentFolderOf(folder) }),
}

const selection = `moid name
  ... on VirtualMachine { powerState host { moid } snapshots { name } }
  ... on HostSystem { inMaintenanceMode }
  ... on Datastore { freeSpace }
  ... on ComputeResource { drsEnabled }
  ... on Network { portCount }
  ... on Folder { parentFolder: parent { moid } }`

const vimTypes: Readonly<Record<string, readonly string[]>> = {
  virtualMachine: ['VirtualMachine'],
  hostSystem: ['HostSystem'],
  datastore: ['Datastore'],
  computeResource: ['ClusterComputeResource', 'ComputeResource'],
  network: ['Network', 'DistributedVirtualPortgroup', 'OpaqueNetwork'],
  folder: ['Folder'],
  storagePod: ['StoragePod'],
  resourcePool: ['ResourcePool', 'VirtualApp'],
  datacenter: ['Datacenter'],
  distributedVirtualSwitch: ['DistributedVirtualSwitch', 'VmwareDistributedVirtualSwitch'],
}

const constant = (value: string) => value.replace(/[A-Z]/g, '_$&').toUpperCase()
const runtimeOf = (vm: SimulatedObject) => vm.get('runtime') as DataObject<'VirtualMachineRuntimeInfo'>
const nameOf = (object: SimulatedObject) => unescaped(String(object.get('name')))
const unescaped = (name: string) => name.replace(/%2f/gi, '/').replace(/%5c/gi, '\\').replace(/%25/g, '%')
const snapshotNames = (snapshots: Machine['rootSnapshots']): string[] =>
  snapshots.flatMap(({ name, children }) => [unescaped(name), ...snapshotNames(children)])

function parentFolderOf(folder: SimulatedObject): { moid: string } | null {
  const parent = folder.get('parent') as ManagedObjectReference | undefined
  return parent?.type === 'Folder' ? { moid: parent.value } : null
}

interface Condition {
  readonly filter: object
  readonly holds: (object: SimulatedObject) => boolean
}

const all: Condition = { filter: {}, holds: () => true }

const conditions: Readonly<Record<string, (simulator: Simulator) => readonly Condition[]>> = {
  virtualMachine: (simulator) => {
    const host = simulator.inventory.machine('web-01').host.value
    return [
      all,
      {
        filter: { powerState: { eq: 'POWERED_ON' } },
        holds: (vm) => runtimeOf(vm).powerState === 'poweredOn',
      },
      {
        filter: { or: [{ host: { moid: { eq: host } } }, { snapshots: { some: {} } }] },
        holds: (vm) => runtimeOf(vm).host?.value === host || machineOf(vm).rootSnapshots.length > 0,
      },
      { filter: { not: { name: { glob: '*1*' } } }, holds: (vm) => !nameOf(vm).includes('1') },
    ]
  },
  hostSystem: () => [
    all,
    {
      filter: { inMaintenanceMode: { eq: false } },
      holds: (host) => !(host.get('runtime') as DataObject<'HostRuntimeInfo'>).inMaintenanceMode,
    },
  ],
  datastore: () => [
    all,
    {
      filter: { freeSpace: { gte: 500 } },
      holds: (each) => Number((each.get('summary') as DataObject<'DatastoreSummary'>).freeSpace) >= 500,
    },
  ],
  computeResource: () => [
    { filter: { isCluster: { eq: true } }, holds: ({ type }) => type === 'ClusterComputeResource' },
  ],
  folder: (simulator) => {
    const parent = simulator.inventory.machine('web-01').folder.value
    return [
      all,
      {
        filter: { parent: { moid: { eq: parent } } },
        holds: (folder) => parentFolderOf(folder)?.moid === parent,
      },
    ]
  },
}

/** Returns the state that a subscriber must have, by moid. */
function expectedState(simulator: Simulator, followed: ReadonlyMap<string, Condition>): Map<string, object> {
  const state = new Map<string, object>()
  const root = simulator.inventory.rootFolder.value
  for (const object of simulator.objects.all()) {
    const [key] = Object.entries(vimTypes).find(([, types]) => types.includes(object.type)) ?? []
    if (key === undefined || object.moid === root || !followed.get(key)?.holds(object)) continue
    state.set(object.moid, { moid: object.moid, name: nameOf(object), ...fieldsOf[key]?.(object) })
  }
  return state
}

// ---- the changes

const change = fc.record({
  what: fc.constantFrom(
    ...([
      'rename',
      'rename',
      'power',
      'power',
      'snapshot',
      'unsnapshot',
      'move',
      'annotate',
      'load',
    ] as const),
    ...(['create', 'destroy', 'folder', 'unfolder', 'maintenance', 'space', 'drs', 'ports'] as const),
    ...(['join', 'leave', 'expire', 'restart', 'drop', 'turn', 'quiet', 'quiet'] as const),
  ),
  of: fc.nat(200),
  to: fc.nat(5),
})

type World = Awaited<ReturnType<typeof start>>

/** Applies a change that other clients make. */
function apply({ what, of, to }: { what: string; of: number; to: number }, world: World, number: number) {
  const { simulator } = world
  const { objects } = simulator
  const pick = (...types: string[]) => {
    const found = [...objects.all()].filter(({ type }) => types.includes(type))
    return found[of % found.length] as SimulatedObject
  }
  const setField = (object: SimulatedObject, property: string, fields: object) =>
    object.set(property, { ...(object.get(property) as object), ...fields })
  const vm = pick('VirtualMachine')
  const machine = machineOf(vm)
  const states = ['poweredOn', 'poweredOff', 'suspended'] as const
  switch (what) {
    case 'rename': {
      const object = pick(...Object.values(vimTypes).flat())
      // The simulator derives the name of a machine.
      if (object.type !== 'VirtualMachine') object.set('name', `renamed-${to}-${number}`)
      // New machines are created beside this one, which is found by its name.
      else if (nameStored(object) !== 'web-01') world.rename(nameStored(object), `renamed-${to}-${number}`)
      return
    }
    case 'power':
      return world.power(nameStored(vm), states[to % 3] as (typeof states)[number])
    case 'snapshot':
      return void world.snapshot(nameStored(vm), `snapshot ${number}`)
    case 'unsnapshot': {
      const [root] = machine.rootSnapshots
      if (root) removeSnapshots(machine, root, { withChildren: true, consolidate: true, at: new Date() })
      return
    }
    case 'move':
      ;(machine as { host: ManagedObjectReference }).host = pick('HostSystem').ref
      return notifyChange(machine, 'runtime', 'summary')
    case 'annotate':
      return void world.annotate(nameStored(vm), String(to))
    case 'load':
      vm.set('overallStatus', to > 2 ? 'red' : 'green')
      return setField(pick('ResourcePool'), 'summary', { configuredMemoryMB: number })
    case 'create':
      return void world.create(`created-${number}`)
    case 'destroy':
      if ([...objects.ofType('VirtualMachine')].length > 3 && machine.name !== 'web-01')
        world.destroy(nameStored(vm))
      return
    case 'folder':
      return void createFolder(machine.context, 'v', `folder-${to}`, pick('Folder'))
    case 'unfolder': {
      const folder = [...objects.ofType('Folder')].find((each) =>
        String(each.get('name')).startsWith('folder-'),
      )
      if (!folder || (folder.get('childEntity') as readonly object[]).length > 0) return
      objects.remove(folder.ref)
      return machine.context.members.remove(
        folder.get('parent') as ManagedObjectReference,
        'childEntity',
        folder.ref,
      )
    }
    case 'maintenance':
      return setField(pick('HostSystem'), 'runtime', { inMaintenanceMode: to > 2 })
    case 'space':
      return setField(pick('Datastore'), 'summary', { freeSpace: to * 200 })
    case 'drs': {
      const cluster = pick('ClusterComputeResource')
      const { drsConfig } = cluster.get('configuration') as DataObject<'ClusterConfigInfo'>
      return setField(cluster, 'configuration', { drsConfig: { ...drsConfig, enabled: to > 2 } })
    }
    case 'ports':
      return setField(pick('DistributedVirtualPortgroup'), 'config', { numPorts: 8 * to })
    case 'expire':
      return simulator.faults.expireSessions()
    case 'restart':
      return simulator.faults.restart()
    case 'drop':
      return void simulator.faults.dropConnection(to > 2 ? 'midBody' : 'unanswered', {
        method: to % 2 === 0 ? 'WaitForUpdatesEx' : 'RetrievePropertiesEx',
      })
  }
}

const nameStored = (vm: SimulatedObject) => String(vm.get('name'))

/** Repeats the previous update of each filter after the new one. */
function replaying(): (transport: Transport) => Transport {
  const older = new Map<string, string>()
  return rewriting((text) =>
    text.replace(
      /(<filterSet><filter[^>]*>)([^<]+)(<\/filter>)((?:<objectSet>.*?<\/objectSet>)*)/gs,
      (_, open, filter, close, updates) => {
        const replayed = older.get(filter) ?? ''
        older.set(filter, updates)
        return `${open}${filter}${close}${replayed}${updates}`
      },
    ),
  )
}

// ---- the subscriber

/** Combines the batches of a subscription. Each change must differ from what was sent before. */
async function combine(events: Subscription, state: Map<string, object>): Promise<never> {
  const moids = new Map<string, string>()
  let isComplete = false
  for (;;) {
    const { initial, changes } = await nextBatch(events)
    if (isComplete) expect(initial).toBe(false)
    isComplete ||= !initial
    const ids = changes.map(({ entityId }) => entityId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { kind, entityId, entity } of changes as readonly Change[]) {
      const known = moids.get(entityId)
      if (initial) expect(kind).toBe('ENTER')
      if (kind === 'LEAVE') {
        expect(entity).toBeNull()
        expect(state.delete(known as string)).toBe(true)
        moids.delete(entityId)
        continue
      }
      const { id, ...values } = entity as Exclude<typeof entity, null>
      expect([kind, id]).toEqual([known === undefined ? 'ENTER' : 'MODIFY', entityId])
      expect(values).not.toEqual(state.get(values.moid))
      moids.set(entityId, values.moid)
      state.set(values.moid, values)
    }
  }
}

it('combines to the inventory at each quiet point, and repeats no state', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ seed: fc.integer({ min: 1, max: 1_000 }), vms: fc.integer({ min: 5, max: 15 }) }),
      fc.subarray(Object.keys(vimTypes), { minLength: 1 }),
      fc.array(change, { minLength: 5, maxLength: 40 }),
      fc.integer({ min: 2, max: 30 }),
      async (inventory, types, changes, pageSizeDefault) => {
        // Reported in small pieces, some of them twice.
        const replay = replaying()
        const wrap = (transport: Transport) => replay(withUpdatesOf(3)(transport))
        const world = await start({ ...inventory, pageSizeDefault, wrap })
        const { gateway, simulator, url } = world
        const followed = new Map(
          types.map((type, index) => {
            const choices = conditions[type]?.(simulator) ?? [all]
            return [type, choices[(inventory.seed + index) % choices.length] as Condition]
          }),
        )
        const filter = Object.fromEntries([...followed].map(([type, each]) => [type, each.filter]))
        const state = new Map<string, object>()
        const events = await subscribe(url, inventoryChanges(selection), { filter })
        const neighbors: Subscription[] = []
        let failure: unknown
        const ended = combine(events, state).catch((error: unknown) => {
          failure = error
        })
        const becomesQuiet = async () => {
          const isEqual = () => {
            if (failure) throw failure
            const expected = expectedState(simulator, followed)
            return (
              state.size === expected.size &&
              JSON.stringify(sorted(state)) === JSON.stringify(sorted(expected))
            )
          }
          const deadline = performance.now() + 100_000
          while (!isEqual() && performance.now() < deadline)
            await new Promise((resolve) => setTimeout(resolve, 5))
          expect(sorted(state)).toEqual(sorted(expectedState(simulator, followed)))
        }
        try {
          for (const [number, each] of changes.entries()) {
            if (each.what === 'quiet') await becomesQuiet()
            else if (each.what === 'turn') await new Promise(setImmediate)
            else if (each.what === 'leave') neighbors.shift()?.abortClient()
            else if (each.what === 'join') {
              const type = Object.keys(vimTypes)[each.of % 10] as string
              const neighbor = await subscribe(url, inventoryChanges('name'), { filter: { [type]: {} } })
              neighbors.push(neighbor)
              neighbor.remaining().catch(() => {})
            } else apply(each, world, number)
          }
          await becomesQuiet()
        } finally {
          for (const each of [events, ...neighbors]) each.abortClient()
          await ended
          await waitUntil(() => left(simulator) <= simulator.live.views)
          await gateway.close()
        }
      },
    ),
    { numRuns, seed },
  )
}, 600_000)

const sorted = (state: ReadonlyMap<string, object>) => [...state].sort(([a], [b]) => (a < b ? -1 : 1))
