// RetrievePropertiesEx and related methods: which objects and properties they return, and in which form.

import { describe, expect, it } from 'vitest'
import type { DataObject, ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import {
  objectSpec,
  propertyCollector,
  rootFolder,
  type SoapConnection,
  serviceInstance,
  sessionManager,
  valuesOf,
  viewSpec,
} from '../soap-connection.ts'
import { faultOf, startLoggedIn, viewOf } from '../start.ts'

type FilterSpec = DataObject<'PropertyFilterSpec'>
type SelectionSpec = DataObject<'SelectionSpec'>

const traversal = (
  type: string,
  path: string,
  rest: Partial<DataObject<'TraversalSpec'>> = {},
): SelectionSpec => ({ _typeName: 'TraversalSpec', type, path, ...rest }) as SelectionSpec
const named = (name: string): SelectionSpec => ({ _typeName: 'SelectionSpec', name })

const names = (reply: DataObject<'RetrieveResult'> | undefined) =>
  (reply?.objects ?? []).map((each) => valuesOf(each).name).sort()
const removed: ManagedObjectReference = { type: 'VirtualMachine', value: 'vm-0' }

async function startWithMachine() {
  const started = await startLoggedIn()
  return { ...started, vm: started.simulator.inventory.vm('web-01').ref }
}

async function readOne(connection: SoapConnection, type: string, path: string, ref: ManagedObjectReference) {
  return valuesOf((await connection.retrieve(objectSpec(type, [path], ref)))?.objects?.[0])
}

describe('the objects of a retrieval', () => {
  it('are found by recursive folder traversals', async () => {
    const { connection, simulator } = await startLoggedIn()
    const spec: FilterSpec = {
      propSet: [{ type: 'VirtualMachine', pathSet: ['name'] }],
      objectSet: [
        {
          obj: rootFolder,
          selectSet: [
            traversal('Datacenter', 'vmFolder', { name: 'dc2vm', selectSet: [named('f2c')] }),
            traversal('Folder', 'childEntity', { name: 'f2c', selectSet: [named('f2c'), named('dc2vm')] }),
          ],
        },
      ],
    }
    const view = await viewOf(connection, 'VirtualMachine')
    const all = names(await connection.retrieve(viewSpec(view, 'VirtualMachine', ['name'])))
    expect(all.length).toBe([...simulator.objects.ofType('VirtualMachine')].length)
    expect(names(await connection.retrieve(spec))).toEqual(all)
  })

  it('may use names from another object spec of the same filter spec, but not of another filter spec', async () => {
    const { connection, vm } = await startWithMachine()
    const up = traversal('ManagedEntity', 'parent', { name: 'up', selectSet: [named('up')] })
    const propSet = [{ type: 'ManagedEntity', pathSet: ['name'] }]
    const first = { obj: vm, selectSet: [named('up')] }
    const reply = await connection.retrieve({
      propSet,
      objectSet: [first, { obj: rootFolder, selectSet: [up] }],
    })
    expect(names(reply)).toEqual(['Datacenters', 'Frankfurt', 'Production', 'Web', 'vm', 'web-01'])
    const apart = connection.retrieve(
      { propSet, objectSet: [first] },
      { propSet, objectSet: [{ obj: rootFolder, selectSet: [up] }] },
    )
    expect(await faultOf(apart)).toMatchObject({ _typeName: 'InvalidArgument' })
  })

  it('are unique, even if several traversals reach them', async () => {
    const { connection } = await startLoggedIn()
    const view = await viewOf(connection, 'VirtualMachine')
    const reply = await connection.retrieve({
      propSet: [
        { type: 'VirtualMachine', pathSet: [] },
        { type: 'HostSystem', pathSet: ['name'] },
        { type: 'Datastore', pathSet: ['name'] },
      ],
      objectSet: [
        {
          obj: view,
          skip: true,
          selectSet: [
            traversal('ContainerView', 'view', {
              selectSet: [
                traversal('VirtualMachine', 'runtime.host'),
                traversal('VirtualMachine', 'datastore'),
              ],
            }),
          ],
        },
      ],
    })
    const refs = (reply?.objects ?? []).map(({ obj }) => obj.value)
    expect(new Set(refs).size).toBe(refs.length)
    expect(new Set((reply?.objects ?? []).map(({ obj }) => obj.type))).toEqual(
      new Set(['VirtualMachine', 'HostSystem', 'Datastore']),
    )
  })

  it('are merged when two specs select the same one', async () => {
    const { connection, vm } = await startWithMachine()
    const reply = await connection.retrieve(
      objectSpec('VirtualMachine', ['name'], vm),
      objectSpec('ManagedEntity', ['name', 'overallStatus'], vm),
    )
    expect(reply?.objects).toHaveLength(1)
    expect(valuesOf(reply?.objects?.[0])).toEqual({ name: 'web-01', overallStatus: 'green' })
  })

  it('are traversed but omitted with skip, at the start and on the path', async () => {
    const { connection, vm } = await startWithMachine()
    const spec = (skipStart: boolean, skipFolder: boolean): FilterSpec => ({
      propSet: [{ type: 'ManagedEntity', pathSet: ['name'] }],
      objectSet: [
        {
          obj: vm,
          skip: skipStart,
          selectSet: [
            traversal('VirtualMachine', 'parent', {
              skip: skipFolder,
              selectSet: [traversal('Folder', 'parent')],
            }),
          ],
        },
      ],
    })
    expect(names(await connection.retrieve(spec(false, false)))).toEqual(['Production', 'Web', 'web-01'])
    expect(names(await connection.retrieve(spec(true, false)))).toEqual(['Production', 'Web'])
    expect(names(await connection.retrieve(spec(true, true)))).toEqual(['Production'])
  })

  it('match property sets by base type, and each property set adds its paths', async () => {
    const { connection, vm } = await startWithMachine()
    const reply = await connection.retrieve({
      propSet: [
        { type: 'ManagedEntity', pathSet: ['name', 'parent'] },
        { type: 'VirtualMachine', pathSet: ['runtime.powerState', 'name'] },
      ],
      objectSet: [{ obj: vm }],
    })
    expect(reply?.objects?.[0]?.propSet?.map(({ name }) => name)).toEqual([
      'name',
      'parent',
      'runtime.powerState',
    ])
  })

  it('are found by traversals of their base types, and of no other type', async () => {
    const { connection, simulator } = await startLoggedIn()
    const [host] = [...simulator.objects.ofType('HostSystem')]
    const reply = await connection.retrieve({
      propSet: [{ type: 'ComputeResource', pathSet: ['name', 'summary.numHosts'] }],
      objectSet: [
        {
          obj: host?.ref ?? removed,
          skip: true,
          selectSet: [
            traversal('ManagedEntity', 'parent', {
              selectSet: [
                traversal('ComputeResource', 'resourcePool'),
                // Not traversed: the target is not a datacenter.
                traversal('Datacenter', 'vmFolder'),
              ],
            }),
          ],
        },
      ],
    })
    expect(reply?.objects?.map((each) => [each.obj.type, valuesOf(each)])).toEqual([
      ['ClusterComputeResource', { name: 'fra-cluster-01', 'summary.numHosts': 3 }],
    ])
  })

  it('are omitted when no property set matches; without any object there is no returnval', async () => {
    const { connection, vm } = await startWithMachine()
    expect(await connection.retrieve(objectSpec('HostSystem', ['name'], vm))).toBeUndefined()
    expect(connection.last?.text).toContain('<RetrievePropertiesExResponse xmlns="urn:vim25"></Retrieve')
  })

  it('fail the call or are omitted when they no longer exist, depending on the spec', async () => {
    const { connection, vm } = await startWithMachine()
    const spec = objectSpec('VirtualMachine', ['name'], vm, removed)
    expect(await faultOf(connection.retrieve(spec))).toMatchObject({
      _typeName: 'ManagedObjectNotFound',
      obj: removed,
    })
    const reply = await connection.retrieve({ ...spec, reportMissingObjectsInResults: true })
    expect(names(reply)).toEqual(['web-01'])
  })
})

describe('the properties of a retrieval', () => {
  it("have the same types on the wire as vCenter's", async () => {
    const { connection, vm } = await startWithMachine()
    await connection.retrieve(
      objectSpec('VirtualMachine', ['name', 'runtime.powerState', 'parent', 'datastore'], vm),
    )
    const text = connection.last?.text ?? ''
    expect(text).toContain('<name>name</name><val xsi:type="xsd:string">web-01</val>')
    expect(text).toContain('<val xsi:type="VirtualMachinePowerState">poweredOn</val>')
    expect(text).toMatch(/<val type="Folder" xsi:type="ManagedObjectReference">[\w-]+<\/val>/)
    expect(text).toMatch(
      /<val xsi:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="Datastore" xsi:type="ManagedObjectReference">/,
    )
  })

  it('are absent when unset, and so are their nested paths', async () => {
    const { connection, simulator } = await startLoggedIn()
    const { ref } =
      [...simulator.objects.ofType('VirtualMachine')].find((vm) => vm.get('config') === undefined) ?? {}
    const paths = [
      'config',
      'config.hardware.device',
      'config.hardware.device[2000]',
      'runtime.connectionState',
    ]
    const reply = await connection.retrieve(objectSpec('VirtualMachine', paths, ref ?? removed))
    expect(reply?.objects?.[0]?.missingSet).toBeUndefined()
    expect(valuesOf(reply?.objects?.[0])).toEqual({ 'runtime.connectionState': 'inaccessible' })
  })

  it('are unset rather than unknown if vCenter has them and the simulator never sets them', async () => {
    const { connection, vm } = await startWithMachine()
    expect(await readOne(connection, 'VirtualMachine', 'layout.disk', vm)).toEqual({})
    expect(await readOne(connection, 'ManagedEntity', 'configIssue', vm)).toEqual({})
  })

  it('are selected from arrays by key, under exactly the requested name', async () => {
    const { connection, vm } = await startWithMachine()
    const path = 'config.hardware.device[2000]'
    const read = await readOne(connection, 'VirtualMachine', path, vm)
    expect(read).toMatchObject({ [path]: { _typeName: 'VirtualDisk', key: 2000 } })
    expect(await readOne(connection, 'VirtualMachine', `${path}.deviceInfo.label`, vm)).toEqual({
      [`${path}.deviceInfo.label`]: 'Hard disk 1',
    })
    expect(await readOne(connection, 'VirtualMachine', 'config.hardware.device[1]', vm)).toEqual({})
    expect(await readOne(connection, 'VirtualMachine', 'config.extraConfig["nope"]', vm)).toEqual({})
    expect(await readOne(connection, 'VirtualMachine', 'config.extraConfig["nope"].value', vm)).toEqual({})
    for (const key of ['ctkEnabled', 'scsi0:0.ctkEnabled']) {
      const option = `config.extraConfig["${key}"]`
      expect(await readOne(connection, 'VirtualMachine', option, vm)).toEqual({
        [option]: { _typeName: 'OptionValue', key, value: 'TRUE' },
      })
      expect(await readOne(connection, 'VirtualMachine', `${option}.value`, vm)).toEqual({
        [`${option}.value`]: 'TRUE',
      })
    }
  })

  it('are complete with all, except for unset ones', async () => {
    const { connection, vm } = await startWithMachine()
    const reply = await connection.retrieve({
      propSet: [{ type: 'VirtualMachine', all: true, pathSet: ['ignored'] }],
      objectSet: [{ obj: vm }],
    })
    const values = valuesOf(reply?.objects?.[0])
    expect(Object.keys(values)).toEqual(
      expect.arrayContaining(['name', 'config', 'runtime', 'summary', 'recentTask']),
    )
    expect(values).not.toHaveProperty('parentVApp')
  })

  it.each([
    'nope',
    'config.nope',
    'config.hardware.device.key',
    'name.length',
    'name[1]',
    'config..name',
    'config.name.',
    '.name',
    'config.hardware.device[',
    'config.hardware.device[]',
    '',
    '__proto__',
    'a'.repeat(600),
  ])('fail the whole call when they do not exist: %j', async (path) => {
    const { connection, vm } = await startWithMachine()
    const read = connection.retrieve(objectSpec('VirtualMachine', ['name', path], vm))
    expect(await faultOf(read)).toMatchObject({ _typeName: 'InvalidProperty', name: path })
    expect(connection.last?.status).toBe(500)
  })

  it('are in missingSet when they may not be read, and their siblings are returned', async () => {
    const { connection, simulator, vm } = await startWithMachine()
    const undo = simulator.faults.deny(vm, 'config')
    const spec = objectSpec('VirtualMachine', ['config.hardware.numCPU', 'name'], vm)
    const [object] = (await connection.retrieve(spec))?.objects ?? []
    expect(valuesOf(object)).toEqual({ name: 'web-01' })
    expect(object?.missingSet).toMatchObject([
      {
        path: 'config.hardware.numCPU',
        fault: { fault: { _typeName: 'NoPermission', object: vm, privilegeId: 'System.Read' } },
      },
    ])
    undo()
    expect(valuesOf((await connection.retrieve(spec))?.objects?.[0])).toHaveProperty([
      'config.hardware.numCPU',
    ])
  })

  it('are read again after a change', async () => {
    const { connection, simulator, vm } = await startWithMachine()
    expect(await readOne(connection, 'VirtualMachine', 'name', vm)).toEqual({ name: 'web-01' })
    simulator.inventory.vm('web-01').set('name', 'web-99')
    expect(await readOne(connection, 'VirtualMachine', 'name', vm)).toEqual({ name: 'web-99' })
  })
})

describe('pages', () => {
  const page = (connection: SoapConnection, specSet: FilterSpec[], maxObjects?: number) =>
    connection.call('RetrievePropertiesEx', propertyCollector, {
      specSet,
      options: maxObjects === undefined ? {} : { maxObjects },
    })
  const next = (connection: SoapConnection, token = '', collector = propertyCollector) =>
    connection.call('ContinueRetrievePropertiesEx', collector, { token })

  async function startWithView() {
    const started = await startLoggedIn()
    const spec = viewSpec(await viewOf(started.connection, 'VirtualMachine'), 'VirtualMachine', ['name'])
    return { ...started, spec, all: names(await started.connection.retrieve(spec)) }
  }

  it.each(['the client', 'the server'])('of the size in %s contain everything once', async (limitedBy) => {
    const { connection, simulator, spec, all } = await startWithView()
    if (limitedBy === 'the server') simulator.faults.pageSize = 5
    let reply = await page(connection, [spec], limitedBy === 'the client' ? 5 : 1000)
    const found = names(reply)
    expect(found).toHaveLength(5)
    while (reply?.token) {
      reply = await next(connection, reply.token)
      found.push(...names(reply))
    }
    expect(found.sort()).toEqual(all)
  })

  it('have no token when they are complete', async () => {
    const { connection, spec, all } = await startWithView()
    expect((await page(connection, [spec], all.length))?.token).toBeUndefined()
  })

  it('need a fresh token of this session and of this collector', async () => {
    const { connection, connect, spec } = await startWithView()
    const bad = { _typeName: 'InvalidArgument', invalidProperty: 'token' }
    const token = (await page(connection, [spec], 2))?.token
    const other = connect()
    await other.login()
    const collector = await connection.call('CreatePropertyCollector', propertyCollector, {})
    expect(await faultOf(next(other, token))).toMatchObject(bad)
    expect(await faultOf(next(connection, token, collector))).toMatchObject(bad)
    await next(connection, token)
    expect(await faultOf(next(connection, token))).toMatchObject(bad)
    expect(await faultOf(next(connection, '__proto__'))).toMatchObject(bad)
  })

  it('are released when they can no longer be continued', async () => {
    const { connection, connect, simulator, spec } = await startWithView()
    const first = await page(connection, [spec], 2)
    await connection.call('Logout', sessionManager, {})
    const other = connect()
    await other.login()
    expect(await faultOf(next(other, first?.token))).toMatchObject({ invalidProperty: 'token' })
    expect(simulator.live).toMatchObject({ sessions: 1, views: 0 })
  })

  it('end when the retrieval is cancelled', async () => {
    const { connection, spec } = await startWithView()
    const token = (await page(connection, [spec], 2))?.token ?? ''
    await connection.call('CancelRetrievePropertiesEx', propertyCollector, { token })
    expect(await faultOf(next(connection, token))).toMatchObject({ _typeName: 'InvalidArgument' })
  })

  it.each(['omitted', 'missingSet'] as const)(
    'report objects that are deleted in between as %s',
    async (vanished) => {
      const { connection, simulator, spec, all } = await startWithView()
      simulator.faults.removedObjects = vanished
      const reply = await page(connection, [spec], all.length - 2)
      const known = new Set(reply?.objects?.map(({ obj }) => obj.value))
      const left = [...simulator.objects.ofType('VirtualMachine')].filter(({ moid }) => !known.has(moid))
      const [deleted, kept] = left.map(({ ref }) => ref)
      simulator.faults.remove(deleted ?? removed)
      const { objects = [], token } = await next(connection, reply?.token)
      expect(token).toBeUndefined()
      const reported = objects.filter(({ obj }) => obj.value === deleted?.value)
      expect(objects.length - reported.length).toBe(1)
      expect(objects).toContainEqual(expect.objectContaining({ obj: kept }))
      expect(reported).toMatchObject(
        vanished === 'omitted'
          ? []
          : [{ missingSet: [{ path: 'name', fault: { fault: { _typeName: 'ManagedObjectNotFound' } } }] }],
      )
    },
  )

  it.each([0, -1])('of %i objects are rejected', async (maxObjects) => {
    const { connection, spec } = await startWithView()
    expect(await faultOf(page(connection, [spec], maxObjects))).toMatchObject({
      _typeName: 'InvalidArgument',
    })
  })
})

describe('an invalid spec', () => {
  it.each<[string, FilterSpec]>([
    ['an undefined name', { objectSet: [{ obj: rootFolder, selectSet: [named('nothing')] }] }],
    ['an unknown type', { propSet: [{ type: 'Spaceship' }] }],
    ['a property set without a type', { propSet: [{} as never] }],
    ['an object set without an object', { objectSet: [{} as never] }],
    [
      'a traversal of a property that is not a reference',
      { objectSet: [{ obj: rootFolder, selectSet: [traversal('Folder', 'name')] }] },
    ],
    [
      'a traversal from an unknown type',
      { objectSet: [{ obj: rootFolder, selectSet: [traversal('Spaceship', 'a')] }] },
    ],
  ])('with %s is InvalidArgument', async (_, spec) => {
    const { connection } = await startLoggedIn()
    expect(await faultOf(connection.retrieve(spec))).toMatchObject({ _typeName: 'InvalidArgument' })
  })

  it('with a name that only another spec of the call defines is InvalidArgument', async () => {
    const { connection } = await startLoggedIn()
    const defined = { ...traversal('Folder', 'childEntity'), name: 'down' }
    const spec = (selectSet: object) => ({
      propSet: [{ type: 'Folder', pathSet: ['name'] }],
      objectSet: [{ obj: rootFolder, selectSet: [selectSet] }],
    })
    const specSet = [spec(defined), spec(named('down'))]
    const call = connection.call('RetrievePropertiesEx', propertyCollector, { specSet, options: {} } as never)
    expect(await faultOf(call)).toMatchObject({ _typeName: 'InvalidArgument' })
  })

  it.each([
    ['ComputeResource', 'configurationEx.dasConfig'],
    ['ClusterComputeResource', 'configurationEx.dasConfig.enabled'],
    ['ClusterComputeResource', 'summary.currentFailoverLevel'],
    ['ComputeResource', 'configuration'],
    ['Network', 'key'],
    ['VirtualMachine', 'config.hardware.device[2000].capacityInKB'],
  ])('with %s.%s, which exists only on a subtype, is InvalidProperty', async (type, path) => {
    const { connection, simulator } = await startLoggedIn()
    const obj = [...simulator.objects.ofType('ClusterComputeResource')][0]?.ref as ManagedObjectReference
    const retrieved = connection.retrieve({ propSet: [{ type, pathSet: [path] }], objectSet: [{ obj }] })
    expect(await faultOf(retrieved)).toMatchObject({ _typeName: 'InvalidProperty', name: path })
  })

  it('with a traversal along an unknown property is InvalidProperty', async () => {
    const { connection } = await startLoggedIn()
    const spec = { objectSet: [{ obj: rootFolder, selectSet: [traversal('Folder', 'children')] }] }
    expect(await faultOf(connection.retrieve(spec))).toMatchObject({
      _typeName: 'InvalidProperty',
      name: 'children',
    })
  })
})

describe('the legacy methods', () => {
  it('RetrieveProperties returns the objects without pages', async () => {
    const { connection, vm } = await startWithMachine()
    const specSet = [objectSpec('VirtualMachine', ['name'], vm)]
    const objects = await connection.call('RetrieveProperties', propertyCollector, { specSet })
    expect(objects).toMatchObject([{ obj: vm, propSet: [{ name: 'name', val: 'web-01' }] }])
  })

  it('Fetch returns one property of any object', async () => {
    const { connection, vm } = await startWithMachine()
    expect(await connection.call('Fetch', vm, { prop: 'name' })).toBe('web-01')
    expect(connection.last?.text).toContain('<returnval xsi:type="xsd:string">web-01</returnval>')
    expect(await connection.call('Fetch', serviceInstance, { prop: 'content' })).toMatchObject({
      _typeName: 'ServiceContent',
    })
    expect(await connection.call('Fetch', vm, { prop: 'parentVApp' })).toBeUndefined()
    expect(connection.last?.text).toContain('<FetchResponse xmlns="urn:vim25"></FetchResponse>')
    expect(await faultOf(connection.call('Fetch', vm, { prop: 'nope' }))).toMatchObject({
      _typeName: 'InvalidProperty',
      name: 'nope',
    })
  })
})
