// The inventory is complete, realistic, deterministic for a seed, and encodable as SOAP. large-inventory.test.ts tests a larger
// one.

import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../src/simulator/clock.ts'
import { inventoryOf, populate } from '../../src/simulator/inventory/populate.ts'
import { SimulatedInventory } from '../../src/simulator/simulated-inventory.ts'
import { encodeElement, typed } from '../../src/soap/codec.ts'
import { propertiesOf } from '../../src/soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { createModel, devicesOf } from './write-model.ts'

const allObjects = (objects: SimulatedInventory) =>
  (
    [
      'Folder',
      'Datacenter',
      'ComputeResource',
      'ClusterComputeResource',
      'HostSystem',
      'ResourcePool',
      'Datastore',
      'Network',
      'DistributedVirtualPortgroup',
      'VmwareDistributedVirtualSwitch',
      'VirtualMachine',
      'VirtualMachineSnapshot',
    ] as const
  ).flatMap((type) => [...objects.ofType(type)])

/** All properties of every object, as XML. */
function print(objects: SimulatedInventory): string {
  return allObjects(objects)
    .map((object) => {
      let text = `${object.type} ${object.moid}`
      for (const [name, field] of propertiesOf(object.type) ?? []) {
        const value = object.get(name)
        if (value === undefined) text += `\n${name} unset`
        else
          text += `\n${encodeElement(name, typed(field.repeated ? `${field.type}*` : field.type, value), 'anyType')}`
      }
      return text
    })
    .join('\n')
}

