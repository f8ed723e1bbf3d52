// Checks an inventory of two thousand machines as a whole: no dangling references, edges that work in both directions, and
// container statistics that equal the sum of their machines.

import { describe, expect, test } from 'vitest'
import type { SimulatedInventory } from '../../src/simulator/simulated-inventory.ts'
import { isReference } from '../../src/soap/codec.ts'
import { fieldsOf, isManagedSubtype, propertiesOf } from '../../src/soap/type-registry.ts'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../src/soap/vim-types.ts'
import { createModel } from './write-model.ts'

const types = [
  'Folder',
  'Datacenter',
  'ComputeResource',
  'ClusterComputeResource',
  'HostSystem',
  'ResourcePool',
  'VirtualApp',
  'Datastore',
  'Network',
  'DistributedVirtualPortgroup',
  'VmwareDistributedVirtualSwitch',
  'StoragePod',
  'VirtualMachine',
  'VirtualMachineSnapshot',
] as const

// A vCenter also has objects behind these references, which the simulator does not implement.
const withoutObject = ['EnvironmentBrowser', 'HostDatastoreBrowser']

const { objects: inventory } = createModel({ vms: 2000 })
const all = types.flatMap((type) => [...inventory.ofType(type)])

function* referencesIn(value: unknown): Generator<ManagedObjectReference> {
  if (typeof value !== 'object' || value === null || value instanceof Date) return
  if (isReference(value)) yield value
  else for (const inner of Object.values(value)) yield* referencesIn(inner)
}

const refsOf = (
  type: ManagedObjectType,
  property: string,
  toText: (value: unknown) => unknown = (it) => it,
) =>
  [...inventory.ofType(type)].flatMap((object) =>
    [toText(object.get(property)) ?? []]
      .flat()
      .map((ref) => `${object.moid} ${(ref as { value: string }).value}`),
  )

const turned = (pairs: readonly string[]) =>
  pairs.map((pair) => pair.split(' ').toReversed().join(' ')).sort()

const sum = (numbers: readonly unknown[]) => numbers.reduce<number>((total, each) => total + Number(each), 0)

const valuesOf = <T>(type: ManagedObjectType, property: string): T[] =>
  [...inventory.ofType(type)].map((object) => object.get(property) as T)

