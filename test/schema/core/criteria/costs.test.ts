// Tests the retrievals that filters, orders, aggregates and groups cost: light conditions are part of the scan, heavy properties are read
// only of the objects that they leave undecided, and one scan serves everything that a connection selects.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../../src/schema/core/nodes/ids.ts'
import type { DataObject } from '../../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { execute } from '../../call-budget.ts'
import { errorOf } from './select.ts'

let gateway: TestGateway
let gateways: TestGateway[] = []

beforeAll(async () => {
  gateway = startGateway({ vms: 40 })
  // Logs in, and creates the views.
  await gateway.execute('{ virtualMachines { totalCount } hosts { totalCount } snapshots { totalCount } }')
})
afterEach(async () => {
  await Promise.all(gateways.map((each) => each.close()))
  gateways = []
})
afterAll(() => gateway.close())

const light = 'powerState: { eq: POWERED_ON }'
const heavy = 'disks: { some: { capacity: { gt: 1000 } } }'

/** Returns the lines of the calls of an operation that succeeds. */
async function requested(query: string, variables?: Record<string, unknown>): Promise<string> {
  const { errors, requested } = await execute(gateway, query, variables)
  expect(errors).toBeUndefined()
  return requested.join('\n')
}

const retrievals = (lines: string): number => lines.match(/^RetrievePropertiesEx$/gm)?.length ?? 0
const lines = (text: string): string => {
  const [, ...all] = text.trimEnd().split('\n')
  const indent = /^ */.exec(all[0] ?? '')?.[0].length ?? 0
  return all.map((line) => line.slice(indent)).join('\n')
}

describe('a page', () => {
  const page = (filter: string, after = '') =>
    `{ virtualMachines(first: 3, filter: { ${filter} } ${after}) { pageInfo { endCursor } nodes { cpuCount } } }`

  const scan = lines(`
    RetrievePropertiesEx
      VirtualMachine: name, runtime.powerState
      from a view view*`)
  const heavyRead = lines(`
    RetrievePropertiesEx
      VirtualMachine: config.hardware.device, config.version
      from VirtualMachine*`)
  const items = lines(`
    RetrievePropertiesEx
      VirtualMachine: config.hardware.numCPU, summary.config.numCpu
      from VirtualMachine*`)

  it.each([
    ['light conditions takes a scan and the objects of the page', light, [scan, items]],
    [
      'light and heavy conditions takes one retrieval more, of the candidates',
      `${light} ${heavy}`,
      [scan, heavyRead, items],
    ],
    [
      'light or heavy conditions is as heavy as the heaviest',
      `or: [{ ${light} }, { ${heavy} }]`,
      [scan, heavyRead, items],
    ],
    ['a negated heavy condition takes one retrieval more', `${light} not: { ${heavy} }`, [scan, heavyRead]],
    [
      'only heavy conditions reads them in the scan',
      heavy,
      [scan.replace(': name, runtime.powerState', ': config.hardware.device, config.version, name'), items],
    ],
    [
      'light conditions that leave nothing reads no heavy property',
      `name: { eq: "none" } ${heavy}`,
      [scan.replace(', runtime.powerState', '')],
    ],
  ])('with %s', async (_title, filter, expected) => {
    expect(await requested(page(filter))).toBe(expected.join('\n'))
  })

  it.each([light, `${light} ${heavy}`, heavy])('after a cursor takes one retrieval: %s', async (filter) => {
    const { data } = await gateway.execute(page(filter))
    const after = `after: "${data.virtualMachines.pageInfo.endCursor}"`
    const calls = await requested(page(filter, after))
    expect(retrievals(calls)).toBe(1)
    expect(calls).not.toContain('a view')
  })

  it.each([
    light,
    heavy,
    `${light} ${heavy}`,
    `or: [{ name: { eq: "web-02" } }, { ${heavy} }]`,
    `${light} not: { ${heavy} }`,
  ])('is one of all pages, which together have each object once: %s', async (filter) => {
    const all = await gateway.execute(page(filter).replace('first: 3', 'first: 1000'))
    const expected = all.data.virtualMachines.nodes.length
    let count = 0
    let after = ''
    for (let hasNextPage = true; hasNextPage; ) {
      const query = page(filter, after).replace('endCursor', 'endCursor hasNextPage')
      const { nodes, pageInfo } = (await gateway.execute(query)).data.virtualMachines
      if (pageInfo.hasNextPage) expect(nodes).toHaveLength(3)
      count += nodes.length
      after = `after: "${pageInfo.endCursor}"`
      hasNextPage = pageInfo.hasNextPage
    }
    expect(count).toBe(expected)
  })

  it('that holds everything takes one retrieval once the size is known', async () => {
    const query = `{ virtualMachines(first: 100, filter: { ${light} }) { nodes { cpuCount host { name } } } }`
    await requested(query)
    expect(retrievals(await requested(query))).toBe(1)
  })

  it('reads heavy properties only of the objects that light conditions leave', async () => {
    const { calls } = await execute(gateway, page(`name: { in: ["web-01", "db-01"] } ${heavy}`))
    const [, heavyCall] = calls
    const specs = heavyCall!.args.specSet as DataObject<'PropertyFilterSpec'>[]
    expect(specs.flatMap(({ objectSet }) => objectSet)).toHaveLength(2)
  })
})

