// Container views, and searches by path, uuid and name.

import { describe, expect, it } from 'vitest'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../../src/soap/vim-types.ts'
import { rootFolder, type SoapConnection, searchIndex, viewManager } from '../soap-connection.ts'
import { faultOf, startLoggedIn, viewOf } from '../start.ts'

const read = (connection: SoapConnection, view: ManagedObjectReference) =>
  connection.call('Fetch', view, { prop: 'view' }) as Promise<ManagedObjectReference[]>

const find = (connection: SoapConnection, inventoryPath: string) =>
  connection.call('FindByInventoryPath', searchIndex, { inventoryPath })

describe('a container view', () => {
  it.each(['VirtualMachine', 'HostSystem', 'Datastore', 'Datacenter'] as const)(
    'of the root folder contains every %s once',
    async (type) => {
      const { connection, simulator } = await startLoggedIn()
      const refs = await read(connection, await viewOf(connection, type))
      expect(refs.map(({ value }) => value).sort()).toEqual(
        [...simulator.objects.ofType(type)].map(({ moid }) => moid).sort(),
      )
    },
  )

  it('accepts base types, no type, and only direct children if requested', async () => {
    const { connection } = await startLoggedIn()
    const create = (type: string[], recursive: boolean) =>
      connection.call('CreateContainerView', viewManager, { container: rootFolder, type, recursive })
    const types = new Set(
      (await read(connection, await create(['ComputeResource'], true))).map(({ type }) => type),
    )
    expect(types).toEqual(new Set(['ClusterComputeResource', 'ComputeResource']))
    expect((await read(connection, await create([], true))).length).toBeGreaterThan(30)
    expect((await read(connection, await create([], false))).map(({ type }) => type)).toEqual([
      'Datacenter',
      'Datacenter',
    ])
  })

  it.each<[ManagedObjectType, ManagedObjectType[]]>([
    ['ComputeResource', ['ComputeResource', 'ClusterComputeResource']],
    ['Network', ['Network', 'DistributedVirtualPortgroup']],
    ['ResourcePool', ['ResourcePool', 'VirtualApp']],
    ['DistributedVirtualSwitch', ['VmwareDistributedVirtualSwitch']],
    ['Folder', ['Folder', 'StoragePod']],
    ['VirtualMachine', ['VirtualMachine']],
  ])('of %s contains %j in a large inventory, including vApps and their contents', async (type, concrete) => {
    const { connection, simulator } = await startLoggedIn({ vms: 500 })
    const refs = await read(connection, await viewOf(connection, type))
    const there = concrete.flatMap((each) => [...simulator.objects.ofType(each)].map(({ moid }) => moid))
    expect(concrete.every((each) => refs.some((ref) => ref.type === each))).toBe(true)
    // A view contains the descendants of its container, without the root folder itself.
    expect(refs.map(({ value }) => value).sort()).toEqual(
      there.filter((moid) => moid !== rootFolder.value).sort(),
    )
  })

  it('of a datacenter, a cluster, a pool or a host contains its descendants', async () => {
    const { connection, simulator } = await startLoggedIn()
    const vm = simulator.inventory.vm('web-01')
    const { host } = vm.get('runtime') as DataObject<'VirtualMachineRuntimeInfo'>
    const cluster = await find(connection, 'Frankfurt/host/fra-cluster-01')
    const datacenter = await find(connection, 'Frankfurt')
    for (const container of [datacenter, cluster, vm.get('resourcePool'), host]) {
      const view = await viewOf(connection, 'VirtualMachine', container as ManagedObjectReference)
      expect(await read(connection, view)).toContainEqual(vm.ref)
    }
    const other = await viewOf(connection, 'VirtualMachine', (await find(connection, 'Oregon')) ?? rootFolder)
    expect(await read(connection, other)).not.toContainEqual(vm.ref)
  })

  it('is live', async () => {
    const { connection, simulator } = await startLoggedIn()
    const view = await viewOf(connection, 'VirtualMachine')
    const before = await read(connection, view)
    const { ref } = simulator.inventory.vm('web-01')
    simulator.inventory.destroy('web-01')
    expect(await read(connection, view)).toEqual(before.filter(({ value }) => value !== ref.value))
  })

  it('is rejected for a type without children, and for unknown types', async () => {
    const { connection, simulator } = await startLoggedIn()
    const vm = simulator.inventory.vm('web-01').ref
    expect(await faultOf(viewOf(connection, 'VirtualMachine', vm))).toMatchObject({
      invalidProperty: 'container',
    })
    expect(await faultOf(viewOf(connection, 'Spaceship'))).toMatchObject({ invalidProperty: 'type' })
    const nowhere = { type: 'Folder', value: 'group-v0' }
    expect(await faultOf(viewOf(connection, 'VirtualMachine', nowhere))).toMatchObject({ obj: nowhere })
  })

  it('cannot be used after it is destroyed', async () => {
    const { connection, simulator } = await startLoggedIn()
    const view = await viewOf(connection, 'VirtualMachine')
    await connection.call('DestroyView', view, {})
    expect(simulator.live.views).toBe(0)
    expect(await faultOf(connection.call('DestroyView', view, {}))).toMatchObject({ obj: view })
  })
})