describe('an inventory of two thousand machines', () => {
  test('resolves every reference in every property', () => {
    const dangling = all.flatMap((object) =>
      [...(propertiesOf(object.type)?.keys() ?? [])].flatMap((property) =>
        [...referencesIn(object.get(property))]
          .filter((ref) => !withoutObject.includes(ref.type) && !inventory.find(ref))
          .map((ref) => `${object.moid}.${property} ${ref.type}:${ref.value}`),
      ),
    )
    expect(dangling).toEqual([])
  })

  test.each<[ManagedObjectType[], string, ManagedObjectType[], string]>([
    [['HostSystem'], 'vm', ['VirtualMachine'], 'runtime.host'],
    [['Datastore'], 'vm', ['VirtualMachine'], 'datastore'],
    [['Network', 'DistributedVirtualPortgroup'], 'vm', ['VirtualMachine'], 'network'],
    [['ResourcePool', 'VirtualApp'], 'vm', ['VirtualMachine'], 'resourcePool'],
    [['VirtualApp'], 'vm', ['VirtualMachine'], 'parentVApp'],
    [['ComputeResource', 'ClusterComputeResource'], 'host', ['HostSystem'], 'parent'],
  ])('links %j.%s and %j.%s in both directions', (owners, property, members, back) => {
    const [top = '', inner] = back.split('.')
    const inwards = owners.flatMap((type) => refsOf(type, property))
    const outwards = members.flatMap((type) =>
      refsOf(type, top, (value) => (inner === undefined ? value : (value as Record<string, unknown>)[inner])),
    )
    expect(inwards.length).toBeGreaterThan(0)
    expect(turned(outwards)).toEqual(inwards.toSorted())
  })

  test('lists in folders and pools exactly the objects with that parent', () => {
    const held = [
      ...refsOf('Folder', 'childEntity').filter((pair) => !pair.includes('resgroup-')),
      ...refsOf('ResourcePool', 'resourcePool'),
      ...refsOf('StoragePod', 'childEntity'),
    ]
    const parents = all.flatMap((object) => {
      const parent = object.get('parent') as ManagedObjectReference | undefined
      const isHeld = parent && ['Folder', 'ResourcePool', 'StoragePod'].includes(parent.type)
      return isHeld ? [`${parent.value} ${object.moid}`] : []
    })
    expect(held.toSorted()).toEqual(parents.toSorted())
    const apps = refsOf('Folder', 'childEntity').filter((pair) => pair.includes('resgroup-'))
    expect(apps.toSorted()).toEqual(turned(refsOf('VirtualApp', 'parentFolder')))
  })

  test('decodes to the declared types', () => {
    const wrong: string[] = []
    const check = (value: unknown, type: string, at: string): void => {
      if (isReference(value)) return
      const own = (value as { _typeName?: string } | undefined)?._typeName ?? type
      const fields = fieldsOf(own)
      if (!fields) return
      for (const key of Object.keys(value as object))
        if (key !== '_typeName' && !fields.has(key)) wrong.push(`${at}.${key} is not declared`)
      for (const field of fields.values()) {
        const inner = (value as Record<string, unknown>)[field.name]
        if (inner === undefined && !field.optional) wrong.push(`${at}.${field.name} is missing`)
        if (field.repeated !== Array.isArray(inner) && inner !== undefined) wrong.push(`${at}.${field.name}`)
        for (const item of [inner ?? []].flat()) check(item, field.type, `${at}.${field.name}`)
      }
    }
    for (const object of all)
      for (const [name, field] of propertiesOf(object.type) ?? []) {
        const value = object.get(name)
        if (value === undefined && !field.optional) wrong.push(`${object.type}.${name} is unset`)
        for (const item of [value ?? []].flat()) check(item, field.type, `${object.type}.${name}`)
      }
    expect([...new Set(wrong)]).toEqual([])
  })

  test('has the proportions of a real one', () => {
    const count = (type: ManagedObjectType) => [...inventory.ofType(type)].length
    expect(count('VirtualMachine')).toBe(2000)
    expect(count('HostSystem')).toBeGreaterThan(2000 / 45)
    expect(count('Datastore')).toBeGreaterThan(2000 / 110)
    expect(count('DistributedVirtualPortgroup')).toBeGreaterThanOrEqual(2000 / 200)
    expect(count('ClusterComputeResource')).toBeGreaterThanOrEqual(3)
    expect(count('VirtualApp')).toBeGreaterThan(0)
    for (const compute of inventory.ofType('ClusterComputeResource'))
      expect((compute.get('host') as unknown[]).length).toBeLessThanOrEqual(32)
    for (const host of inventory.ofType('HostSystem'))
      expect((host.get('vm') as unknown[]).length).toBeLessThanOrEqual(42)

    const depthOf = (ref: ManagedObjectReference | undefined): number => {
      const parent = ref && (inventory.find(ref)?.get('parent') as ManagedObjectReference | undefined)
      return ref?.type === 'Folder' ? 1 + depthOf(parent) : 0
    }
    const depths = valuesOf<ManagedObjectReference | undefined>('VirtualMachine', 'parent').map(depthOf)
    // The datacenter's root folder, department, application, environment.
    expect(Math.max(...depths)).toBe(4)
    const sizes = [...inventory.ofType('Datacenter')]
      .map((datacenter) => machinesIn(inventory, datacenter.ref))
      .sort()
    expect(sum(sizes)).toBe(2000)
    expect(Math.max(...sizes) / 2000).toBeGreaterThan(0.6)
  })

  test('has unique names within each folder', () => {
    for (const folder of inventory.ofType('Folder')) {
      const names = (folder.get('childEntity') as ManagedObjectReference[])
        .map((ref) => inventory.find(ref))
        // NSX segments can share a name.
        .filter((child) => !(child?.get('config') as { segmentId?: string } | undefined)?.segmentId)
        .map((child) => child?.get('name'))
      expect(new Set(names).size).toBe(names.length)
    }
  })

  test('runs machines only on hosts in service', () => {
    const resting = [...inventory.ofType('HostSystem')].filter((host) => {
      const { connectionState, inMaintenanceMode } = host.get('runtime') as DataObject<'HostRuntimeInfo'>
      return connectionState !== 'connected' || inMaintenanceMode
    })
    expect(resting.length).toBeGreaterThan(0)
    for (const host of resting) expect(host.get('vm')).toEqual([])
  })

  test('has containers that report the usage of their machines', () => {
    const stats = valuesOf<DataObject<'VirtualMachineSummary'>>('VirtualMachine', 'summary')
    const hosts = valuesOf<DataObject<'HostListSummary'>>('HostSystem', 'summary')
    const roots = [...inventory.ofType('ResourcePool')]
      .filter(
        (pool) => !isManagedSubtype((pool.get('parent') as ManagedObjectReference).type, 'ResourcePool'),
      )
      .map((pool) => pool.get('summary') as DataObject<'ResourcePoolSummary'>)
    const cpu = sum(stats.map(({ quickStats }) => quickStats.overallCpuUsage ?? 0))
    // A template is in no pool, and a host has its own overhead.
    expect(sum(roots.map(({ quickStats }) => quickStats?.overallCpuUsage))).toBe(cpu)
    expect(sum(hosts.map(({ quickStats }) => quickStats.overallCpuUsage ?? 0))).toBeGreaterThan(cpu)

    const usages = valuesOf<DataObject<'VirtualMachineStorageInfo'> | undefined>('VirtualMachine', 'storage')
    for (const datastore of inventory.ofType('Datastore')) {
      const { capacity, freeSpace, uncommitted } = datastore.get('summary') as DataObject<'DatastoreSummary'>
      const own = usages.flatMap(
        (usage) => usage?.perDatastoreUsage?.filter((each) => each.datastore.value === datastore.moid) ?? [],
      )
      expect(uncommitted).toBe(sum(own.map((each) => each.uncommitted)))
      expect(Number(freeSpace)).toBeGreaterThan(0)
      expect(Number(capacity) - Number(freeSpace)).toBeGreaterThanOrEqual(
        sum(own.map((each) => each.committed)),
      )
    }
  })
})

