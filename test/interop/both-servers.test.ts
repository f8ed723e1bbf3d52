// One suite for two servers: vcsim cross-checks our simulator where the two behave alike. Where vcsim differs from a real
// vCenter (docs/vsphere-api.md, the table at the end of §9), our simulator follows the real one, and this suite does not cover
// it.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import type { MethodArgs } from '../../src/soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { createUndiciTransport } from '../../src/transport/undici-transport.ts'
import {
  objectSpec,
  propertyCollector,
  rootFolder,
  SoapConnection,
  searchIndex,
  serviceInstance,
  sessionManager,
  valuesOf,
  viewManager,
  viewSpec,
} from '../simulator/soap-connection.ts'
import { faultOf, viewOf } from '../simulator/start.ts'
import { vcsim } from './tools.ts'
import type { Untyped } from './untyped.ts'
import { startVcsim } from './vcsim.ts'

type Ref = ManagedObjectReference
type TaskInfo = DataObject<'TaskInfo'>

const servers = [
  {
    name: 'vcsim',
    isAvailable: vcsim !== undefined,
    /** A powered-on virtual machine, and its path. */
    path: 'DC0/vm/DC0_H0_VM0',
    start: () => startVcsim('-dc', '2'),
  },
  {
    name: 'our simulator',
    isAvailable: true,
    path: 'Frankfurt/vm/Production/Web/web-02',
    async start() {
      const simulator = createSimulator({ tasks: { queuedMs: 5, durationMs: 20 } })
      const { url } = await simulator.listen({ tls: true })
      return { url, stop: () => simulator.close() }
    },
  },
]

