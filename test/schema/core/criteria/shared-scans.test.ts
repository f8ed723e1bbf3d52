// Tests that one scan serves everything that a connection selects, and that heavy retrievals are estimated before they are sent.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { callsOf, errorOf, retrievalsIn } from './select.ts'

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

const requested = (query: string) => callsOf(gateway, query)

describe('totalCount, aggregate, groups and the page', () => {
  it('share one scan', async () => {
    const query = `{ virtualMachines(first: 3, filter: { ${light} }) {
      totalCount nodes { name } aggregate { memory { sum } storageCommitted { max } }
      byHost: groups(by: [HOST]) { key { host { name } } count aggregate { cpuCount { sum } } }
      byState: groups(by: [TEMPLATE, FOLDER]) { key { template folder { moid } } count }
    } }`
    const calls = await requested(query)
    expect(retrievalsIn(calls)).toBe(1)
  })

  it('read the objects of the page once more only for fields that the scan does not have', async () => {
    const query = `{ virtualMachines(first: 3) { aggregate { memory { sum } } nodes { memory annotation } } }`
    const calls = await requested(query)
    expect(retrievalsIn(calls)).toBe(2)
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
    expect(retrievalsIn(await requested(query(after)))).toBe(1)
  })

  it('read heavy properties only of the objects that match', async () => {
    const calls = await requested(
      '{ virtualMachines(first: 2, filter: { name: { eq: "web-01" } }) { groups(by: [CHANGE_TRACKING_ACTIVE]) { count } } }',
    )
    expect(retrievalsIn(calls)).toBe(2)
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
