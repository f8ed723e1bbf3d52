// Tests the inventory other than virtual machines: every field returns what the simulator's object has, and
// every edge leads there and back.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { hostCores, hostCpuMhz, hostMemory } from '../../../src/simulator/inventory/hosts.ts'
import type { SimulatedObject } from '../../../src/simulator/simulated-inventory.ts'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../../src/soap/vim-types.ts'
import { failedFields } from '../../graphql-response.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { execute as executeAndCount } from '../call-budget.ts'

const MB = 1024 ** 2

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway({ vms: 450 })
})
afterAll(() => gateway.close())

const execute = async (query: string, variables?: Record<string, unknown>) => {
  const { data, errors } = await gateway.execute(query, variables)
  expect(errors).toBeUndefined()
  return data
}

const objects = (...types: ManagedObjectType[]): SimulatedObject[] =>
  types.flatMap((type) => [...gateway.simulator.objects.ofType(type)])
const at = (ref: unknown): SimulatedObject =>
  gateway.simulator.objects.find(ref as ManagedObjectReference) as SimulatedObject
const moid = (ref: unknown): string | null => (ref ? (ref as ManagedObjectReference).value : null)
const moids = (refs: unknown): string[] =>
  (refs as readonly ManagedObjectReference[]).map(({ value }) => value).sort()
const isA = (ref: unknown, ...types: string[]): boolean =>
  types.includes((ref as ManagedObjectReference).type)
const name = (object: SimulatedObject): string => object.get('name') as string

/** A vApp is in a pool and in a folder; the path of a virtual machine follows the folder. */
function ancestorsOf(
  object: SimulatedObject,
  byFolder = object.type === 'VirtualMachine',
): SimulatedObject[] {
  const folder = byFolder ? object.get('parentFolder') : undefined
  const parent = folder ?? object.get('parent') ?? object.get('parentVApp')
  return parent ? [at(parent), ...ancestorsOf(at(parent), byFolder)] : []
}
const datacenterOf = (object: SimulatedObject): string | null =>
  ancestorsOf(object).find(({ type }) => type === 'Datacenter')?.moid ?? null
const pathOf = (object: SimulatedObject): string =>
  `/${[object, ...ancestorsOf(object)].slice(0, -1).map(name).reverse().join('/')}`

const folderOf = (object: SimulatedObject): string | null =>
  isA(object.get('parent') ?? { type: '' }, 'Folder') ? moid(object.get('parent')) : null

/** The fields of a type's selection, each with the expected value from the simulator's object. */
type Facts = Readonly<Record<string, (object: SimulatedObject) => unknown>>

const allocationFields = '{ reservation limit unlimited expandableReservation shares sharesLevel }'

const entity: Facts = {
  moid: (object) => object.moid,
  name,
  path: pathOf,
  overallStatus: (object) => (object.get('overallStatus') as string).toUpperCase(),
}

const pageOf = (refs: unknown) => ({
  totalCount: moids(refs).length,
  nodes: moids(refs).map((value) => ({ moid: value })),
})
const page = '(first: 400) { totalCount nodes { moid } }'
const listOf = (refs: unknown) => moids(refs).map((value) => ({ moid: value }))
const one = (value: string | null) => value && { moid: value }