test('updates the free space of a datastore when a machine is removed', () => {
  const model = createModel()
  const [ref] = model.inventory.vm('erp-01').get('datastore') as ManagedObjectReference[]
  const summary = () =>
    model.objects.find(ref as ManagedObjectReference)?.get('summary') as DataObject<'DatastoreSummary'>
  const host = () =>
    [...model.objects.ofType('HostSystem')].map(
      (each) => (each.get('summary') as DataObject<'HostListSummary'>).quickStats.overallCpuUsage,
    )
  const [before, busy] = [summary(), host()]
  const storage = model.inventory.vm('erp-01').get('storage') as DataObject<'VirtualMachineStorageInfo'>
  const [usage] = storage.perDatastoreUsage ?? []
  model.inventory.destroy('erp-01')
  expect(Number(summary().freeSpace) - Number(before.freeSpace)).toBe(Number(usage?.committed))
  expect(Number(before.uncommitted) - Number(summary().uncommitted)).toBe(Number(usage?.uncommitted))
  expect(sum(host())).toBeLessThan(sum(busy))
})

test('generates the same inventory for the same seed, and a different one for another', () => {
  const reported = (seed: number) => {
    const { objects: inventory } = createModel({ vms: 400, seed })
    const objects = types.flatMap((type) => [...inventory.ofType(type)])
    return objects.flatMap((object) =>
      [...(propertiesOf(object.type)?.keys() ?? [])].map(
        (property) => `${object.moid}.${property} ${JSON.stringify(object.get(property))}`,
      ),
    )
  }
  const first = reported(7)
  expect(reported(7)).toEqual(first)
  expect(reported(8)).not.toEqual(first)
})

test('has more datacenters, of unequal size, with several thousand machines', () => {
  const large = createModel({ vms: 3100 }).objects
  const sizes = [...large.ofType('Datacenter')].map(({ ref }) => machinesIn(large, ref))
  expect(sizes).toHaveLength(3)
  expect(sum(sizes)).toBe(3100)
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  expect([...large.ofType('HostSystem')].length).toBeGreaterThan(3100 / 45)
})

/** The ancestors of every machine, including vApps. */
function machinesIn(of: SimulatedInventory, datacenter: ManagedObjectReference): number {
  const isInside = (ref: ManagedObjectReference | undefined): boolean => {
    const object = ref && of.find(ref)
    if (!object || !ref) return false
    if (ref.value === datacenter.value) return true
    const up = object.get('parent') ?? object.get('parentVApp')
    return isInside(up as ManagedObjectReference | undefined)
  }
  return [...of.ofType('VirtualMachine')].filter(({ ref }) => isInside(ref)).length
}