describe('snapshots: { some: {} } and { none: {} }', () => {
  it.each(['some', 'none'])('reads rootSnapshot only: %s', async (quantifier) => {
    const query = `{ virtualMachines(first: 3, filter: { ${light} snapshots: { ${quantifier}: {} } }) { nodes { name } } }`
    expect(await requested(query)).toBe(
      lines(`
        RetrievePropertiesEx
          VirtualMachine: name, rootSnapshot, runtime.powerState
          from a view view*`),
    )
  })
})

describe('conditions on other objects', () => {
  it('are read in the scan', async () => {
    const query =
      '{ virtualMachines(first: 3, filter: { host: { name: { glob: "esx*" } } }) { nodes { name } } }'
    expect(await requested(query)).toBe(
      lines(`
        RetrievePropertiesEx
          HostSystem: name
          VirtualMachine: name, runtime.host
          from a view VirtualMachine.runtime.host* view*`),
    )
  })

  it('do not retrieve them when only their ids count', async () => {
    const { simulator } = gateway
    const content = simulator.objects
      .find({ type: 'ServiceInstance', value: 'ServiceInstance' })!
      .get('content') as DataObject<'ServiceContent'>
    const id = encodeManagedObjectId(
      content.about.instanceUuid as string,
      simulator.inventory.machine('web-01').host,
    )
    for (const host of ['{ id: { eq: $id } }', '{ not: { id: { in: [$id] } } }', '{}']) {
      const query = `{ virtualMachines(first: 3, filter: { host: ${host} }) { nodes { name } } }`
      const calls = await requested(query.replace('$id', JSON.stringify(id)))
      expect(calls).toContain('VirtualMachine: name, runtime.host\n')
      expect(calls).not.toContain('HostSystem')
    }
  })

  it('on heavy properties of other objects are evaluated last', async () => {
    const filter = `${light} host: { virtualMachines: { some: { ${heavy} } } }`
    const calls = await requested(`{ virtualMachines(first: 3, filter: { ${filter} }) { nodes { name } } }`)
    expect(retrievals(calls)).toBe(2)
    expect(calls.indexOf('config.hardware.device')).toBeGreaterThan(calls.lastIndexOf('RetrievePropertiesEx'))
  })
})

describe('nested connections', () => {
  it('share one heavy retrieval for all parents', async () => {
    const query = `{ hosts(first: 3) { nodes { name virtualMachines(first: 2, filter: { ${light} ${heavy} }) { nodes { cpuCount } } } } }`
    for (const _ of [1, 2]) {
      const calls = await requested(query)
      expect(calls.match(/config\.hardware\.device/g)).toHaveLength(1)
      expect(retrievals(calls)).toBeLessThanOrEqual(4)
    }
  })
})