const nouns: Readonly<Record<string, { types: ManagedObjectType[]; facts: Facts }>> = {
  hosts: {
    types: ['HostSystem'],
    facts: {
      ...entity,
      ...fromSummary<'HostListSummary'>({
        uuid: ({ hardware }) => hardware?.uuid,
        vendor: ({ hardware }) => hardware?.vendor,
        model: ({ hardware }) => hardware?.model,
        cpuModel: ({ hardware }) => hardware?.cpuModel,
        cpuMhz: ({ hardware }) => hardware?.cpuMhz,
        cpuPackages: ({ hardware }) => hardware?.numCpuPkgs,
        cpuCores: ({ hardware }) => hardware?.numCpuCores,
        cpuThreads: ({ hardware }) => hardware?.numCpuThreads,
        memory: ({ hardware }) => hardware?.memorySize,
        cpuUsage: ({ quickStats }) => quickStats.overallCpuUsage,
        memoryUsage: ({ quickStats }) => bytes(quickStats.overallMemoryUsage),
        totalCpu: () => hostCores * hostCpuMhz,
        cpuUsagePercent: ({ quickStats: { overallCpuUsage } }) =>
          overallCpuUsage === undefined ? null : (overallCpuUsage / (hostCores * hostCpuMhz)) * 100,
        memoryUsagePercent: ({ quickStats: { overallMemoryUsage } }) =>
          overallMemoryUsage === undefined ? null : ((overallMemoryUsage * MB) / hostMemory) * 100,
        uptime: ({ quickStats }) => quickStats.uptime,
        bootTime: ({ runtime }) => runtime?.bootTime?.toISOString(),
        version: ({ config }) => config.product?.version,
        build: ({ config }) => config.product?.build,
        fullName: ({ config }) => config.product?.fullName,
        connectionState: ({ runtime: { connectionState } = {} as never }) =>
          ({ connected: 'CONNECTED', notResponding: 'NOT_RESPONDING', disconnected: 'DISCONNECTED' })[
            connectionState as string
          ],
        powerState: ({ runtime: { powerState } = {} as never }) =>
          ({ poweredOn: 'POWERED_ON', unknown: 'UNKNOWN' })[powerState as string],
        inMaintenanceMode: ({ runtime }) => runtime?.inMaintenanceMode,
      }),
      'computeResource { moid }': (host) => one(moid(host.get('parent'))),
      'cluster { moid }': (host) =>
        isA(host.get('parent'), 'ClusterComputeResource') ? one(moid(host.get('parent'))) : null,
      'datacenter { moid }': (host) => one(datacenterOf(host)),
      'datastores { moid }': (host) => listOf(host.get('datastore')),
      'networks { moid }': (host) => listOf(host.get('network')),
      [`virtualMachines${page}`]: (host) => pageOf(host.get('vm')),
    },
  },
  computeResources: {
    types: ['ComputeResource', 'ClusterComputeResource'],
    facts: {
      ...entity,
      isCluster: ({ type }) => type === 'ClusterComputeResource',
      drsEnabled: ({ type }) => (type === 'ClusterComputeResource' ? true : null),
      haEnabled: ({ type }) => (type === 'ClusterComputeResource' ? true : null),
      ...fromSummary<'ComputeResourceSummary'>({
        totalCpu: ({ totalCpu }) => totalCpu,
        totalMemory: ({ totalMemory }) => totalMemory,
        cpuCores: ({ numCpuCores }) => numCpuCores,
        cpuThreads: ({ numCpuThreads }) => numCpuThreads,
        effectiveCpu: ({ effectiveCpu }) => effectiveCpu,
        effectiveMemory: ({ effectiveMemory }) => Number(effectiveMemory) * MB,
        hostCount: ({ numHosts }) => numHosts,
        effectiveHostCount: ({ numEffectiveHosts }) => numEffectiveHosts,
      }),
      'hosts { moid }': (object) => listOf(object.get('host')),
      'datastores { moid }': (object) => listOf(object.get('datastore')),
      'networks { moid }': (object) => listOf(object.get('network')),
      'resourcePool { moid }': (object) => one(moid(object.get('resourcePool'))),
      'folder { moid }': (object) => one(folderOf(object)),
      'datacenter { moid }': (object) => one(datacenterOf(object)),
      [`virtualMachines${page}`]: (object) =>
        pageOf((object.get('host') as unknown[]).flatMap((host) => at(host).get('vm'))),
    },
  },
  resourcePools: {
    types: ['ResourcePool', 'VirtualApp'],
    facts: {
      ...entity,
      isVApp: ({ type }) => type === 'VirtualApp',
      cpuUsage: (pool) => poolSummary(pool).quickStats?.overallCpuUsage,
      memoryUsage: (pool) => Number(poolSummary(pool).quickStats?.hostMemoryUsage) * MB,
      maxCpuUsage: (pool) => poolSummary(pool).runtime.cpu.maxUsage,
      maxMemoryUsage: (pool) => poolSummary(pool).runtime.memory.maxUsage,
      [`cpuAllocation ${allocationFields}`]: (pool) => allocation(pool, 'cpuAllocation', 1),
      [`memoryAllocation ${allocationFields}`]: (pool) => allocation(pool, 'memoryAllocation', MB),
      'computeResource { moid }': (pool) => one(moid(pool.get('owner'))),
      'parent { moid }': (pool) =>
        isA(pool.get('parent'), 'ResourcePool', 'VirtualApp') ? one(moid(pool.get('parent'))) : null,
      [`resourcePools${page}`]: (pool) => pageOf(pool.get('resourcePool')),
      'datacenter { moid }': (pool) => one(datacenterOf(pool)),
      [`virtualMachines${page}`]: (pool) => pageOf(pool.get('vm')),
    },
  },
  datastores: {
    types: ['Datastore'],
    facts: {
      ...entity,
      ...fromSummary<'DatastoreSummary'>({
        capacity: ({ capacity }) => capacity,
        freeSpace: ({ freeSpace }) => freeSpace,
        uncommitted: ({ uncommitted }) => uncommitted,
        type: ({ type }) => type,
        url: ({ url }) => url,
        accessible: ({ accessible }) => accessible,
        multipleHostAccess: ({ multipleHostAccess }) => multipleHostAccess,
        usedSpace: ({ capacity, freeSpace }) => Number(capacity) - Number(freeSpace),
        provisionedSpace: ({ capacity, freeSpace, uncommitted }) =>
          Number(capacity) - Number(freeSpace) + Number(uncommitted),
        freePercent: ({ capacity, freeSpace }) => (Number(freeSpace) / Number(capacity)) * 100,
        maintenanceMode: () => 'NORMAL',
      }),
      'folder { moid }': (object) => one(folderOf(object)),
      'datacenter { moid }': (object) => one(datacenterOf(object)),
      'hostMounts { path accessible }': (object) =>
        (object.get('host') as DataObject<'DatastoreHostMount'>[]).map(({ mountInfo }) => ({
          path: mountInfo.path,
          accessible: mountInfo.accessible,
        })),
      [`virtualMachines${page}`]: (object) => pageOf(object.get('vm')),
    },
  },
  networks: {
    types: ['Network', 'DistributedVirtualPortgroup'],
    facts: {
      ...entity,
      kind: ({ type }) => (type === 'Network' ? 'STANDARD' : 'DISTRIBUTED_PORTGROUP'),
      portgroupKey: (object) => object.get('key') ?? null,
      accessible: () => true,
      'folder { moid }': (object) => one(folderOf(object)),
      'datacenter { moid }': (object) => one(datacenterOf(object)),
      'hosts { moid }': (object) => listOf(object.get('host')),
      [`virtualMachines${page}`]: (object) => pageOf(object.get('vm')),
    },
  },
  folders: {
    types: ['Folder'],
    facts: {
      ...entity,
      kind: ({ moid: value }) =>
        ({ v: 'VIRTUAL_MACHINE', h: 'COMPUTE_RESOURCE', s: 'DATASTORE', n: 'NETWORK', d: 'DATACENTER' })[
          value.charAt('group-'.length)
        ],
      'parent { moid }': (object) => one(folderOf(object)),
      'datacenter { moid }': (object) => one(datacenterOf(object)),
      [`folders${page}`]: (object) => childPage(object, 'Folder'),
      [`datacenters${page}`]: (object) => childPage(object, 'Datacenter'),
      [`virtualMachines${page}`]: (object) => childPage(object, 'VirtualMachine'),
      [`computeResources${page}`]: (object) => childPage(object, 'ComputeResource', 'ClusterComputeResource'),
      [`datastores${page}`]: (object) => childPage(object, 'Datastore'),
      [`networks${page}`]: (object) => childPage(object, 'Network', 'DistributedVirtualPortgroup'),
    },
  },
  datacenters: {
    types: ['Datacenter'],
    facts: {
      ...entity,
      'folder { moid }': (object) => one(folderOf(object)),
      'vmFolder { moid }': (object) => one(moid(object.get('vmFolder'))),
      'hostFolder { moid }': (object) => one(moid(object.get('hostFolder'))),
      'datastoreFolder { moid }': (object) => one(moid(object.get('datastoreFolder'))),
      'networkFolder { moid }': (object) => one(moid(object.get('networkFolder'))),
      [`virtualMachines${page}`]: (object) => allIn(object, 'VirtualMachine'),
      [`computeResources${page}`]: (object) => allIn(object, 'ComputeResource', 'ClusterComputeResource'),
      [`hosts${page}`]: (object) => allIn(object, 'HostSystem'),
      [`datastores${page}`]: (object) => allIn(object, 'Datastore'),
      [`networks${page}`]: (object) => allIn(object, 'Network', 'DistributedVirtualPortgroup'),
    },
  },
  virtualMachines: {
    types: ['VirtualMachine'],
    facts: {
      ...entity,
      name: (vm) => name(vm).replace('%2f', '/'),
      configuredGuestId: (vm) => config(vm)?.guestId ?? null,
      configuredGuestFullName: (vm) => config(vm)?.guestFullName ?? null,
      annotation: (vm) => config(vm)?.annotation ?? null,
      hardwareVersion: (vm) => config(vm)?.version ?? null,
      ...fromSummary<'VirtualMachineSummary'>({
        bootTime: ({ runtime }) => runtime.bootTime?.toISOString() ?? null,
        consolidationNeeded: ({ runtime }) => runtime.consolidationNeeded ?? null,
        uptime: ({ quickStats }) => quickStats.uptimeSeconds ?? null,
        cpuUsage: ({ quickStats }) => quickStats.overallCpuUsage ?? null,
        memoryUsage: ({ quickStats }) => bytes(quickStats.hostMemoryUsage),
        activeMemory: ({ quickStats }) => bytes(quickStats.guestMemoryUsage),
        'storage { committed uncommitted unshared }': ({ storage }) => ({
          committed: storage?.committed ?? null,
          uncommitted: storage?.uncommitted ?? null,
          unshared: storage?.unshared ?? null,
        }),
      }),
      'guest { family state toolsInstallType ipAddresses }': (vm) => {
        const guest = vm.get('guest') as DataObject<'GuestInfo'> | undefined
        return {
          family: guest?.guestFamily ?? null,
          state: guest?.guestState ?? null,
          toolsInstallType: guest?.toolsInstallType ?? null,
          ipAddresses: guest?.net?.flatMap(({ ipAddress }) => ipAddress) ?? null,
        }
      },
      'guest { toolsRunningStatus toolsVersionStatus toolsVersion networkInterfaces { network macAddress ipAddresses connected deviceKey } }':
        (vm) => {
          const guest = vm.get('guest') as DataObject<'GuestInfo'> | undefined
          return {
            toolsRunningStatus: guest ? (guest.net ? 'RUNNING' : 'NOT_RUNNING') : null,
            toolsVersionStatus: guest ? toolsStatuses[guest.toolsVersion ?? ''] : null,
            toolsVersion: guest?.toolsVersion ?? null,
            networkInterfaces:
              guest?.net?.map(({ network, macAddress, ipAddress, connected, deviceConfigId }) => ({
                network,
                macAddress,
                ipAddresses: ipAddress,
                connected,
                deviceKey: deviceConfigId,
              })) ?? null,
          }
        },
      'folder { moid }': (vm) => one(folderOf(vm)),
      'datacenter { moid }': (vm) => one(datacenterOf(vm)),
      'host { moid }': (vm) => one(moid(runtime(vm).host)),
      'cluster { moid }': (vm) => {
        const parent = at(runtime(vm).host).get('parent')
        return isA(parent, 'ClusterComputeResource') ? one(moid(parent)) : null
      },
      'resourcePool { moid }': (vm) => one(moid(vm.get('resourcePool'))),
      'vApp { moid }': (vm) => one(moid(vm.get('parentVApp'))),
      'datastores { moid }': (vm) => listOf(vm.get('datastore')),
      'networks { moid }': (vm) => listOf(vm.get('network')),
    },
  },
}

