// Conditions on tags: the objects are found by the tags, whatever their number, and are unknown when the vAPI fails.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

let gateway: TestGateway

beforeAll(() => {
  gateway = startGateway()
})

afterAll(() => gateway.close())

beforeEach(() => {
  gateway.simulator.rest.calls.length = 0
})

async function names(filter: string): Promise<string[]> {
  const { data, errors } = await gateway.execute(
    `{ virtualMachines(filter: ${filter}) { totalCount nodes { name } coverage { isComplete undecidedCount } } }`,
  )
  expect(errors).toBeUndefined()
  const { nodes, totalCount, coverage } = data.virtualMachines
  expect(coverage).toEqual([{ isComplete: true, undecidedCount: 0 }])
  expect(totalCount).toBe(nodes.length)
  return nodes.map(({ name }: { name: string }) => name)
}

describe('a condition on tags', () => {
  it('selects objects by category and name', async () => {
    expect(
      await names('{ tags: { some: { category: { name: { eq: "backup" } }, name: { eq: "daily" } } } }'),
    ).toEqual(['db-01', 'erp-01', 'web-01'])
    expect(await names('{ tags: { some: { category: { name: { eq: "backup" } } } } }')).toEqual([
      'db-01',
      'erp-01',
      'file-01',
      'web-01',
    ])
  })

  it('has the quantifiers of a list', async () => {
    const all = await names('{}')
    const some = await names('{ tags: { some: {} } }')
    expect(await names('{ tags: { none: {} } }')).toEqual(all.filter((name) => !some.includes(name)))
    const backup = await names('{ tags: { some: { category: { name: { eq: "backup" } } } } }')
    const withoutBackup = await names('{ tags: { none: { category: { name: { eq: "backup" } } } } }')
    expect([...backup, ...withoutBackup].sort()).toEqual([...all].sort())
    // A machine without tags meets every condition on all of its tags.
    expect(await names('{ tags: { every: { category: { name: { eq: "environment" } } } } }')).toEqual(
      all.filter((name) => !['db-01', 'erp-01', 'file-01', 'web-01', 'web-02'].includes(name)),
    )
    expect(await names('{ tags: { some: {}, none: { name: { eq: "production" } } } }')).toEqual(
      some.filter((name) => !['db-01', 'erp-01', 'file-01', 'san-01', 'web-01', 'web-02'].includes(name)),
    )
    expect(await names('{ tags: {} }')).toEqual(all)
    expect(await names('{ not: { tags: { some: {} } } }')).toEqual(await names('{ tags: { none: {} } }'))
    expect(await names('{ tags: { some: { name: { eq: "absent" } } } }')).toEqual([])
  })

  it('combines with other conditions, light, heavy and of other objects', async () => {
    const daily = 'tags: { some: { name: { eq: "daily" } } }'
    expect(await names(`{ ${daily}, name: { glob: "web*" } }`)).toEqual(['web-01'])
    expect(await names(`{ or: [{ ${daily} }, { name: { eq: "007" } }] }`)).toEqual([
      '007',
      'db-01',
      'erp-01',
      'web-01',
    ])
    expect(await names(`{ ${daily}, disks: { some: { capacity: { gt: "200000000000" } } } }`)).toEqual([
      'db-01',
    ])
    expect(await names(`{ ${daily}, host: { tags: { some: { name: { eq: "production" } } } } }`)).toEqual([
      'db-01',
      'erp-01',
      'web-01',
    ])
    expect(await names('{ host: { tags: { none: { name: { eq: "production" } } } } }')).toEqual([])
  })

  it('takes one call for the objects, one for the list of tags, and none when definitions are known', async () => {
    const filter = '{ tags: { some: { name: { eq: "daily" } } } }'
    await names(filter)
    gateway.simulator.rest.calls.length = 0
    gateway.simulator.calls.length = 0
    await names(filter)
    expect(gateway.simulator.rest.calls.map(({ path }) => path)).toEqual([
      '/api/cis/tagging/tag',
      '/api/cis/tagging/tag-association?action=list-attached-objects-on-tags',
    ])
    expect(gateway.simulator.calls.map(({ method }) => method)).toEqual(['RetrievePropertiesEx'])
  })

  it('sends no call for the objects when no tag meets it', async () => {
    await names('{ tags: { some: { name: { eq: "absent" } } } }')
    expect(gateway.simulator.rest.calls.filter(({ path }) => path.includes('association'))).toEqual([])
  })

  it('works on other types, nested connections and lists', async () => {
    const { data, errors } = await gateway.execute(`{
      hosts(filter: { tags: { some: { name: { eq: "production" } } } }) { totalCount }
      datastores(filter: { tags: { none: { name: { eq: "shop" } } } }) { totalCount }
      folders(filter: { tags: { some: {} } }) { totalCount }
      host: hosts(first: 1) { nodes { virtualMachines(filter: { tags: { some: { name: { eq: "daily" } } } }) { totalCount nodes { tags { name } } } } }
      snapshots(filter: { virtualMachine: { tags: { some: { name: { eq: "daily" } } } } }) { nodes { virtualMachine { name } } }
      networkAdapters: virtualMachine(by: { name: "web-01" }) { networkAdapters(filter: { network: { tags: { none: {} } } }) { label } }
    }`)
    expect(errors).toBeUndefined()
    expect(data.hosts.totalCount).toBe(4)
    expect(data.datastores.totalCount).toBe(0)
    expect(data.folders.totalCount).toBe(0)
    for (const { tags } of data.host.nodes[0].virtualMachines.nodes)
      expect(tags).toContainEqual({ name: 'daily' })
    const owners = data.snapshots.nodes.map(
      (each: { virtualMachine: { name: string } }) => each.virtualMachine.name,
    )
    expect([...new Set(owners)].sort()).toEqual(['db-01', 'erp-01', 'web-01'])
    expect(data.networkAdapters.networkAdapters).toHaveLength(1)
  })

  it('pages, and continues a page', async () => {
    const query = `query ($after: String) { virtualMachines(first: 2, after: $after, filter: { tags: { some: { category: { name: { eq: "backup" } } } } }) { nodes { name } pageInfo { endCursor hasNextPage } } }`
    const first = await gateway.execute(query)
    expect(first.data.virtualMachines.nodes).toEqual([{ name: 'db-01' }, { name: 'erp-01' }])
    const second = await gateway.execute(query, { after: first.data.virtualMachines.pageInfo.endCursor })
    expect(second.data.virtualMachines).toMatchObject({
      nodes: [{ name: 'file-01' }, { name: 'web-01' }],
      pageInfo: { hasNextPage: false },
    })
  })

  it('is rejected in the filter of a subscription', async () => {
    const response = await gateway.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({
        query:
          'subscription { inventoryChanges(filter: { virtualMachine: { tags: { some: {} } } }) { initial } }',
      }),
    })
    expect(await response.text()).toContain('vCenter does not report when a tag is attached or detached')
  })
})

