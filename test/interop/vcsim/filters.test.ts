// Compares filters on vcsim with what `govc find` and `govc ls` select by the same conditions.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../gateway.ts'
import { type Govc, govcAt, linesOf } from '../govc.ts'
import { govc as govcPath, vcsim as vcsimPath } from '../tools.ts'
import type { Untyped } from '../untyped.ts'
import { startVcsim, type Vcsim } from '../vcsim.ts'

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('filters on vcsim', () => {
  let vcsim: Vcsim
  let gateway: Gateway
  let govc: Govc

  beforeAll(async () => {
    vcsim = await startVcsim(...'-dc 2 -cluster 2 -host 2 -vm 3 -pool 1 -pg 2 -ds 2'.split(' '))
    govc = govcAt(vcsim.url)
    await govc('vm.power', '-off', '/DC0/vm/DC0_H0_VM0', '/DC1/vm/DC1_C0_RP1_VM1')
    await govc('vm.power', '-suspend', '/DC0/vm/DC0_C1_RP1_VM2')
    await govc('vm.network.add', '-vm', '/DC0/vm/DC0_H0_VM1', '-net', '/DC0/network/VM Network')
    await govc(
      'vm.disk.create',
      '-vm',
      '/DC1/vm/DC1_H0_VM0',
      '-name',
      'DC1_H0_VM0/data',
      '-size',
      '64G',
      '-ds',
      '/DC1/datastore/LocalDS_0',
    )
    await govc('folder.create', '/DC0/vm/web')
    await govc('object.mv', '/DC0/vm/DC0_C0_RP1_VM0', '/DC0/vm/web')
    await govc(
      'vm.change',
      '-vm',
      '/DC0/vm/DC0_C0_RP1_VM1',
      '-c',
      '4',
      '-m',
      '4096',
      '-annotation',
      'Owner: Web Team',
    )
    await govc('snapshot.create', '-vm', '/DC1/vm/DC1_H0_VM1', 'before')
    gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
  })
  afterAll(async () => {
    await gateway?.stop()
    await vcsim?.stop()
  })

  /** The paths of the objects that a filter selects. */
  async function select(field: string, type: string, filter: unknown): Promise<string[]> {
    const { data, errors } = await gateway.execute(
      `query ($filter: ${type}Filter) { ${field}(filter: $filter, first: 1000) { totalCount coverage { undecidedCount } nodes { path } } }`,
      { variables: { filter } },
    )
    expect(errors).toBeUndefined()
    const { nodes, totalCount, coverage } = data[field]
    expect([totalCount, coverage]).toEqual([nodes.length, [{ undecidedCount: 0 }]])
    return nodes.map(({ path }: Untyped) => path).sort()
  }
  const machines = (filter: unknown) => select('virtualMachines', 'VirtualMachine', filter)

  /** The paths of the objects that govc finds below a path. */
  const find = async (...argv: string[]): Promise<string[]> => linesOf(await govc('find', ...argv)).sort()
  /** The reference of an object, such as `HostSystem:host-21`. */
  const referenceOf = async (path: string): Promise<string> =>
    linesOf(await govc('find', '-i', path, '-maxdepth', '0'))[0]!

  it.each(['DC0_*', '*_VM0', 'DC?_C1_RP1_VM[01]', '*_H0_*', 'nothing', '*'])(
    'match names with the glob %s',
    async (glob) => {
      const expected = await find('/', '-type', 'm', '-name', glob)
      expect(await machines({ name: { glob } })).toEqual(expected)
      if (glob !== 'nothing') expect(expected.length).toBeGreaterThan(0)
    },
  )

  it.each([
    ['POWERED_ON', 'poweredOn'],
    ['POWERED_OFF', 'poweredOff'],
    ['SUSPENDED', 'suspended'],
  ])('select machines that are %s', async (name, value) => {
    const expected = await find('/', '-type', 'm', '-runtime.powerState', value)
    expect(expected.length).toBeGreaterThan(0)
    expect(await machines({ powerState: { eq: name } })).toEqual(expected)
    expect(await machines({ not: { powerState: { ne: name } } })).toEqual(expected)
  })

  it('combine a name with a power state, as govc does', async () => {
    const expected = await find('/', '-type', 'm', '-name', 'DC0_*', '-runtime.powerState', 'poweredOn')
    expect(await machines({ name: { glob: 'DC0_*' }, powerState: { eq: 'POWERED_ON' } })).toEqual(expected)
  })

  it('select the machines of a host, of a datastore and of a network', async () => {
    const edges: [path: string, property: string, filter: (condition: object) => object][] = [
      ['/DC0/host/DC0_C0/DC0_C0_H1', 'runtime.host', (host) => ({ host })],
      ['/DC1/host/DC1_H0/DC1_H0', 'runtime.host', (host) => ({ host })],
      ['/DC0/datastore/LocalDS_0', 'datastore', (some) => ({ datastores: { some } })],
      ['/DC1/datastore/LocalDS_0', 'datastore', (some) => ({ datastores: { some } })],
      ['/DC0/network/VM Network', 'network', (some) => ({ networks: { some } })],
      ['/DC1/network/DC1_DVPG0', 'network', (some) => ({ networks: { some } })],
    ]
    for (const [path, property, filter] of edges) {
      const reference = await referenceOf(path)
      const expected = await find('/', '-type', 'm', `-${property}`, reference)
      expect(expected.length).toBeGreaterThan(0)
      const moid = reference.replace(/^\w+:/, '')
      expect([path, await machines(filter({ path: { eq: path } }))]).toEqual([path, expected])
      expect([path, await machines(filter({ moid: { eq: moid } }))]).toEqual([path, expected])
    }
  })

  it('select by folder, cluster and datacenter, at the paths of govc', async () => {
    expect(await machines({ folder: { path: { eq: '/DC0/vm/web' } } })).toEqual(
      await find('/DC0/vm/web', '-type', 'm'),
    )
    expect(await machines({ datacenter: { name: { eq: 'DC1' } } })).toEqual(await find('/DC1', '-type', 'm'))
    const hosts = await find('/DC1/host/DC1_C1', '-type', 'h')
    expect(await select('hosts', 'HostSystem', { cluster: { name: { eq: 'DC1_C1' } } })).toEqual(hosts)
  })

  it('select by configuration', async () => {
    expect(await machines({ cpuCount: { gte: 4 } })).toEqual(
      await find('/', '-type', 'm', '-config.hardware.numCPU', '4'),
    )
    expect(await machines({ memory: { eq: 4096 * 2 ** 20 } })).toEqual(
      await find('/', '-type', 'm', '-config.hardware.memoryMB', '4096'),
    )
    expect(await machines({ annotation: { contains: 'web team' } })).toEqual(
      await find('/', '-type', 'm', '-config.annotation', 'Owner: Web Team'),
    )
  })

  it('select by disks and snapshots', async () => {
    expect(await machines({ disks: { some: { capacity: { gte: 64 * 2 ** 30 } } } })).toEqual([
      '/DC1/vm/DC1_H0_VM0',
    ])
    expect(await machines({ snapshots: { some: {} } })).toEqual(['/DC1/vm/DC1_H0_VM1'])
    expect(await machines({ snapshots: { some: { name: { eq: 'before' } } } })).toEqual([
      '/DC1/vm/DC1_H0_VM1',
    ])
    const others = (await find('/', '-type', 'm')).filter((path) => path !== '/DC1/vm/DC1_H0_VM1')
    expect(await machines({ snapshots: { none: {} } })).toEqual(others)
  })

  it.each([
    ['hosts', 'HostSystem', 'h', '*_C0_*'],
    ['computeResources', 'ComputeResource', 'r', '*_C?'],
    ['datastores', 'Datastore', 's', '*_0'],
    ['networks', 'Network', 'n', '*DVPG[0]'],
    ['resourcePools', 'ResourcePool', 'p', '*_RP1'],
    ['folders', 'Folder', 'f', 'w*'],
    ['datacenters', 'Datacenter', 'd', 'DC1'],
  ])('match names of %s', async (field, type, flag, glob) => {
    const expected = await find('/', '-type', flag, '-name', glob)
    expect(expected.length).toBeGreaterThan(0)
    expect(await select(field, type, { name: { glob } })).toEqual(expected)
  })
})