function fromSummary<
  S extends 'HostListSummary' | 'ComputeResourceSummary' | 'DatastoreSummary' | 'VirtualMachineSummary',
>(facts: Readonly<Record<string, (summary: DataObject<S>) => unknown>>): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([field, fact]) => [
      field,
      (object) => fact(object.get('summary') as DataObject<S>) ?? null,
    ]),
  )
}
const poolSummary = (pool: SimulatedObject) => pool.get('summary') as DataObject<'ResourcePoolSummary'>
const allocation = (pool: SimulatedObject, of: 'cpuAllocation' | 'memoryAllocation', unit: number) => {
  const { reservation, limit, expandableReservation, shares } = (
    pool.get('config') as DataObject<'ResourceConfigSpec'>
  )[of]
  return {
    reservation: Number(reservation) * unit,
    limit: limit === -1 ? null : Number(limit) * unit,
    unlimited: limit === -1,
    expandableReservation,
    shares: shares?.shares,
    sharesLevel: shares?.level.toUpperCase(),
  }
}
const config = (vm: SimulatedObject) => vm.get('config') as DataObject<'VirtualMachineConfigInfo'> | undefined
const runtime = (vm: SimulatedObject) => vm.get('runtime') as DataObject<'VirtualMachineRuntimeInfo'>
const bytes = (megabytes: number | undefined) => (megabytes === undefined ? null : megabytes * MB)
const childPage = (object: SimulatedObject, ...types: string[]) =>
  pageOf((object.get('childEntity') as ManagedObjectReference[]).filter((ref) => isA(ref, ...types)))