describe('a condition on tags while the vAPI fails', () => {
  let undo = () => {}
  beforeEach(() => {
    undo = gateway.simulator.rest.inject({ status: 503 }, /tagging/, Number.POSITIVE_INFINITY)
  })
  afterEach(() => undo())

  it('makes the connection null with the error, also a nested one, and nothing else', async () => {
    const { data, errors } = await gateway.execute(`{
      virtualMachines(filter: { tags: { none: { name: { eq: "daily" } } } }) { nodes { name } }
      or: virtualMachines(filter: { or: [{ tags: { some: {} } }, { name: { eq: "007" } }] }) { totalCount }
      hosts(first: 1) {
        totalCount
        nodes { name virtualMachines(filter: { tags: { some: {} } }) { totalCount } }
      }
    }`)
    expect(data.virtualMachines).toBeNull()
    expect(data.or).toBeNull()
    expect(data.hosts).toEqual({
      totalCount: 4,
      nodes: [{ name: expect.any(String), virtualMachines: null }],
    })
    expect(errors?.map(({ extensions }) => extensions.code)).toContain('VCENTER_UNAVAILABLE')
  })

  it('fails a list, which has no coverage', async () => {
    const { errors } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-01" }) { networkAdapters(filter: { network: { tags: { none: {} } } }) { label } } }',
    )
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'VCENTER_UNAVAILABLE' })
  })

  it('is evaluated again afterwards, also on a further page', async () => {
    const query = `query ($after: String) { virtualMachines(first: 1, after: $after, filter: { or: [{ tags: { some: { name: { eq: "daily" } } } }, { name: { glob: "*-01" } }] }) { nodes { name } pageInfo { endCursor } } }`
    undo()
    const first = await gateway.execute(query)
    const after = first.data.virtualMachines.pageInfo.endCursor
    undo = gateway.simulator.rest.inject({ status: 503 }, /tagging/, Number.POSITIVE_INFINITY)
    expect((await gateway.execute(query, { after })).data.virtualMachines).toBeNull()
    undo()
    const second = await gateway.execute(query, { after })
    expect(second.data.virtualMachines.nodes).toHaveLength(1)
  })
})
