// Tests the connections of folders and pools with `recursive`: what is in them at any depth, each object once, in one retrieval.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SimulatedObject } from '../../../src/simulator/index.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { execute } from '../call-budget.ts'

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway({ vms: 450 })
  nestContainers()
})
afterAll(() => gateway.close())

const objects = (...types: ManagedObjectType[]): SimulatedObject[] =>
  types.flatMap((type) => [...gateway.simulator.objects.ofType(type)])
const at = (ref: unknown): SimulatedObject =>
  gateway.simulator.objects.find(ref as ManagedObjectReference) as SimulatedObject
const refsOf = (object: SimulatedObject, path: string) => object.get(path) as ManagedObjectReference[]

function removeFrom(container: SimulatedObject, path: string, { moid }: SimulatedObject): void {
  container.set(
    path,
    refsOf(container, path).filter(({ value }) => value !== moid),
  )
}

/** Puts a pool and a vApp with machines into a vApp, datastores into a datastore cluster, and a datacenter two folders deep. */
function nestContainers(): void {
  const { objects: inventory } = gateway.simulator
  const [vApp] = objects('VirtualApp') as [SimulatedObject]
  const [first, second] = refsOf(vApp, 'vm').map(at) as [SimulatedObject, SimulatedObject]
  const third = objects('VirtualMachine').find(
    (each) => each.get('resourcePool') && each.get('parent'),
  ) as SimulatedObject
  removeFrom(at(third.get('parent')), 'childEntity', third)
  removeFrom(at(third.get('resourcePool')), 'vm', third)
  third.set('parent', undefined)
  const owner = vApp.get('owner')
  const common = { name: 'inner', parent: vApp.ref, owner, resourcePool: [] }
  const innerApp = inventory.add('VirtualApp', 'resgroup-inner-app', {
    ...common,
    parentFolder: undefined,
    vm: [first.ref],
  })
  const deepPool = inventory.add('ResourcePool', 'resgroup-deep', {
    ...common,
    parent: { type: 'ResourcePool', value: 'resgroup-inner' },
    vm: [second.ref],
  })
  const innerPool = inventory.add('ResourcePool', 'resgroup-inner', {
    ...common,
    vm: [third.ref],
    resourcePool: [deepPool.ref],
  })
  for (const [machine, pool] of [
    [first, innerApp],
    [second, deepPool],
    [third, innerPool],
  ] as const) {
    machine.set('resourcePool', pool.ref)
    machine.set('parentVApp', pool === innerApp ? innerApp.ref : vApp.ref)
  }
  vApp.set('vm', [])
  vApp.set('resourcePool', [innerApp.ref, innerPool.ref])

  const [datastore] = objects('Datastore') as [SimulatedObject]
  const folder = at(datastore.get('parent'))
  const pod = inventory.add('StoragePod', 'group-p1', {
    name: 'pod',
    parent: folder.ref,
    childType: ['Datastore'],
    childEntity: [datastore.ref],
  })
  removeFrom(folder, 'childEntity', datastore)
  folder.set('childEntity', [...refsOf(folder, 'childEntity'), pod.ref])
  datastore.set('parent', pod.ref)

  const root = at(gateway.simulator.inventory.rootFolder)
  const [datacenter] = objects('Datacenter') as [SimulatedObject]
  const inner = inventory.add('Folder', 'group-inner', {
    name: 'inner',
    parent: { type: 'Folder', value: 'group-outer' },
    childType: ['Folder', 'Datacenter'],
    childEntity: [datacenter.ref],
  })
  const outer = inventory.add('Folder', 'group-outer', {
    name: 'outer',
    parent: root.ref,
    childType: ['Folder', 'Datacenter'],
    childEntity: [inner.ref],
  })
  removeFrom(root, 'childEntity', datacenter)
  root.set('childEntity', [...refsOf(root, 'childEntity'), outer.ref])
  datacenter.set('parent', inner.ref)
}

/** The containers above an object: a virtual machine in a vApp is in the folder of the outermost vApp. */
function above(object: SimulatedObject): SimulatedObject[] {
  const isPool = object.type === 'VirtualApp' || object.type === 'ResourcePool'
  const parent =
    object.get('parentFolder') ??
    (isPool ? object.get('parent') : (object.get('parent') ?? object.get('parentVApp')))
  return parent ? [at(parent), ...above(at(parent))] : []
}

/** The pools and vApps above an object. */
function poolsAbove(object: SimulatedObject): SimulatedObject[] {
  const parent = (object.type === 'VirtualMachine' ? object.get('resourcePool') : object.get('parent')) as
    | ManagedObjectReference
    | undefined
  return parent && ['ResourcePool', 'VirtualApp'].includes(parent.type)
    ? [at(parent), ...poolsAbove(at(parent))]
    : []
}

const moidsBelow = (
  container: SimulatedObject,
  types: readonly ManagedObjectType[],
  containersOf: (object: SimulatedObject) => SimulatedObject[],
) =>
  objects(...types)
    .filter((object) => containersOf(object).includes(container))
    .map(({ moid }) => moid)
    .sort()

interface Connection {
  readonly field: string
  readonly types: readonly ManagedObjectType[]
}