const allIn = (datacenter: SimulatedObject, ...types: ManagedObjectType[]) =>
  pageOf(
    objects(...types)
      .filter((object) => datacenterOf(object) === datacenter.moid)
      .map(({ ref }) => ref),
  )

/** Builds a selection with a unique alias for each field: `{ f0: moid f1: name ... }`. */
const selectionOf = (facts: Facts): string =>
  Object.keys(facts)
    .map((field, index) => `f${index}: ${field}`)
    .join(' ')

/** Sorts lists of objects, since only connections have a defined order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value) && value.every((each) => typeof each?.moid === 'string'))
    return [...value].sort((a, b) => (a.moid < b.moid ? -1 : 1))
  if (value !== null && typeof value === 'object' && 'nodes' in value)
    return { ...value, nodes: sorted(value.nodes) }
  return value
}

describe.each(Object.entries(nouns))('%s', (plural, { types, facts }) => {
  // The estimated size of nested pages may exceed the default limits.
  const first = Object.keys(facts).some((field) => field.includes('(first')) ? 200 : 1000

  it('return for every object what vSphere has', async () => {
    const root = gateway.simulator.inventory.rootFolder.value
    const expected = objects(...types).filter((object) => object.moid !== root)
    expect(expected.length).toBeGreaterThan(1)
    const data = await execute(
      `{ ${plural}(first: ${first}) { totalCount nodes { moid ${selectionOf(facts)} } } }`,
    )
    expect(data[plural].totalCount).toBe(expected.length)
    const nodes = new Map<string, Record<string, unknown>>(
      data[plural].nodes.map((node: { moid: string }) => [node.moid, node]),
    )
    for (const object of expected) {
      const node = nodes.get(object.moid)
      for (const [index, [field, fact]] of Object.entries(facts).entries())
        expect([object.moid, field, sorted(node?.[`f${index}`])]).toEqual([
          object.moid,
          field,
          sorted(fact(object)),
        ])
    }
  })

  it('are the same when they are queried by their ids, all in one retrieval', async () => {
    const listed = await execute(
      `{ ${plural}(first: ${first}) { nodes { id __typename ${selectionOf(facts)} } } }`,
    )
    const nodes = listed[plural].nodes as { id: string; __typename: string }[]
    const { data, errors, calls } = await executeAndCount(
      gateway,
      `query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on ${nodes[0]!.__typename} { ${selectionOf(plain(facts))} } } }`,
      { ids: nodes.map(({ id }) => id) },
    )
    expect(errors).toBeUndefined()
    expect(data?.nodes.map(({ id }: { id: string }) => id)).toEqual(nodes.map(({ id }) => id))
    expect(calls.map(({ method }) => method)).toEqual(['RetrievePropertiesEx'])
  })
})

/** Without fields that need a retrieval of their own. */
const plain = (facts: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([field]) => !/^hosts \{|\(first/.test(field)))

it('reads objects of all types by their ids in one call', async () => {
  const identity = (
    at({ type: 'ServiceInstance', value: 'ServiceInstance' }).get('content') as DataObject<'ServiceContent'>
  ).about.instanceUuid as string
  const chosen = [...new Set(Object.values(nouns).flatMap(({ types }) => types))].map(
    (type) => objects(type)[0] as SimulatedObject,
  )
  const { data, calls } = await executeAndCount(
    gateway,
    'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on ManagedEntity { moid name path } } }',
    { ids: chosen.map(({ ref }) => encodeManagedObjectId(identity, ref)) },
  )
  expect(data?.nodes).toEqual(
    chosen.map((object) => ({
      __typename: object.type
        .replace('ClusterCompute', 'Compute')
        .replace('DistributedVirtualPortgroup', 'Network')
        .replace('VirtualApp', 'ResourcePool'),
      moid: object.moid,
      name: name(object),
      path: pathOf(object),
    })),
  )
  expect(calls).toHaveLength(1)
})

/** The status of each version of VMware Tools in the inventory. */
const toolsStatuses: Readonly<Record<string, string>> = {
  '0': 'NOT_INSTALLED',
  '10346': 'SUPPORTED_OLD',
  '11333': 'SUPPORTED_OLD',
  '12389': 'CURRENT',
}

describe('a lookup of one object', () => {
  it.each([
    ['host', ['HostSystem']],
    ['computeResource', ['ClusterComputeResource', 'ComputeResource']],
    ['resourcePool', ['VirtualApp', 'ResourcePool']],
    ['datastore', ['Datastore']],
    ['network', ['DistributedVirtualPortgroup', 'Network']],
    ['folder', ['Folder']],
  ] as const)('finds a %s by its name, its path and its id', async (field, types) => {
    const root = gateway.simulator.inventory.rootFolder.value
    const all = objects(...types).filter((object) => object.moid !== root)
    const object = all.find((each) => all.filter((other) => name(other) === name(each)).length === 1)!
    const expected = { moid: object.moid, path: pathOf(object) }
    const byName = await execute(`{ it: ${field}(by: { name: "${name(object)}" }) { id moid path } }`)
    expect(byName.it).toMatchObject(expected)
    const { it: byPath, same } = await execute(
      `{ it: ${field}(by: { path: "${pathOf(object)}" }) { moid path } same: ${field}(by: { id: "${byName.it.id}" }) { moid path } }`,
    )
    expect([byPath, same]).toEqual([expected, expected])
  })

  it('is null when no object matches, and when the path leads to an object of another type', async () => {
    expect(
      await execute(`{
        a: host(by: { name: "unknown" }) { moid }
        b: datastore(by: { path: "/Frankfurt/vm" }) { moid }
        c: network(by: { path: "/nowhere" }) { moid }
      }`),
    ).toEqual({ a: null, b: null, c: null })
  })

  it('is AMBIGUOUS when several objects have the name', async () => {
    const { data, errors } = await gateway.execute('{ network(by: { name: "VM Network" }) { moid } }')
    expect(data).toEqual({ network: null })
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'AMBIGUOUS',
      candidates: expect.arrayContaining([
        expect.objectContaining({ path: '/Frankfurt/network/VM Network' }),
        expect.objectContaining({ path: '/Oregon/network/VM Network' }),
      ]),
    })
  })

  it('does not return an object of another type', async () => {
    const { host } = await execute('{ host(by: { name: "esx-fra-01.example.com" }) { id } }')
    const { errors } = await gateway.execute(`{ datastore(by: { id: "${host.id}" }) { moid } }`)
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  it('returns the root folder for the path "/"', async () => {
    const { folder } = await execute(
      '{ folder(by: { path: "/" }) { moid path parent { moid } datacenters { totalCount } } }',
    )
    expect(folder).toEqual({ moid: 'group-d1', path: '/', parent: null, datacenters: { totalCount: 2 } })
  })
})

describe('connections', () => {
  it('of every type accept a glob on the name, an order and page arguments', async () => {
    for (const [plural, { types }] of Object.entries(nouns)) {
      const root = gateway.simulator.inventory.rootFolder.value
      // By lower case, then by code unit.
      const key = (each: string) => `${each.toLowerCase()}\0${each}`
      const names = objects(...types)
        .filter((object) => object.moid !== root)
        .map(name)
        .filter((each) => /^[a-f]/i.test(each))
        .sort((a, b) => (key(a) < key(b) ? 1 : -1))
      const data = await execute(
        `{ ${plural}(first: 3, filter: { name: { glob: "[a-f]*" } }, orderBy: { field: NAME, direction: DESC }) { totalCount nodes { name } pageInfo { hasNextPage } } }`,
      )
      expect([plural, data[plural]]).toEqual([
        plural,
        {
          totalCount: names.length,
          nodes: names.slice(0, 3).map((each) => ({ name: each.replace('%2f', '/') })),
          pageInfo: { hasNextPage: names.length > 3 },
        },
      ])
    }
  })

  it('can be walked page by page, also below one object', async () => {
    const [datastore] = objects('Datastore').sort(
      (a, b) => moids(b.get('vm')).length - moids(a.get('vm')).length,
    )
    const path = pathOf(datastore!)
    const all = await execute(
      `{ datastore(by: { path: "${path}" }) { virtualMachines(first: 100) { nodes { name } } } }`,
    )
    const walked: unknown[] = []
    let after: string | null = null
    do {
      const result = await execute(
        'query ($after: String, $path: String!) { datastore(by: { path: $path }) { virtualMachines(first: 7, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } } }',
        { after, path },
      )
      walked.push(...result.datastore.virtualMachines.nodes)
      const { hasNextPage, endCursor } = result.datastore.virtualMachines.pageInfo
      after = hasNextPage ? endCursor : null
    } while (after)
    expect(walked.length).toBeGreaterThan(7)
    expect(walked).toEqual(all.datastore.virtualMachines.nodes)
  })

  it('can be ordered by the fields of their type', async () => {
    const { datastores } = await execute(
      '{ datastores(orderBy: { field: FREE_SPACE, direction: DESC }) { nodes { freeSpace } } }',
    )
    const free = datastores.nodes.map(({ freeSpace }: { freeSpace: number }) => freeSpace)
    expect(free).toEqual([...free].sort((a, b) => b - a))
    const { hosts } = await execute('{ hosts(orderBy: { field: CPU_USAGE }) { nodes { cpuUsage } } }')
    const usage = hosts.nodes.map(({ cpuUsage }: { cpuUsage: number }) => cpuUsage)
    expect(usage).toEqual([...usage].sort((a, b) => a - b))
  })
})

describe('a virtual machine whose configuration is unset', () => {
  const selection =
    'uuid instanceUuid template cpuCount memory hardwareVersion configuredGuestId configuredGuestFullName annotation cluster { name } guest { hostName ipAddress fullName toolsRunning toolsVersionStatus }'
  const query = `query ($moid: String!) { virtualMachine(by: { moid: $moid }) { ${selection} } }`

  async function orphaned() {
    const own = startGateway()
    const vm = own.simulator.inventory.vm('web-02')
    const { data } = await own.execute(query, { moid: vm.moid })
    const { host: _, ...runtime } = vm.get('runtime') as DataObject<'VirtualMachineRuntimeInfo'>
    vm.set('summary', vm.get('summary'))
    for (const property of ['config', 'guest']) vm.set(property, undefined)
    vm.set('runtime', { ...runtime, connectionState: 'orphaned' })
    return { own, vm, before: data.virtualMachine }
  }

  it('has the values of its summary, and the cluster of its pool', async () => {
    const { own, vm, before } = await orphaned()
    expect(Object.values(before)).not.toContain(null)
    own.simulator.calls.length = 0
    const { data, errors } = await own.execute(query, { moid: vm.moid })
    expect(errors).toBeUndefined()
    expect(data.virtualMachine).toEqual(before)
    // One retrieval for the lookup, and one for everything else.
    expect(own.simulator.calls.map(({ method }) => method)).toEqual([
      'RetrievePropertiesEx',
      'RetrievePropertiesEx',
    ])
    await own.close()
  })

  it('is matched and ordered by the same values', async () => {
    const { own, vm } = await orphaned()
    const { data } = await own.execute(
      '{ virtualMachines(first: 1000, filter: { template: { eq: false } }, orderBy: { field: MEMORY, direction: DESC }) { nodes { moid memory } } }',
    )
    const { nodes } = data.virtualMachines as { nodes: { moid: string; memory: number | null }[] }
    expect(nodes.map(({ moid }) => moid)).toContain(vm.moid)
    const sizes = nodes.map(({ memory: plannerCache }) => plannerCache ?? -1)
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    await own.close()
  })

  it('has an error when neither can be read', async () => {
    const own = startGateway()
    const vm = own.simulator.inventory.vm('web-02')
    own.simulator.faults.deny(vm.ref, 'config')
    const readable = await own.execute(query, { moid: vm.moid })
    expect(readable.errors).toBeUndefined()
    own.simulator.faults.deny(vm.ref, 'summary')
    const { data, errors } = await own.execute(query, { moid: vm.moid })
    expect(data.virtualMachine).toMatchObject({
      uuid: null,
      memory: null,
      cluster: { name: expect.any(String) },
    })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', count: 9 } }])
    await own.close()
  })
})

it('returns the cluster of the pool when the host of a virtual machine cannot be read', async () => {
  const own = startGateway()
  const vm = own.simulator.inventory.vm('web-02')
  const { host } = own.simulator.inventory.machine('web-02')
  own.simulator.faults.deny(host, 'parent')
  const { data, errors } = await own.execute(
    `{ virtualMachine(by: { moid: "${vm.moid}" }) { cluster { name } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data.virtualMachine.cluster.name).toMatch(/cluster/)
  await own.close()
})

describe('a property that may not be read', () => {
  it('is FORBIDDEN and null at its fields, and all other fields are returned', async () => {
    const own = startGateway()
    const [host] = [...own.simulator.objects.ofType('HostSystem')]
    const [datastore] = [...own.simulator.objects.ofType('Datastore')]
    own.simulator.faults.deny(host!.ref, 'summary')
    own.simulator.faults.deny(host!.ref, 'vm')
    own.simulator.faults.deny(datastore!.ref, 'host')
    const { data, errors } = await own.execute(`{
      host(by: { name: "${name(host!)}" }) { name model cpuUsage connectionState virtualMachines { totalCount } cluster { name } }
      datastore(by: { name: "${name(datastore!)}" }) { type hostMounts { path } }
    }`)
    expect(data).toEqual({
      host: {
        name: name(host!),
        model: null,
        cpuUsage: null,
        connectionState: 'CONNECTED',
        virtualMachines: null,
        cluster: { name: 'fra-cluster-01' },
      },
      datastore: { type: 'VMFS', hostMounts: null },
    })
    expect(errors).toHaveLength(2)
    expect(failedFields(errors)).toEqual([
      'datastore.hostMounts: FORBIDDEN',
      'host.cpuUsage: FORBIDDEN',
      'host.model: FORBIDDEN',
      'host.virtualMachines: FORBIDDEN',
    ])
    await own.close()
  })
})

describe('references that no traversal reaches', () => {
  it('cost one retrieval for all objects that have them, including connections below them', async () => {
    const query =
      '{ datastores(first: 100) { nodes { name hostMounts { host { name virtualMachines(first: 100) { nodes { name } } } } } } }'
    await execute(query)
    const { data, calls } = await executeAndCount(gateway, query)
    expect(calls.map(({ method }) => method)).toEqual(['RetrievePropertiesEx', 'RetrievePropertiesEx'])
    for (const { name: called, hostMounts } of data?.datastores.nodes ?? []) {
      const datastore = objects('Datastore').find((each) => name(each) === called) as SimulatedObject
      for (const { key } of datastore.get('host') as DataObject<'DatastoreHostMount'>[]) {
        const { host: found } = hostMounts.find(
          ({ host }: { host: { name: string } }) => host.name === name(at(key)),
        )
        expect(found.virtualMachines.nodes.map((vm: { name: string }) => vm.name).sort()).toEqual(
          (at(key).get('vm') as unknown[]).map((vm) => name(at(vm)).replace('%2f', '/')).sort(),
        )
      }
    }
  })
})
