// Tests the retrievals that filters cost: light conditions are part of the scan, and heavy properties are read only of the objects that
// these leave undecided.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../../src/schema/core/nodes/ids.ts'
import type { DataObject } from '../../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { useUpTimeSlices } from '../../../time-slices.ts'
import { execute } from '../../call-budget.ts'
import { callsOf, retrievalsIn } from './select.ts'

let gateway: TestGateway

beforeAll(async () => {
  gateway = startGateway({ vms: 40 })
  // Logs in, and creates the views.
  await gateway.execute('{ virtualMachines { totalCount } hosts { totalCount } snapshots { totalCount } }')
})
afterAll(() => gateway.close())

const light = 'powerState: { eq: POWERED_ON }'
const heavy = 'disks: { some: { capacity: { gt: 1000 } } }'

const requested = (query: string) => callsOf(gateway, query)
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
    expect(retrievalsIn(calls)).toBe(1)
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
    expect(retrievalsIn(await requested(query))).toBe(1)
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
    expect(retrievalsIn(calls)).toBe(2)
    expect(calls.indexOf('config.hardware.device')).toBeGreaterThan(calls.lastIndexOf('RetrievePropertiesEx'))
  })
})

describe('nested connections', () => {
  it.each([
    ['', undefined],
    [', also if each is filtered in a turn of the event loop of its own', 1],
    [', also if they are filtered in several turns of the event loop', 4],
  ])('share one heavy retrieval for all parents%s', async (_, every) => {
    if (every) useUpTimeSlices(every)
    const query = `{ hosts(first: 3) { nodes { name virtualMachines(first: 2, filter: { ${light} ${heavy} }) { nodes { cpuCount } } } } }`
    for (const _ of [1, 2]) {
      const calls = await requested(query)
      expect(calls.match(/config\.hardware\.device/g)).toHaveLength(1)
      expect(retrievalsIn(calls)).toBeLessThanOrEqual(4)
    }
  })
})