async function expectDescendants(
  plural: string,
  containers: readonly SimulatedObject[],
  { field, types }: Connection,
  containersOf: (object: SimulatedObject) => SimulatedObject[],
): Promise<void> {
  const query = `{ ${plural}(first: 200) { nodes { moid ${field}(recursive: true, first: 1000) { totalCount nodes { moid name } } } } }`
  // The first time the size is unknown, and the scan is separate from the page.
  for (const _ of ['first', 'again']) {
    const { data, errors, requested } = await execute(gateway, query)
    expect(errors).toBeUndefined()
    const found = new Map(data[plural].nodes.map((node: Record<string, never>) => [node.moid, node[field]]))
    let count = 0
    for (const container of containers) {
      const expected = moidsBelow(container, types, containersOf)
      const page = found.get(container.moid) as { totalCount: number; nodes: { moid: string }[] }
      expect(page.nodes.map(({ moid }) => moid).sort()).toEqual(expected)
      expect(page.totalCount).toBe(expected.length)
      count += expected.length
    }
    expect(count).toBeGreaterThan(0)
    expect(requested.filter((line) => line === 'RetrievePropertiesEx')).toHaveLength(1)
  }
}

const connectionsOfFolders: Connection[] = [
  { field: 'folders', types: ['Folder'] },
  { field: 'datacenters', types: ['Datacenter'] },
  { field: 'virtualMachines', types: ['VirtualMachine'] },
  { field: 'computeResources', types: ['ComputeResource', 'ClusterComputeResource'] },
  { field: 'datastores', types: ['Datastore'] },
  { field: 'datastoreClusters', types: ['StoragePod'] },
  { field: 'networks', types: ['Network', 'DistributedVirtualPortgroup'] },
]

describe('a folder', () => {
  it.each(connectionsOfFolders)('has the $field in it at any depth', async (connection) => {
    const root = gateway.simulator.inventory.rootFolder.value
    const folders = objects('Folder').filter(({ moid }) => moid !== root)
    await expectDescendants('folders', folders, connection, above)
  })

  it('has everything below the root folder', async () => {
    const { data, errors } = await gateway.execute(`{ folder(by: { path: "/" }) {
      ${connectionsOfFolders.map(({ field }) => `${field}(recursive: true) { totalCount }`).join(' ')}
    } }`)
    expect(errors).toBeUndefined()
    for (const { field, types } of connectionsOfFolders)
      expect([field, data.folder[field].totalCount]).toEqual([
        field,
        objects(...types).length - (field === 'folders' ? 1 : 0),
      ])
  })

  it('has the virtual machines of pools in its vApps also in its datacenter', async () => {
    const { data } = await gateway.execute(
      '{ datacenters { nodes { moid virtualMachines(first: 1000) { nodes { moid } } } } }',
    )
    for (const { moid, virtualMachines } of data.datacenters.nodes) {
      const datacenter = at({ type: 'Datacenter', value: moid })
      expect(virtualMachines.nodes.map((node: { moid: string }) => node.moid).sort()).toEqual(
        moidsBelow(datacenter, ['VirtualMachine'], above),
      )
    }
  })

  it('has only its direct contents by default', async () => {
    const selection = (args: string) =>
      connectionsOfFolders.map(({ field }) => `${field}${args} { totalCount }`).join(' ')
    const { data } = await gateway.execute(
      `{ a: folders(first: 100) { nodes { moid ${selection('')} } } b: folders(first: 100) { nodes { moid ${selection('(recursive: false)')} } } }`,
    )
    expect(data.a).toEqual(data.b)
  })

  it('has direct and nested contents in one operation', async () => {
    const { data } = await gateway.execute(`{ folder(by: { path: "/outer/inner/Frankfurt/vm/Production" }) {
      direct: virtualMachines { totalCount }
      all: virtualMachines(recursive: true) { totalCount }
    } }`)
    expect(data.folder.all.totalCount).toBeGreaterThan(data.folder.direct.totalCount)
  })
})

describe('a resource pool', () => {
  it.each<Connection>([
    { field: 'resourcePools', types: ['ResourcePool', 'VirtualApp'] },
    { field: 'virtualMachines', types: ['VirtualMachine'] },
  ])('has the $field in it at any depth', async (connection) => {
    await expectDescendants('resourcePools', objects('ResourcePool', 'VirtualApp'), connection, poolsAbove)
  })
})

describe('a cursor', () => {
  const page = async (args: string) =>
    gateway.execute(
      `{ folder(by: { path: "/outer/inner/Frankfurt/vm/Production" }) { virtualMachines(first: 1${args}) { nodes { name } pageInfo { endCursor } } } }`,
    )

  it.each([
    ['at any depth', ', recursive: true', ''],
    ['directly in a folder', '', ', recursive: true'],
  ])('of the objects %s is valid for these only', async (_of, args, otherArgs) => {
    const { data } = await page(args)
    const after = `, after: ${JSON.stringify(data.folder.virtualMachines.pageInfo.endCursor)}`
    const next = await page(args + after)
    expect(next.errors).toBeUndefined()
    expect(next.data.folder.virtualMachines.nodes).toHaveLength(1)
    const { errors } = await page(otherArgs + after)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})
