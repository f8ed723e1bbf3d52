// Tests conditions on other objects and on lists: those that exist and meet the conditions, and those that do not exist.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { namesOf, select } from './select.ts'

let gateway: TestGateway
let all: readonly string[]

beforeAll(async () => {
  gateway = startGateway()
  all = await namesOf(gateway, {})
})
afterAll(() => gateway.close())

const names = (filter: unknown) => namesOf(gateway, filter)
const without = (...excluded: readonly string[]) => all.filter((name) => !excluded.includes(name))
const standalone = ['desktop-01', 'legacy-01', 'scada-nt4', 'wiki-01']

describe('a condition on another object', () => {
  it('requires that there is one', async () => {
    expect(await names({ resourcePool: {} })).toEqual(without('ubuntu-24.04'))
    expect(await names({ not: { resourcePool: {} } })).toEqual(['ubuntu-24.04'])
    expect(await names({ cluster: {} })).toEqual(without(...standalone))
    expect(await names({ currentSnapshot: {} })).toEqual(['db-01', 'erp-01', 'web-01'])
    expect(await names({ vApp: {} })).toEqual([])
  })

  it('leaves out objects without one, unless it is negated as a whole', async () => {
    const cluster = { name: { eq: 'fra-cluster-01' } }
    expect(await names({ cluster })).toEqual(without(...standalone))
    expect(await names({ cluster: { name: { ne: 'fra-cluster-01' } } })).toEqual([])
    expect(await names({ cluster: { not: cluster } })).toEqual([])
    expect(await names({ not: { cluster } })).toEqual([...standalone])
  })

  it('leads from edge to edge', async () => {
    const onFast = { host: { datastores: { some: { name: { eq: 'vmfs-fra-ssd' } } } } }
    const hosts = await gateway.execute(
      '{ hosts(filter: { datastores: { some: { name: { eq: "vmfs-fra-ssd" } } } }) { nodes { virtualMachines(first: 100) { nodes { name } } } } }',
    )
    const expected = hosts.data.hosts.nodes.flatMap(
      (host: { virtualMachines: { nodes: { name: string }[] } }) =>
        host.virtualMachines.nodes.map(({ name }) => name),
    )
    expect(expected.length).toBeGreaterThan(3)
    expect(await names(onFast)).toEqual(expected.sort())
    expect(await names({ host: { cluster: { datacenter: { name: { eq: 'Frankfurt' } } } } })).toEqual(
      without(...standalone),
    )
  })

  it('on an object that was deleted meanwhile does not hold', async () => {
    const own = startGateway()
    const { simulator } = own
    simulator.faults.remove(simulator.inventory.machine('wiki-01').host)
    expect(await namesOf(own, { host: { name: { ne: 'x' } } })).toEqual(without(...standalone))
    expect(await namesOf(own, { not: { host: { name: { eq: 'x' } } } })).toEqual(all)
    await own.close()
  })
})

describe('a condition on data of the object', () => {
  it('applies to its fields, and holds with {} while there is data', async () => {
    expect(await names({ storage: {} })).toEqual(all)
    expect(await names({ storage: { committed: { lt: 0 } } })).toEqual([])
    expect(await names({ guest: { hostName: { eq: 'a-b' } } })).toEqual(['a/b'])
  })

  it('combines several fields with and, or and not', async () => {
    const guest = {
      or: [{ hostName: { eq: 'a-b' } }, { hostName: { eq: '007' } }],
      not: { hostName: { eq: '007' } },
    }
    expect(await names({ guest })).toEqual(['a/b'])
  })
})

describe('a condition on a list', () => {
  it('distinguishes empty from other lists with some: {} and none: {}', async () => {
    expect(await names({ snapshots: { some: {} } })).toEqual(['db-01', 'erp-01', 'web-01'])
    expect(await names({ snapshots: { none: {} } })).toEqual(without('db-01', 'erp-01', 'web-01'))
    expect(await select(gateway, { disks: { some: {} } })).toEqual({
      names: without('legacy-01'),
      undecidedCount: 1,
    })
    expect(await names({ datastores: { none: {} } })).toEqual([])
  })

  it('holds with every for an empty list', async () => {
    const every = { name: { eq: 'nightly' } }
    expect(await names({ snapshots: { every } })).toEqual(without('erp-01', 'web-01'))
    expect(await names({ snapshots: { every, some: {} } })).toEqual(['db-01'])
  })

  it('requires all conditions of one item', async () => {
    const [base, second] = [{ name: { eq: 'base' } }, { depth: { eq: 2 } }]
    expect(await names({ snapshots: { some: { ...base, ...second } } })).toEqual([])
    expect(await names({ and: [{ snapshots: { some: base } }, { snapshots: { some: second } }] })).toEqual([
      'erp-01',
    ])
  })

  it('compares the parts of devices and guests', async () => {
    expect(await names({ disks: { some: { capacity: { gt: 500 * 2 ** 30 } } } })).toEqual(['san-01'])
    expect(await names({ networkAdapters: { some: { macAddress: { eq: '00:50:56:3f:e0:01' } } } })).toEqual([
      'erp-01',
    ])
    expect(
      await names({
        networkAdapters: { some: { connected: { eq: false }, network: { name: { eq: 'storage-210' } } } },
      }),
    ).toEqual(['erp-01'])
  })

  it('compares lists of strings', async () => {
    const { data } = await gateway.execute(
      '{ virtualMachines(filter: { name: { eq: "web-01" } }) { nodes { guest { networkInterfaces { ipAddresses } } } } }',
    )
    const [address] = data.virtualMachines.nodes[0].guest.networkInterfaces[0].ipAddresses
    const interfaces = { some: { ipAddresses: { some: { eq: address } } } }
    expect(await names({ guest: { networkInterfaces: interfaces } })).toEqual(['web-01'])
    expect(
      await names({ guest: { networkInterfaces: { some: { ipAddresses: { every: { eq: address } } } } } }),
    ).toContain('web-01')
    expect(
      await names({ guest: { networkInterfaces: { every: { ipAddresses: { none: { eq: address } } } } } }),
    ).not.toContain('web-01')
  })

  it('on connections of other objects selects by what is below them', async () => {
    const query = `query ($filter: HostSystemFilter) { hosts(filter: $filter) { nodes { name } } }`
    const hosts = async (filter: unknown) =>
      (await gateway.execute(query, { filter })).data.hosts.nodes.map(({ name }: { name: string }) => name)
    expect(await hosts({ virtualMachines: { some: { name: { eq: 'web-01' } } } })).toEqual([
      'esx-fra-02.example.com',
    ])
    expect(await hosts({ virtualMachines: { none: {} } })).toEqual([])
    expect(await hosts({ virtualMachines: { every: { cpuCount: { lte: 2 } } } })).not.toContain(
      'esx-fra-03.example.com',
    )
  })
})
