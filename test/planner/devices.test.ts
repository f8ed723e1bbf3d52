// Tests that a plan declares which virtual devices it reads: their values arrive, and no other device is decoded.

import { describe, expect, it } from 'vitest'
import { SharedPageOrderCache } from '../../src/planner/connections/page-order-cache.ts'
import { SizeHints } from '../../src/planner/connections/size-hints.ts'
import { allDevices, devicesOf } from '../../src/planner/device-path.ts'
import { InventoryReader } from '../../src/planner/inventory-reader.ts'
import type { ManagedObject } from '../../src/planner/managed-object.ts'
import { PlanNode } from '../../src/planner/plan-node.ts'
import { compile } from '../../src/planner/property-collector/compile.ts'
import { createPropertyCollectorSource } from '../../src/planner/property-collector/property-collector-source.ts'
import { isInstance } from '../../src/soap/type-registry.ts'
import type { DataObject, DataObjectName } from '../../src/soap/vim-types.ts'
import { UnknownProperties } from '../../src/vim25/property-collector/unknown-properties.ts'
import { connect, vmRef } from '../vim25/connect.ts'

const disks = devicesOf('VirtualDisk', 'VirtualController')
const adapters = devicesOf('VirtualEthernetCard')

function start() {
  const { session, simulator, counts } = connect()
  const source = createPropertyCollectorSource(session, new UnknownProperties())
  const createReader = () => {
    const plannerCache = { pageOrders: new SharedPageOrderCache().partition(), sizeHints: new SizeHints() }
    return new InventoryReader(source, plannerCache, {})
  }
  const ref = vmRef(simulator, 'web-01')
  const read = async (...paths: string[]) =>
    (await createReader().object(
      ref,
      new PlanNode('VirtualMachine', ...paths),
    )) as ManagedObject<'VirtualMachine'>
  return { createReader, ref, read, counts }
}

const instancesOf = <N extends DataObjectName>(devices: readonly unknown[] | undefined, type: N) =>
  devices?.filter((device): device is DataObject<N> => isInstance(device, type)) ?? []

const addressesOf = (devices: readonly unknown[] | undefined) =>
  instancesOf(devices, 'VirtualEthernetCard').map(({ macAddress }) => macAddress)
const capacitiesOf = (devices: readonly unknown[] | undefined) =>
  instancesOf(devices, 'VirtualDisk').map(({ capacityInKB }) => capacityInKB)

describe('a plan for some devices', () => {
  it('reads the values of network adapters when it names VirtualEthernetCard', async () => {
    const { read } = start()
    const devices = (await read(adapters)).devices(adapters)
    expect(addressesOf(devices)).toEqual([expect.stringMatching(/^([0-9a-f]{2}:){5}/)])
    expect(capacitiesOf(devices)).toEqual([undefined])
  })

  it('does not decode network adapters when it names disks', async () => {
    const { read } = start()
    const devices = (await read(disks)).devices(disks)
    expect(capacitiesOf(devices)).toEqual([expect.any(Number)])
    for (const adapter of instancesOf(devices, 'VirtualEthernetCard'))
      expect(Object.keys(adapter)).toEqual(['_typeName'])
    expect(addressesOf(devices)).toHaveLength(1)
  })

  it('throws when a resolver reads devices that the plan does not name', async () => {
    const vm = await start().read(disks)
    expect(() => vm.devices(adapters)).toThrow(/plan does not include/)
    expect(() => vm.read(allDevices)).toThrow(/plan does not include/)
  })

  it('decodes all devices when it reads the whole property', async () => {
    const devices = (await start().read(allDevices)).read(allDevices)
    expect([...addressesOf(devices), ...capacitiesOf(devices)]).toEqual([
      expect.any(String),
      expect.any(Number),
    ])
  })
})

describe('plans for different devices', () => {
  it('share one retrieval in one tick', async () => {
    const { createReader, ref, counts } = start()
    const reader = createReader()
    const [vm] = await Promise.all(
      [disks, adapters].map((path) => reader.object(ref, new PlanNode('VirtualMachine', path))),
    )
    expect(capacitiesOf(vm?.devices(disks))).toEqual([expect.any(Number)])
    expect(addressesOf(vm?.devices(adapters))).toEqual([expect.any(String)])
    expect(counts().RetrievePropertiesEx).toBe(1)
  })

  it('keep the values of earlier retrievals of the same request', async () => {
    const { createReader, ref, counts } = start()
    const reader = createReader()
    for (const path of [disks, adapters, disks])
      await reader.object(ref, new PlanNode('VirtualMachine', path))
    const vm = reader.objectCache.get<'VirtualMachine'>(ref)
    expect(capacitiesOf(vm.devices(disks))).toEqual([expect.any(Number)])
    expect(addressesOf(vm.devices(adapters))).toEqual([expect.any(String)])
    expect(counts().RetrievePropertiesEx).toBe(2)
  })

  it('do not share a concurrent retrieval of another request, which would lack values', async () => {
    const { read, counts } = start()
    const [one, other, same] = await Promise.all([read(disks), read(adapters), read(disks)])
    expect(capacitiesOf(one.devices(disks))).toEqual([expect.any(Number)])
    expect(addressesOf(other.devices(adapters))).toEqual([expect.any(String)])
    expect(same.devices(disks)).toBe(one.devices(disks))
    expect(counts().RetrievePropertiesEx).toBe(2)
  })

  it('compile to the one property and the union of the types', () => {
    const refs = [{ type: 'VirtualMachine', value: 'vm-1' }]
    const compiled = compile([
      { refs, node: new PlanNode('VirtualMachine', disks) },
      { refs, node: new PlanNode('VirtualMachine', adapters, 'name') },
    ])
    expect(compiled.specSet[0]?.propSet).toEqual([{ type: 'VirtualMachine', pathSet: [allDevices, 'name'] }])
    expect(compiled.deviceTypes).toEqual(['VirtualController', 'VirtualDisk', 'VirtualEthernetCard'])
    expect([...compiled.requestedPaths('VirtualMachine')].sort()).toEqual([disks, adapters, 'name'])
    expect(compile([{ refs, node: new PlanNode('VirtualMachine', 'name') }]).deviceTypes).toEqual([])
  })
})
