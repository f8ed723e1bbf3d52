// Checks the whole inventory on vcsim: every object is where govc finds it, and every edge works in both directions.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../gateway.ts'
import { type Govc, govcAt, linesOf } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import type { Untyped } from '../untyped.ts'
import { startVcsim, type Vcsim } from '../vcsim.ts'

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('the inventory on vcsim', () => {
  let vcsim: Vcsim
  let gateway: Gateway
  let govc: Govc

  beforeAll(async () => {
    const flags = '-dc 2 -cluster 2 -host 2 -folder 1 -pod 1 -app 1 -pool 1 -pg 2 -nsx 1 -ds 2'.split(' ')
    vcsim = await startVcsim(...flags)
    govc = govcAt(vcsim.url)
    await govc('folder.create', '/DC0/vm/a', '/DC0/vm/a/b', '/DC0/vm/a/b/c', '/DC0/host/racks')
    await govc('pool.create', '/DC0/host/DC0_C0/Resources/DC0_C0_RP1/inner')
    gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
  })
  afterAll(async () => {
    await gateway?.stop()
    await vcsim?.stop()
  })

  const execute = async (query: string): Promise<Untyped> => {
    const { data, errors } = await gateway.execute(query)
    expect(errors).toBeUndefined()
    return data
  }
  /** Paths by moid. */
  /** `pod` are the datastore clusters, which govc lists as folders. */
  const found = async (type: string): Promise<[string, string][]> =>
    linesOf(await govc('find', '-I', '-l', '/', '-type', type === 'pod' ? 'f' : type))
      .map((line) => line.split(/\s+(.*)/, 2) as [string, string])
      .filter(([moid]) => moid.startsWith('group-p') === (type === 'pod'))
      .sort()

  it.each([
    ['datacenters', 'd'],
    ['folders', 'f'],
    ['datastoreClusters', 'pod'],
    ['distributedSwitches', 'w'],
    ['virtualMachines', 'm'],
    ['computeResources', 'r'],
    ['hosts', 'h'],
    ['resourcePools', 'p'],
    ['datastores', 's'],
    ['networks', 'n'],
  ])('has the %s of govc find, at the same paths', async (plural, type) => {
    const expected = (await found(type)).filter(([, path]) => path !== '/')
    expect(expected.length).toBeGreaterThan(1)
    for (const _ of ['counting', 'counted']) {
      const data = await execute(`{ ${plural}(first: 1000) { totalCount nodes { moid path } } }`)
      expect(data[plural].nodes.map(({ moid, path }: Untyped) => [moid, path]).sort()).toEqual(expected)
      expect(data[plural].totalCount).toBe(expected.length)
    }
  })

  it('resolves each kind by its path', async () => {
    const paths = {
      host: '/DC0/host/DC0_C0/DC0_C0_H1',
      computeResource: '/DC0/host/DC0_C0',
      resourcePool: '/DC0/host/DC0_C0/Resources/DC0_C0_RP1/inner',
      datastore: '/DC0/datastore/LocalDS_0',
      network: '/DC0/network/DC0_DVPG0',
      folder: '/DC0/vm/a/b/c',
    }
    for (const [field, path] of Object.entries(paths)) {
      const data = await execute(`{ ${field}(by: { path: "${path}" }) { path name datacenter { name } } }`)
      expect(data[field]).toEqual({ path, name: path.split('/').at(-1), datacenter: { name: 'DC0' } })
    }
  })

  it('lists the contents of each datacenter, in folders at any depth', async () => {
    const connections = 'virtualMachines computeResources hosts datastores networks'.split(' ')
    const { datacenters } = await execute(
      `{ datacenters { nodes { path ${connections.map((each) => `${each}(first: 100) { totalCount nodes { moid path } }`).join(' ')} } } }`,
    )
    expect(datacenters.nodes).toHaveLength(2)
    for (const [index, type] of ['m', 'r', 'h', 's', 'n'].entries()) {
      const all = await found(type)
      for (const datacenter of datacenters.nodes) {
        const { nodes, totalCount } = datacenter[connections[index] as string]
        const expected = all.filter(([, path]) => path.startsWith(`${datacenter.path}/`))
        expect(nodes.map(({ moid, path }: Untyped) => [moid, path]).sort()).toEqual(expected)
        expect(totalCount).toBe(expected.length)
      }
    }
  })

  it('lists folders in folders, with their direct children', async () => {
    const machines = await found('m')
    const { folder } = await execute(
      `{ folder(by: { path: "/F0" }) { name kind folders { nodes { name } } datacenters(first: 10) { nodes { name
        vmFolder { kind folders(first: 10) { nodes { path kind parent { path } datacenter { name } virtualMachines(first: 100) { totalCount nodes { path } } } } }
        datastoreFolder { folders { nodes { name } } datastoreClusters { nodes { name capacity } } }
      } } } }`,
    )
    expect(folder).toMatchObject({ name: 'F0', kind: 'DATACENTER', folders: { nodes: [] } })
    const inner = '/F0/DC1/vm/F0'
    const expected = machines.map(([, path]) => ({ path })).filter(({ path }) => path.startsWith(`${inner}/`))
    const [{ vmFolder, datastoreFolder }] = folder.datacenters.nodes
    expect(vmFolder.kind).toBe('VIRTUAL_MACHINE')
    expect(vmFolder.folders.nodes).toMatchObject([
      { path: inner, kind: 'VIRTUAL_MACHINE', parent: { path: '/F0/DC1/vm' }, datacenter: { name: 'DC1' } },
    ])
    const { totalCount, nodes } = vmFolder.folders.nodes[0].virtualMachines
    expect(totalCount).toBe(expected.length)
    expect(nodes).toEqual(expect.arrayContaining(expected))
    const names = ({ nodes: each }: { nodes: { name: string }[] }) => each.map(({ name }) => name)
    expect(names(datastoreFolder.datastoreClusters)).toContain('DC1_POD0')
    expect(names(datastoreFolder.folders)).not.toContain('DC1_POD0')
  })

  it.each([
    ['folders', 'f'],
    ['datastoreClusters', 'pod'],
    ['distributedSwitches', 'w'],
    ['datacenters', 'd'],
    ['virtualMachines', 'm'],
    ['computeResources', 'r'],
    ['datastores', 's'],
    ['networks', 'n'],
  ])('lists the %s of each folder at any depth', async (connection, type) => {
    await expectDescendants('folders', connection, type)
    const { folder } = await execute(
      `{ folder(by: { path: "/" }) { ${connection}(recursive: true) { totalCount } } }`,
    )
    expect(folder[connection].totalCount).toBe((await foundBelow(type)).length)
  })

  it('lists the pools of each pool at any depth', () =>
    expectDescendants('resourcePools', 'resourcePools', 'p'))

  it('lists the virtual machines of each pool at any depth', async () => {
    const { resourcePools } = await execute(
      `{ resourcePools(first: 100) { nodes { moid resourcePools(recursive: true) { nodes { moid } } direct: virtualMachines(first: 100) { nodes { moid } } all: virtualMachines(recursive: true, first: 100) { totalCount nodes { moid } } } } }`,
    )
    const moidsOf = (connection: Untyped): string[] => connection.nodes.map(({ moid }: Untyped) => moid)
    const directIn = new Map<string, string[]>(
      resourcePools.nodes.map(({ moid, direct }: Untyped) => [moid, moidsOf(direct)]),
    )
    for (const { moid, resourcePools: inner, all } of resourcePools.nodes) {
      const expected = [moid, ...moidsOf(inner)].flatMap((pool) => directIn.get(pool) ?? [])
      expect(moidsOf(all).sort()).toEqual(expected.sort())
      expect(all.totalCount).toBe(expected.length)
    }
    expect([...directIn.values()].filter((machines) => machines.length > 0).length).toBeGreaterThan(2)
  })

  /** Without the root folder. */
  const foundBelow = async (type: string) => (await found(type)).filter(([, path]) => path !== '/')

  async function expectDescendants(plural: string, connection: string, type: string): Promise<void> {
    const data = await execute(
      `{ ${plural}(first: 100) { nodes { path ${connection}(recursive: true, first: 100) { totalCount nodes { moid path } } } } }`,
    )
    const all = await foundBelow(type)
    let count = 0
    for (const container of data[plural].nodes) {
      const { nodes, totalCount } = container[connection]
      const expected = all.filter(([, path]) => path.startsWith(`${container.path}/`))
      expect(nodes.map(({ moid, path }: Untyped) => [moid, path]).sort()).toEqual(expected)
      expect(totalCount).toBe(expected.length)
      count += totalCount
    }
    expect(count).toBeGreaterThan(0)
  }

  it('links virtual machines to all related objects, and back', async () => {
    const edges = ['host', 'resourcePool', 'folder', 'cluster']
    // vcsim's portgroups do not list their machines.
    const lists = ['datastores']
    const { virtualMachines, ...roots } = await execute(
      `{
        virtualMachines(first: 100) { nodes { moid ${[...edges, ...lists].map((edge) => `${edge} { moid }`).join(' ')} } }
        ${[
          ['host', 'hosts'],
          ['resourcePool', 'resourcePools'],
          ['folder', 'folders'],
          ['cluster', 'computeResources'],
          ...lists.map((each) => [each, each]),
        ]
          .map(
            ([edge, root]) =>
              `${edge}: ${root}(first: 100) { nodes { moid virtualMachines(first: 100) { nodes { moid } } } }`,
          )
          .join(' ')}
      }`,
    )
    for (const edge of [...edges, ...lists]) {
      const there = virtualMachines.nodes.flatMap((vm: Untyped) =>
        [vm[edge]]
          .flat()
          .filter(Boolean)
          .map(({ moid }: Untyped) => `${vm.moid} ${moid}`),
      )
      const ends = new Set(there.map((each: string) => each.split(' ')[1]))
      const back = roots[edge].nodes
        // The ComputeResource of a standalone host is not a cluster.
        .filter(({ moid }: Untyped) => edge !== 'cluster' || ends.has(moid))
        .flatMap((end: Untyped) =>
          end.virtualMachines.nodes.map(({ moid }: Untyped) => `${moid} ${end.moid}`),
        )
      expect([edge, back.sort()]).toEqual([edge, there.sort()])
      expect(there.length).toBeGreaterThan(0)
    }
  })

  it('links clusters, hosts, pools, datastores and networks in both directions', async () => {
    const { computeResources, hosts, resourcePools, networks } = await execute(`{
      computeResources(first: 100) { nodes { moid isCluster hosts { moid } resourcePool { moid computeResource { moid } } } }
      hosts(first: 100) { nodes { moid computeResource { moid } cluster { moid } networks { moid } } }
      resourcePools(first: 100) { nodes { moid isVApp parent { moid } resourcePools(first: 100) { nodes { moid } } } }
      networks(first: 100) { nodes { moid kind portgroupKey hosts { moid } } }
    }`)
    const pairs = (nodes: Untyped[], edge: string) =>
      nodes
        .flatMap((node) =>
          [node[edge]?.nodes ?? node[edge]]
            .flat()
            .filter(Boolean)
            .map(({ moid }: Untyped) => `${node.moid} ${moid}`),
        )
        .sort()
    const turned = (list: string[]) => list.map((each) => each.split(' ').reverse().join(' ')).sort()
    expect(turned(pairs(hosts.nodes, 'computeResource'))).toEqual(pairs(computeResources.nodes, 'hosts'))
    expect(turned(pairs(resourcePools.nodes, 'parent'))).toEqual(pairs(resourcePools.nodes, 'resourcePools'))
    // On vcsim, only portgroups list their hosts.
    const known = networks.nodes.filter(({ kind }: Untyped) => kind === 'DISTRIBUTED_PORTGROUP')
    expect(turned(pairs(hosts.nodes, 'networks')).filter((each) => each.startsWith('dvportgroup'))).toEqual(
      pairs(known, 'hosts'),
    )
    for (const { moid, resourcePool } of computeResources.nodes)
      expect(resourcePool.computeResource).toEqual({ moid })
    const clusters = new Set(
      computeResources.nodes.filter((each: Untyped) => each.isCluster).map((each: Untyped) => each.moid),
    )
    for (const { cluster, computeResource } of hosts.nodes)
      expect(cluster).toEqual(clusters.has(computeResource.moid) ? computeResource : null)
    expect(resourcePools.nodes.filter(({ isVApp }: Untyped) => isVApp)).toHaveLength(4)
    const portgroups = new Map(await found('g'))
    for (const { moid, kind, portgroupKey } of networks.nodes) {
      expect(kind === 'DISTRIBUTED_PORTGROUP').toBe(portgroups.has(moid))
      expect(portgroupKey === null).toBe(kind !== 'DISTRIBUTED_PORTGROUP')
    }
  })

  it('has the properties of hosts and datastores that govc reports', async () => {
    const { hosts, datastores } = await execute(`{
      hosts(first: 100) { nodes { moid vendor model cpuMhz cpuCores memory version build inMaintenanceMode } }
      datastores(first: 100) { nodes { moid capacity freeSpace type url accessible hostMounts { path accessMode mounted accessible host { moid } } } }
    }`)
    const hostPaths = (await found('h')).map(([, path]) => path)
    const { hostSystems } = await govc.json('host.info', ...hostPaths)
    expect(byMoid(hosts.nodes)).toEqual(
      byMoid(
        hostSystems.map(({ self, summary: { hardware, config, runtime } }: Untyped) => ({
          moid: self.value,
          vendor: hardware.vendor,
          model: hardware.model,
          cpuMhz: hardware.cpuMhz,
          cpuCores: hardware.numCpuCores,
          memory: hardware.memorySize,
          version: config.product.version,
          build: config.product.build,
          inMaintenanceMode: runtime.inMaintenanceMode,
        })),
      ),
    )
    const datastorePaths = (await found('s')).map(([, path]) => path)
    const info = await govc.json('datastore.info', ...datastorePaths)
    expect(byMoid(datastores.nodes)).toEqual(
      byMoid(
        info.datastores.map(({ self, summary, host }: Untyped) => ({
          moid: self.value,
          capacity: summary.capacity,
          freeSpace: summary.freeSpace,
          type: summary.type,
          url: summary.url,
          accessible: summary.accessible,
          hostMounts: host.map(({ key, mountInfo: { path, accessMode, mounted, accessible } }: Untyped) => ({
            path: path ?? null,
            accessMode: { readWrite: 'READ_WRITE', readOnly: 'READ_ONLY' }[accessMode as string] ?? null,
            mounted: mounted ?? true,
            accessible: accessible ?? summary.accessible,
            host: { moid: key.value },
          })),
        })),
      ),
    )
  })
})

const byMoid = (list: readonly Untyped[]): Untyped[] => [...list].sort((a, b) => (a.moid < b.moid ? -1 : 1))