describe('the inventory', () => {
  test('is byte-identical for the same seed, and different for another seed', () => {
    const printed = (seed: number) => print(createModel({ seed, vms: 40 }).objects)
    expect(printed(7)).toBe(printed(7))
    expect(printed(7)).not.toBe(printed(8))
  })

  test('sets every required property on every object', () => {
    const { objects } = createModel({ vms: 40 })
    const unset = allObjects(objects).flatMap((object) =>
      [...(propertiesOf(object.type) ?? [])]
        .filter(([name, field]) => !field.optional && object.get(name) === undefined)
        .map(([name]) => `${object.type}.${name}`),
    )
    expect(unset).toEqual([])
  })

  test('has no dangling references, and links them in both directions', () => {
    const { objects } = createModel({ vms: 60 })
    const lacking = allObjects(objects).flatMap((object) =>
      [
        'parent',
        'vmFolder',
        'host',
        'childEntity',
        'resourcePool',
        'vm',
        'datastore',
        'network',
        'owner',
        'rootSnapshot',
        'portgroup',
      ]
        .filter((property) => propertiesOf(object.type)?.has(property))
        .flatMap((property) => [object.get(property) ?? []].flat() as ManagedObjectReference[])
        .filter((ref) => 'value' in ref && !objects.find(ref)),
    )
    expect(lacking).toEqual([])
    for (const vm of objects.ofType('VirtualMachine')) {
      const folder = objects.find(vm.get('parent') as ManagedObjectReference)
      expect(folder?.get('childEntity')).toContainEqual(vm.ref)
      const { host } = vm.get('runtime') as DataObject<'VirtualMachineRuntimeInfo'>
      expect(objects.find(host as ManagedObjectReference)?.get('vm')).toContainEqual(vm.ref)
      for (const ref of vm.get('datastore') as ManagedObjectReference[])
        expect(objects.find(ref)?.get('vm')).toContainEqual(vm.ref)
    }
  })

  test('has the machines with special states', () => {
    const model = createModel()
    const names = [...model.objects.ofType('VirtualMachine')].map((vm) => vm.get('name'))
    expect(names).toEqual(
      expect.arrayContaining(['web-01', 'db-01', '007', 'a%2fb', 'mail-01', 'desktop-01']),
    )
    expect(names.filter((name) => name === 'app-01')).toHaveLength(2)

    const changeIds = (name: string) =>
      devicesOf(model, model.vm(name)).map(({ backing }) => backing?.changeId !== undefined)
    expect(changeIds('db-01')).toEqual([true, true, true])
    expect(changeIds('web-02')).toEqual([false])
    expect(changeIds('file-01')).toEqual([true, false])
    expect(changeIds('san-01')).toEqual([true, false, true])
    expect(changeIds('rac-01')).toEqual([true, false])
    expect(changeIds('wiki-01')).toEqual([false])

    const legacy = model.inventory.vm('legacy-01')
    expect(legacy.get('config')).toBeUndefined()
    expect(legacy.get('runtime')).toMatchObject({ connectionState: 'inaccessible' })
    expect(model.inventory.vm('ubuntu-24.04').get('config')).toMatchObject({ template: true })
    expect(model.inventory.vm('ubuntu-24.04').get('resourcePool')).toBeUndefined()
  })

  test('has disks with the keys, labels, identities and files of a vCenter', () => {
    const model = createModel()
    const [first, second] = devicesOf(model, model.vm('erp-01'))
    expect(first).toMatchObject({
      key: 2000,
      deviceInfo: { label: 'Hard disk 1', summary: '125,829,120 KB' },
      controllerKey: 1000,
      unitNumber: 0,
      capacityInBytes: 120 * 1024 ** 3,
    })
    expect(first?.backing?.uuid).toMatch(/^6000C29[0-9a-f]-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(first?.backing?.changeId).toMatch(/^52( [0-9a-f]{2}){7}-[0-9a-f]{2}( [0-9a-f]{2}){7}\/\d+$/)
    expect(first?.backing?.fileName).toMatch(/^\[vmfs-fra-01\] erp-01\/erp-01-\d{6}\.vmdk$/)
    expect(first?.backing?.parent?.parent?.fileName).toBe('[vmfs-fra-01] erp-01/erp-01.vmdk')
    expect(second?.deviceInfo?.label).toBe('Hard disk 2')
  })

  test('has a snapshot tree of three levels with a duplicate name', () => {
    const model = createModel()
    const { rootSnapshotList, currentSnapshot } = model.inventory
      .vm('erp-01')
      .get('snapshot') as DataObject<'VirtualMachineSnapshotInfo'>
    const names = (tree: readonly DataObject<'VirtualMachineSnapshotTree'>[]): unknown =>
      tree.map(({ name, childSnapshotList }) => [name, names(childSnapshotList ?? [])])
    expect(names(rootSnapshotList ?? [])).toEqual([
      [
        'base',
        [
          ['after-patch', [['base', []]]],
          ['50%2f50 test', []],
        ],
      ],
    ])
    expect(currentSnapshot).toEqual(rootSnapshotList?.[0]?.childSnapshotList?.[1]?.snapshot)
  })

  test('has a ClusterConfigInfoEx for a cluster, and another type for a standalone host', () => {
    const { objects } = createModel()
    const typeOf = (type: 'ClusterComputeResource' | 'ComputeResource') =>
      [...objects.ofType(type)].find((each) => each.type === type)?.get('configurationEx')
    expect(typeOf('ClusterComputeResource')).toMatchObject({
      _typeName: 'ClusterConfigInfoEx',
      dasConfig: { enabled: true },
      vmSwapPlacement: 'vmDirectory',
    })
    expect(typeOf('ComputeResource')).toEqual({ vmSwapPlacement: 'vmDirectory', spbmEnabled: true })
  })

  test('has exactly the requested number of machines, with the named ones first', () => {
    for (const vms of [0, 1, 5, 30, 700]) {
      const objects = new SimulatedInventory(createManualClock())
      populate(objects, { vms })
      const machines = [...objects.ofType('VirtualMachine')]
      expect(machines).toHaveLength(vms)
      if (vms > 0) expect(machines[0]?.get('name')).toBe('web-01')
    }
  })

  test('removes a destroyed machine from all lists', () => {
    const { objects, inventory } = createModel()
    const { ref } = inventory.vm('erp-01')
    expect(inventoryOf(objects)).toBe(inventory)
    inventory.destroy('erp-01')
    expect(print(objects)).not.toMatch(new RegExp(`>${ref.value}<`))
    expect(() => inventory.vm('erp-01')).toThrow('virtual machine erp-01 not found')
  })
})