describe('the search index', () => {
  it('finds by inventory path, with or without surrounding slashes, with escapes in either case', async () => {
    const { connection, simulator } = await startLoggedIn()
    const { ref } = simulator.inventory.vm('a%2fb')
    expect(await find(connection, 'Frankfurt/vm/Testing/a%2fb')).toEqual(ref)
    expect(await find(connection, '/Frankfurt/vm/Testing/a%2Fb/')).toEqual(ref)
    expect(await find(connection, 'Frankfurt/host/fra-cluster-01/Resources')).toMatchObject({
      type: 'ResourcePool',
    })
    expect(await find(connection, 'Frankfurt/vm/Testing/a/b')).toBeUndefined()
    expect(await find(connection, '')).toBeUndefined()
    expect(connection.last?.text).toContain('<FindByInventoryPathResponse xmlns="urn:vim25"></')
  })

  it('finds machines and hosts by uuid, and machines by instance uuid, optionally within a datacenter', async () => {
    const { connection, simulator } = await startLoggedIn()
    const vm = simulator.inventory.vm('web-01')
    const { uuid, instanceUuid } = vm.get('config') as DataObject<'VirtualMachineConfigInfo'>
    const findVm = (args: { uuid: string; datacenter?: ManagedObjectReference; instanceUuid?: boolean }) =>
      connection.call('FindByUuid', searchIndex, { vmSearch: true, ...args })
    expect(await findVm({ uuid: uuid.toUpperCase() })).toEqual(vm.ref)
    expect(await findVm({ uuid: instanceUuid ?? '', instanceUuid: true })).toEqual(vm.ref)
    expect(await findVm({ uuid, instanceUuid: true })).toBeUndefined()
    const [inside, elsewhere] = [await find(connection, 'Frankfurt'), await find(connection, 'Oregon')]
    expect(await findVm({ uuid, datacenter: inside ?? rootFolder })).toEqual(vm.ref)
    expect(await findVm({ uuid, datacenter: elsewhere ?? rootFolder })).toBeUndefined()
    const all = await connection.call('FindAllByUuid', searchIndex, { uuid, vmSearch: true })
    expect(all).toEqual([vm.ref])
    const [host] = [...simulator.objects.ofType('HostSystem')]
    const hostUuid = (host?.get('summary') as DataObject<'HostListSummary'> | undefined)?.hardware?.uuid ?? ''
    expect(await connection.call('FindByUuid', searchIndex, { uuid: hostUuid, vmSearch: false })).toEqual(
      host?.ref,
    )
  })

  it('finds all machines by primary address or guest host name, and hosts by VMkernel address or name', async () => {
    const { connection, simulator } = await startLoggedIn()
    const [one, other] = [simulator.inventory.vm('web-01'), simulator.inventory.vm('web-02')]
    const [host] = [...simulator.objects.ofType('HostSystem')]
    const guest = one.get('guest') as DataObject<'GuestInfo'>
    other.set('guest', { ...guest, net: [] })
    host!.set('config', { network: { vnic: [{ spec: { ip: { ipAddress: '10.1.2.3' } } }] } })
    const [inside, elsewhere] = [await find(connection, 'Frankfurt'), await find(connection, 'Oregon')]
    const byIp = (ip: string, vmSearch: boolean, datacenter?: ManagedObjectReference) =>
      connection.call('FindAllByIp', searchIndex, { ip, vmSearch, ...(datacenter && { datacenter }) })
    const byDnsName = (dnsName: string, vmSearch: boolean) =>
      connection.call('FindAllByDnsName', searchIndex, { dnsName, vmSearch })
    const address = guest.ipAddress as string
    expect(await byIp(address, true)).toEqual([one.ref, other.ref])
    expect(await byIp(address, true, inside)).toEqual([one.ref, other.ref])
    expect(await byIp(address, true, elsewhere)).toEqual([])
    expect(await byIp(address, false)).toEqual([])
    expect(await byIp('10.1.2.3', false)).toEqual([host!.ref])
    expect(await byDnsName('WEB-01', true)).toEqual([one.ref, other.ref])
    expect(await byDnsName(String(host!.get('name')), false)).toEqual([host!.ref])
  })

  it('finds children by name', async () => {
    const { connection } = await startLoggedIn()
    const child = (entity: ManagedObjectReference, name: string) =>
      connection.call('FindChild', searchIndex, { entity, name })
    expect(await child(rootFolder, 'Oregon')).toMatchObject({ type: 'Datacenter' })
    expect(await child(rootFolder, 'vm')).toBeUndefined()
  })
})