describe('totalCount, aggregate, groups and the page', () => {
  it('share one scan', async () => {
    const query = `{ virtualMachines(first: 3, filter: { ${light} }) {
      totalCount nodes { name } aggregate { memory { sum } storageCommitted { max } }
      byHost: groups(by: [HOST]) { key { host { name } } count aggregate { cpuCount { sum } } }
      byState: groups(by: [TEMPLATE, FOLDER]) { key { template folder { moid } } count }
    } }`
    const calls = await requested(query)
    expect(retrievals(calls)).toBe(1)
  })

  it('read the objects of the page once more only for fields that the scan does not have', async () => {
    const query = `{ virtualMachines(first: 3) { aggregate { memory { sum } } nodes { memory annotation } } }`
    const calls = await requested(query)
    expect(retrievals(calls)).toBe(2)
    expect(calls.match(/config\.hardware\.memoryMB/g)).toHaveLength(1)
  })

  it('describe all objects on a later page too, with a scan of their own', async () => {
    const query = (after: string) => `{ virtualMachines(first: 3, filter: { ${light} } ${after}) {
      pageInfo { endCursor } totalCount aggregate { cpuCount { sum } } groups(by: [POWER_STATE]) { count } nodes { name } } }`
    const first = (await gateway.execute(query(''))).data.virtualMachines
    const after = `after: "${first.pageInfo.endCursor}"`
    const later = (await gateway.execute(query(after))).data.virtualMachines
    expect(later.nodes).not.toEqual(first.nodes)
    for (const field of ['totalCount', 'aggregate', 'groups']) expect(later[field]).toEqual(first[field])
    expect(retrievals(await requested(query(after)))).toBe(1)
  })

  it('read heavy properties only of the objects that match', async () => {
    const calls = await requested(
      '{ virtualMachines(first: 2, filter: { name: { eq: "web-01" } }) { groups(by: [CHANGE_TRACKING_ACTIVE]) { count } } }',
    )
    expect(retrievals(calls)).toBe(2)
    expect(calls.indexOf('config.hardware.device')).toBeGreaterThan(calls.lastIndexOf('RetrievePropertiesEx'))
  })
})

describe('the estimate of a heavy retrieval', () => {
  const query = (filter: string) => `{ virtualMachines(first: 3, filter: { ${filter} }) { nodes { name } } }`

  it('rejects it before it is sent, with a remedy', async () => {
    const own = startGateway({ vms: 40, limits: { vcenterResponseBytes: 100_000 } })
    gateways.push(own)
    const { calls } = own.simulator
    const error = await errorOf(own, query(`${light} ${heavy}`))
    expect(error).toMatchObject({
      message: expect.stringMatching(/^the filter, order or statistics would read about \d+,\d+ bytes/),
      extensions: {
        code: 'QUERY_TOO_COMPLEX',
        limit: 100_000,
        remedy: expect.stringContaining('Add a condition on name, powerState, host'),
      },
    })
    expect(calls.filter(({ method }) => method === 'RetrievePropertiesEx')).toHaveLength(1)
    expect((await own.execute(query(`name: { glob: "web-*" } ${heavy}`))).errors).toBeUndefined()
  })

  it('adds up over the parents of nested connections', async () => {
    const own = startGateway({ vms: 40, limits: { vcenterResponseBytes: 100_000 } })
    gateways.push(own)
    const error = await errorOf(
      own,
      `{ hosts(first: 100) { nodes { virtualMachines(first: 1, filter: { ${light} ${heavy} }) { nodes { name } } } } }`,
    )
    expect(error).toMatchObject({
      message: expect.stringContaining('would read about'),
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    })
  })
})

describe('the trace', () => {
  it('shows the heavy retrieval', async () => {
    const traced = async (filter: string) => {
      const query = `{ virtualMachines(first: 3, filter: { ${filter} }) { nodes { cpuCount } } }`
      const { extensions } = await gateway.execute(query, {}, { 'x-vsphere-trace': '1' })
      return (extensions as { vsphere: { retrievals: number } }).vsphere.retrievals
    }
    expect([await traced(light), await traced(`${light} ${heavy}`)]).toEqual([2, 3])
  })
})