describe.each(servers)('$name', ({ isAvailable, path, start }) => {
  let server: { readonly url: string; stop(): Promise<unknown> }
  let connection: SoapConnection
  let vm: Ref

  beforeAll(async () => {
    if (isAvailable) server = await start()
  })

  afterAll(async () => {
    await server?.stop()
  })

  beforeEach(async (context) => {
    if (!isAvailable) return context.skip()
    connection = connect()
    await connection.login()
    vm = (await connection.call('FindByInventoryPath', searchIndex, { inventoryPath: path })) as Ref
    return async () => {
      await connection.call('Logout', sessionManager, {})
      await connection.transport.close()
    }
  })

  const connect = () =>
    new SoapConnection(
      createUndiciTransport({
        url: new URL(server.url).origin,
        userAgent: 'interop',
        tls: { insecure: true },
      }),
    )

  const read = async (ref: Ref, ...paths: string[]): Promise<Record<string, Untyped>> =>
    valuesOf((await connection.retrieve(objectSpec(ref.type, paths, ref)))?.objects?.[0])

  async function ended(task: Ref): Promise<TaskInfo> {
    const collector = await connection.call('CreatePropertyCollector', propertyCollector, {})
    const spec = objectSpec('Task', ['info'], task)
    await connection.call('CreateFilter', collector, { spec, partialUpdates: false })
    let version = ''
    for (;;) {
      const update = await connection.call('WaitForUpdatesEx', collector, {
        version,
        options: { maxWaitSeconds: 5 },
      })
      const changes = update?.filterSet?.flatMap(({ objectSet }) => objectSet ?? []) ?? []
      const info = changes.flatMap(({ changeSet }) => changeSet ?? []).at(-1)?.val as TaskInfo | undefined
      if (info?.state === 'success' || info?.state === 'error') {
        await connection.call('DestroyPropertyCollector', collector, {})
        return info
      }
      version = update?.version ?? version
    }
  }

  const snapshot = async (name: string): Promise<Ref> =>
    (
      await ended(
        await connection.call('CreateSnapshot_Task', vm, {
          name,
          description: 'd',
          memory: false,
          quiesce: false,
        }),
      )
    ).result as Ref

  const namesIn = (trees: readonly Untyped[] = []): Untyped[] =>
    trees.map(({ name, childSnapshotList }) => [name, ...namesIn(childSnapshotList)])

  const tree = async () => namesIn((await read(vm, 'snapshot')).snapshot?.rootSnapshotList)

  describe('sessions', () => {
    it('serve the service content without a login', async () => {
      const content = await connect().call('RetrieveServiceContent', serviceInstance, {})
      expect(content).toMatchObject({
        rootFolder,
        propertyCollector,
        viewManager,
        searchIndex,
        sessionManager,
        about: { apiType: 'VirtualCenter', productLineId: 'vpx', instanceUuid: expect.any(String) },
      })
    })

    it('need the correct password', async () => {
      expect(await faultOf(connect().login('user', 'hunter2'))).toMatchObject({ _typeName: 'InvalidLogin' })
      expect(await faultOf(connect().login('unknown'))).toMatchObject({ _typeName: 'InvalidLogin' })
    })

    it('are required for a view', async () => {
      expect(await faultOf(viewOf(connect(), 'VirtualMachine'))).toMatchObject({
        _typeName: 'NotAuthenticated',
      })
    })

    it('name their user, and end with a logout', async () => {
      const other = connect()
      const session = await other.login()
      expect(session).toMatchObject({
        userName: 'user',
        key: expect.any(String),
        loginTime: expect.any(Date),
      })
      expect(
        await other.call('SessionIsActive', sessionManager, { sessionID: session.key, userName: 'user' }),
      ).toBe(true)
      await other.call('Logout', sessionManager, {})
      expect(await faultOf(viewOf(other, 'VirtualMachine'))).toMatchObject({ _typeName: 'NotAuthenticated' })
    })

    it('isolate their views from each other', async () => {
      const view = await viewOf(connection, 'VirtualMachine')
      const other = connect()
      await other.login()
      expect(await faultOf(other.retrieve(objectSpec('ContainerView', ['view'], view)))).toMatchObject({
        _typeName: 'ManagedObjectNotFound',
      })
      await other.call('Logout', sessionManager, {})
    })
  })

  describe('the inventory', () => {
    it('has the same virtual machines in a view, in folders and in an upward traversal', async () => {
      const view = await viewOf(connection, 'VirtualMachine')
      const inView = await connection.retrieve(viewSpec(view, 'VirtualMachine', ['name']))
      const downwards = await connection.retrieve({
        propSet: [{ type: 'VirtualMachine', pathSet: ['name'] }],
        objectSet: [
          {
            obj: rootFolder,
            skip: true,
            selectSet: [
              step('Folder', 'childEntity', 'children', named('children'), named('vmFolder')),
              step('Datacenter', 'vmFolder', 'vmFolder', named('children')),
            ],
          },
        ],
      })
      const names = (reply: Untyped) => reply.objects.map((each: Untyped) => valuesOf(each).name).sort()
      expect(names(inView).length).toBeGreaterThan(7)
      expect(names(downwards)).toEqual(names(inView))

      const upwards = await connection.retrieve({
        propSet: [{ type: 'ManagedEntity', pathSet: ['name'] }],
        objectSet: [{ obj: vm, selectSet: [step('ManagedEntity', 'parent', 'up', named('up'))] }],
      })
      const path = upwards?.objects?.map((each) => valuesOf(each).name).reverse()
      expect(path?.[0]).toBe('Datacenters')
      expect(
        await connection.call('FindByInventoryPath', searchIndex, {
          inventoryPath: path!.slice(1).join('/'),
        }),
      ).toEqual(vm)
    })

    it('has typed basic properties of a virtual machine', async () => {
      const facts = await read(
        vm,
        'name',
        'parent',
        'datastore',
        'runtime',
        'config.uuid',
        'config.template',
        'config.hardware.numCPU',
        'config.hardware.memoryMB',
        'config.hardware.device',
      )
      expect(facts).toMatchObject({
        name: path.split('/').at(-1),
        parent: { type: 'Folder' },
        datastore: [{ type: 'Datastore' }],
        runtime: {
          host: { type: 'HostSystem' },
          powerState: 'poweredOn',
          connectionState: 'connected',
        },
        'config.template': false,
        'config.uuid': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'config.hardware.numCPU': expect.any(Number),
        'config.hardware.memoryMB': expect.any(Number),
      })
      const [disk] = facts['config.hardware.device'].filter(
        (each: Untyped) => each._typeName === 'VirtualDisk',
      )
      expect(disk).toMatchObject({
        key: expect.any(Number),
        controllerKey: expect.any(Number),
        unitNumber: 0,
        deviceInfo: { label: expect.any(String), summary: expect.stringMatching(/^[\d,]+ KB$/) },
        capacityInBytes: disk.capacityInKB * 1024,
        backing: {
          _typeName: 'VirtualDiskFlatVer2BackingInfo',
          fileName: expect.stringMatching(/^\[.+\] .+\.vmdk$/),
          datastore: facts.datastore[0],
          diskMode: 'persistent',
          thinProvisioned: true,
        },
      })
      const byKey = `config.hardware.device[${disk.key}]`
      expect((await read(vm, byKey))[byKey]).toEqual(disk)
    })

    it('is searchable by uuid and path, and returns nothing without a match', async () => {
      const { 'config.uuid': uuid, 'config.instanceUuid': instanceUuid } = await read(
        vm,
        'config.uuid',
        'config.instanceUuid',
      )
      const find = (id: string, rest: Partial<MethodArgs<'FindByUuid'>> = {}) =>
        connection.call('FindByUuid', searchIndex, { uuid: id, vmSearch: true, ...rest })
      expect(await find(uuid)).toEqual(vm)
      expect(await find(instanceUuid, { instanceUuid: true })).toEqual(vm)
      expect(await find(uuid, { instanceUuid: true })).toBeUndefined()
      expect(await find('00000000-0000-0000-0000-000000000000')).toBeUndefined()
      expect(
        await connection.call('FindByInventoryPath', searchIndex, { inventoryPath: `${path}/nothing` }),
      ).toBeUndefined()
      const parent = (await read(vm, 'parent')).parent
      expect(
        await connection.call('FindChild', searchIndex, { entity: parent, name: path.split('/').at(-1)! }),
      ).toEqual(vm)
    })

    it('is searchable by address and host name, where no match is an empty list', async () => {
      const { 'guest.ipAddress': ip, 'guest.hostName': dnsName } = await read(
        vm,
        'guest.ipAddress',
        'guest.hostName',
      )
      const byIp = (address: string, vmSearch = true) =>
        connection.call('FindAllByIp', searchIndex, { ip: address, vmSearch })
      const byDnsName = (host: string, vmSearch = true) =>
        connection.call('FindAllByDnsName', searchIndex, { dnsName: host, vmSearch })
      // The guests of vcsim have neither.
      if (ip) expect(await byIp(ip)).toEqual([vm])
      if (dnsName) expect(await byDnsName(dnsName)).toEqual([vm])
      for (const vmSearch of [true, false]) {
        expect(await byIp('203.0.113.1', vmSearch)).toEqual([])
        expect(await byDnsName('nowhere.example.com', vmSearch)).toEqual([])
      }
    })

    it('comes in pages of the requested size, each object once', async () => {
      const spec = viewSpec(await viewOf(connection, 'VirtualMachine'), 'VirtualMachine', ['name'])
      const complete = (await connection.retrieve(spec))?.objects?.map(({ obj }) => obj.value) ?? []
      let page = await connection.call('RetrievePropertiesEx', propertyCollector, {
        specSet: [spec],
        options: { maxObjects: 3 },
      })
      const found = page?.objects?.map(({ obj }) => obj.value) ?? []
      expect(found).toHaveLength(3)
      while (page?.token) {
        page = await connection.call('ContinueRetrievePropertiesEx', propertyCollector, { token: page.token })
        found.push(...(page.objects?.map(({ obj }) => obj.value) ?? []))
      }
      expect(found.sort()).toEqual(complete.sort())
    })

    it('fails the call or leaves the object out when an object no longer exists', async () => {
      const removed = { type: 'VirtualMachine', value: 'vm-99999' }
      const spec = objectSpec('VirtualMachine', ['name'], vm, removed)
      expect(await faultOf(connection.retrieve(spec))).toMatchObject({
        _typeName: 'ManagedObjectNotFound',
        obj: removed,
      })
      const reply = await connection.retrieve({ ...spec, reportMissingObjectsInResults: true })
      expect(reply?.objects?.map(({ obj }) => obj)).toEqual([vm])
    })

    it('supports list views that change', async () => {
      const hosts = (await connection.retrieve(
        viewSpec(await viewOf(connection, 'HostSystem'), 'HostSystem', ['name']),
      ))!.objects!.map(({ obj }) => obj)
      const view = await connection.call('CreateListView', viewManager, { obj: [vm] })
      await connection.call('ModifyListView', view, { add: hosts, remove: [vm] })
      const listed = (await read(view, 'view')).view as Ref[]
      expect(listed.map(({ value }) => value).sort()).toEqual(hosts.map(({ value }) => value).sort())
      await connection.call('DestroyView', view, {})
      expect(await faultOf(connection.call('DestroyView', view, {}))).toMatchObject({
        _typeName: 'ManagedObjectNotFound',
      })
    })
  })

  describe('snapshots', () => {
    beforeEach(async (context) => {
      if (!isAvailable) return context.skip()
      await ended(await connection.call('RemoveAllSnapshots_Task', vm, {}))
    })

    it('form a tree that grows at the current snapshot, which a revert moves', async () => {
      expect(await read(vm, 'snapshot', 'rootSnapshot')).not.toHaveProperty('snapshot')
      const base = await snapshot('base')
      const patched = await snapshot('patched')
      expect(await tree()).toEqual([['base', ['patched']]])
      expect((await read(vm, 'snapshot')).snapshot).toMatchObject({
        currentSnapshot: patched,
        rootSnapshotList: [
          {
            snapshot: base,
            vm,
            name: 'base',
            description: 'd',
            quiesced: false,
            id: expect.any(Number),
            createTime: expect.any(Date),
          },
        ],
      })
      expect((await read(vm, 'rootSnapshot')).rootSnapshot).toEqual([base])
      expect(await read(base, 'childSnapshot', 'vm', 'config.name')).toEqual({
        childSnapshot: [patched],
        vm,
        'config.name': path.split('/').at(-1),
      })

      await ended(await connection.call('RevertToSnapshot_Task', base, {}))
      expect((await read(vm, 'snapshot')).snapshot.currentSnapshot).toEqual(base)
      await snapshot('other')
      expect(await tree()).toEqual([['base', ['patched'], ['other']]])
      await ended(await connection.call('RevertToCurrentSnapshot_Task', vm, {}))
      expect(await tree()).toEqual([['base', ['patched'], ['other']]])
    })

    it('move their children to their parent or remove them', async () => {
      const base = await snapshot('base')
      const middle = await snapshot('middle')
      const last = await snapshot('last')
      await ended(await connection.call('RemoveSnapshot_Task', middle, { removeChildren: false }))
      expect(await tree()).toEqual([['base', ['last']]])
      expect((await read(vm, 'snapshot')).snapshot.currentSnapshot).toEqual(last)
      await ended(await connection.call('RemoveSnapshot_Task', last, { removeChildren: false }))
      expect((await read(vm, 'snapshot')).snapshot.currentSnapshot).toEqual(base)
      await snapshot('again')
      await ended(await connection.call('RemoveSnapshot_Task', base, { removeChildren: true }))
      expect(await tree()).toEqual([])
      expect(
        await faultOf(connection.call('RemoveSnapshot_Task', base, { removeChildren: false })),
      ).toMatchObject({ _typeName: 'ManagedObjectNotFound', obj: base })
    })

    it('may share a name', async () => {
      const refs = [await snapshot('nightly'), await snapshot('nightly')]
      expect(new Set(refs.map(({ value }) => value)).size).toBe(2)
      expect(await tree()).toEqual([['nightly', ['nightly']]])
    })
  })

  describe('tasks', () => {
    it('have a description, an entity, a user and a result', async () => {
      const task = await connection.call('CreateSnapshot_Task', vm, {
        name: 'x',
        memory: false,
        quiesce: false,
      })
      const info = await ended(task)
      expect(info).toMatchObject({
        task,
        key: task.value,
        entity: vm,
        descriptionId: expect.stringMatching(/^VirtualMachine\.createSnapshot/),
        state: 'success',
        cancelled: false,
        result: { type: 'VirtualMachineSnapshot' },
        queueTime: expect.any(Date),
        startTime: expect.any(Date),
        completeTime: expect.any(Date),
      })
      expect((await read(vm, 'recentTask')).recentTask).toContainEqual(task)
      expect((await read(task, 'info.state'))['info.state']).toBe('success')
    })

    it('fail with a fault', async () => {
      const task = await connection.call('PowerOnVM_Task', vm, {})
      const first = await ended(task)
      // Reverting to a snapshot may have powered it off.
      const info =
        first.state === 'error' ? first : await ended(await connection.call('PowerOnVM_Task', vm, {}))
      expect(info).toMatchObject({
        state: 'error',
        error: {
          fault: { _typeName: 'InvalidPowerState', existingState: 'poweredOn', requestedState: 'poweredOn' },
        },
      })
      expect(info.result).toBeUndefined()
    })

    it('change the properties that are read', async () => {
      const power = async () => (await read(vm, 'runtime.powerState'))['runtime.powerState']
      await ended(await connection.call('PowerOffVM_Task', vm, {}))
      expect(await power()).toBe('poweredOff')
      await ended(await connection.call('PowerOnVM_Task', vm, {}))
      expect(await power()).toBe('poweredOn')
      await ended(await connection.call('SuspendVM_Task', vm, {}))
      expect(await power()).toBe('suspended')
      await ended(await connection.call('PowerOnVM_Task', vm, {}))
      expect(await power()).toBe('poweredOn')
    })
  })

  describe('updates', () => {
    it('start with the current state, then report changes, then wait', async () => {
      const collector = await connection.call('CreatePropertyCollector', propertyCollector, {})
      await connection.call('CreateFilter', collector, {
        spec: objectSpec('VirtualMachine', ['runtime.powerState'], vm),
        partialUpdates: false,
      })
      const wait = (version: string, maxWaitSeconds: number) =>
        connection.call('WaitForUpdatesEx', collector, { version, options: { maxWaitSeconds } })
      const first = await wait('', 5)
      expect(first?.filterSet?.[0]?.objectSet).toMatchObject([
        {
          kind: 'enter',
          obj: vm,
          changeSet: [{ name: 'runtime.powerState', op: 'assign', val: 'poweredOn' }],
        },
      ])
      expect(await wait(first!.version, 0)).toBeUndefined()

      const other = connect()
      await other.login()
      const waiting = wait(first!.version, 10)
      await other.call('PowerOffVM_Task', vm, {})
      expect((await waiting)?.filterSet?.[0]?.objectSet).toMatchObject([
        {
          kind: 'modify',
          obj: vm,
          changeSet: [{ name: 'runtime.powerState', op: 'assign', val: 'poweredOff' }],
        },
      ])
      await other.call('Logout', sessionManager, {})
      await connection.call('DestroyPropertyCollector', collector, {})
    })
  })
})

const named = (name: string): DataObject<'SelectionSpec'> => ({ _typeName: 'SelectionSpec', name })

const step = (
  type: string,
  path: string,
  name: string,
  ...selectSet: DataObject<'SelectionSpec'>[]
): DataObject<'SelectionSpec'> => {
  const spec: DataObject<'TraversalSpec'> = {
    _typeName: 'TraversalSpec',
    type,
    path,
    name,
    skip: false,
    selectSet,
  }
  return spec
}
