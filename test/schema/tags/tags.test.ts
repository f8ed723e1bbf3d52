// Tags of objects, the root fields of tags and categories, and their calls.

import { afterEach, describe, expect, it } from 'vitest'
import type { Transport } from '../../../src/transport/transport.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { createTestClock } from '../../vapi/test-clock.ts'

let gateway: TestGateway | undefined

afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

function start(options: Parameters<typeof startGateway>[0] = {}): TestGateway {
  gateway = startGateway(options)
  return gateway
}

const restCalls = ({ simulator }: TestGateway): string[] =>
  simulator.rest.calls.map(({ method, path }) =>
    `${method} ${path}`.replace(/urn:vmomi:InventoryService(\w+):[-0-9a-f]+:GLOBAL/, '<$1>'),
  )

const tagsOfVms = '{ virtualMachines(first: 1000) { nodes { name tags { name category { name } } } } }'

/** The service content of an ESXi host. */
const asEsxiHost = (transport: Transport): Transport => ({
  ...transport,
  async send(request) {
    const response = await transport.send(request)
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString().replace('<apiType>VirtualCenter<', '<apiType>HostAgent<')
    return {
      ...response,
      body: (async function* () {
        yield Buffer.from(text)
      })(),
    }
  },
})

const html = '<html><h1>503 Service Unavailable</h1></html>'

describe('the tags of objects', () => {
  it('are sorted by category and name', async () => {
    const { data, errors } = await start().execute(
      '{ virtualMachine(by: { name: "db-01" }) { tags { name description category { name cardinality associableTypes } vcenter { name } } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.virtualMachine.tags).toEqual([
      {
        name: 'daily',
        description: 'Every night',
        category: { name: 'backup', cardinality: 'SINGLE', associableTypes: ['VirtualMachine'] },
        vcenter: { name: 'test' },
      },
      expect.objectContaining({ name: 'production' }),
      expect.objectContaining({ name: 'finance' }),
      expect.objectContaining({
        name: 'shop',
        category: { name: 'owner', cardinality: 'MULTIPLE', associableTypes: [] },
      }),
    ])
  })

  it('are read of every type, and empty where there are none', async () => {
    const { data, errors } = await start().execute(`{
      hosts { nodes { tags { name } } }
      datastores(first: 1) { nodes { tags { name } } }
      folders(first: 1) { nodes { tags { name } } }
      virtualMachine(by: { name: "007" }) { tags { name } host { tags { name } } }
    }`)
    expect(errors).toBeUndefined()
    expect(data.hosts.nodes[0].tags).toEqual([{ name: 'production' }])
    expect(data.datastores.nodes[0].tags).toEqual([{ name: 'shop' }])
    expect(data.folders.nodes[0].tags).toEqual([])
    expect(data.virtualMachine).toEqual({ tags: [], host: { tags: [{ name: 'production' }] } })
  })

  it.each([12, 400])('of %s virtual machines take one call, and one for each definition', async (vms) => {
    const begun = start({ vms, limits: { vcenterResponseBytes: 256 * 1024 * 1024 } })
    const { data, errors } = await begun.execute(tagsOfVms)
    expect(errors).toBeUndefined()
    expect(data.virtualMachines.nodes).toHaveLength(vms)
    const calls = restCalls(begun)
    expect(calls.filter((call) => call.includes('tag-association'))).toEqual([
      'POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects',
    ])
    expect(calls.filter((call) => call.includes('<Tag>'))).toHaveLength(6)
    expect(calls).toHaveLength(1 + 1 + 6 + 3)
    begun.simulator.rest.calls.length = 0
    await begun.execute(tagsOfVms)
    expect(restCalls(begun)).toEqual([
      'POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects',
    ])
  })

  it('are not read unless they are selected, and the session ends with the gateway', async () => {
    const begun = start()
    const { simulator } = begun
    await begun.execute('{ virtualMachines { nodes { name } } }')
    expect(simulator.rest.calls).toEqual([])
    await begun.execute(tagsOfVms)
    expect(simulator.live.restSessions).toBe(1)
    await begun.close()
    expect(simulator.rest.calls.at(-1)).toEqual({ method: 'DELETE', path: '/api/session' })
  })

  it('show a change of another client at once, and a new name after a minute', async () => {
    const vapiClock = createTestClock()
    const begun = start({ vapiClock })
    const { store } = begun.simulator.rest
    const web = begun.simulator.inventory.vm('web-01').ref
    const names = async () => {
      const { data } = await begun.execute('{ virtualMachine(by: { name: "web-01" }) { tags { name } } }')
      return data.virtualMachine.tags.map(({ name }: { name: string }) => name)
    }
    expect(await names()).toEqual(['daily', 'production', 'shop'])
    store.detach(store.find('backup', 'daily').id, web)
    expect(await names()).toEqual(['production', 'shop'])
    store.find('owner', 'shop').name = 'store'
    expect(await names()).toEqual(['production', 'shop'])
    vapiClock.advance(60_000)
    expect(await names()).toEqual(['production', 'store'])
  })

  it.each([
    [
      'the endpoint is down',
      { status: 503, body: html, contentType: 'text/html' },
      'VCENTER_UNAVAILABLE',
      true,
    ],
    ['a proxy responds', { status: 200, body: html, contentType: 'text/html' }, 'VSPHERE_FAULT', true],
    ['the account may not', { status: 403 }, 'FORBIDDEN', false],
    ['the connection drops', { status: 200, drop: 'midBody' }, 'VCENTER_UNAVAILABLE', true],
  ] as const)('cost only themselves when %s', async (_case, reply, code, retryable) => {
    const begun = start()
    begun.simulator.rest.inject(reply, /tag-association/)
    const { data, errors } = await begun.execute(tagsOfVms)
    const { nodes } = data.virtualMachines
    expect(nodes.length).toBeGreaterThan(10)
    expect(nodes.every(({ name, tags }: { name: string; tags: unknown }) => name && tags === null)).toBe(true)
    // One error, which counts the fields.
    expect(errors).toHaveLength(1)
    expect(errors?.[0]?.extensions).toMatchObject({ code, count: nodes.length })
    expect(Boolean(errors?.[0]?.extensions?.retryable)).toBe(retryable)
    const next = await begun.execute(tagsOfVms)
    expect(next.errors).toBeUndefined()
  })

  it('cost only themselves when the vCenter has no vAPI', async () => {
    const begun = start()
    begun.simulator.rest.generations.clear()
    const { data, errors } = await begun.execute(`{ tags { nodes { name } } hosts { nodes { name } } }`)
    expect(data.tags).toBeNull()
    expect(data.hosts.nodes).toHaveLength(4)
    expect(errors).toMatchObject([
      {
        path: ['tags'],
        message: expect.stringContaining('has no vAPI'),
        extensions: { code: 'VCENTER_UNAVAILABLE' },
      },
    ])
    expect(begun.lines.filter((line) => line.includes('tags are not available'))).toHaveLength(1)
  })

  it('are empty on an ESXi host, which has no vAPI', async () => {
    const begun = start({ wrap: asEsxiHost })
    const { data, errors } = await begun.execute(`{
      hosts(first: 1) { nodes { tags { name } } }
      tags { totalCount }
      tagCategories { totalCount }
      virtualMachines(filter: { tags: { some: {} } }) { totalCount coverage { isComplete } }
    }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      hosts: { nodes: [{ tags: [] }] },
      tags: { totalCount: 0 },
      tagCategories: { totalCount: 0 },
      virtualMachines: { totalCount: 0, coverage: [{ isComplete: true }] },
    })
    expect(begun.simulator.rest.calls).toEqual([])
  })

  it('cannot be attached on an ESXi host', async () => {
    const begun = start({ wrap: asEsxiHost })
    const { data } = await begun.execute('{ hosts(first: 1) { nodes { id } } }')
    const [{ id } = {}] = (data as { hosts: { nodes: { id?: string }[] } }).hosts.nodes
    const { errors } = await begun.execute(
      'mutation ($id: ID!) { attachTag(input: { tag: { name: { category: "backup", name: "daily" } }, entities: [$id] }) { results { entityId } } }',
      { id },
    )
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_SUPPORTED', remedy: expect.any(String) } }])
    expect(begun.simulator.rest.calls).toEqual([])
  })

  it('appear in the trace and the log of the operation', async () => {
    const begun = start()
    const response = await begun.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-vsphere-trace': '1' },
      body: JSON.stringify({ query: tagsOfVms }),
    })
    expect(await response.text()).toContain('list-attached-tags-on-objects')
  })
})

describe('the root fields', () => {
  it('list tags and categories by name, in pages, with a filter', async () => {
    const begun = start()
    const { data, errors } = await begun.execute(`{
      tags(first: 2) { totalCount nodes { name } pageInfo { hasNextPage endCursor } coverage { vcenter isComplete } }
      owner: tags(filter: { category: { name: { eq: "owner" } } }) { nodes { name category { name } } }
      other: tags(filter: { not: { name: { in: ["shop", "daily"] } }, category: { name: { ne: "environment" } } }) { nodes { name } }
      tagCategories { totalCount nodes { name description cardinality tags { name } vcenter { name } } }
      backup: tagCategories(filter: { name: { glob: "BACK*" } }) { nodes { name } }
    }`)
    expect(errors).toBeUndefined()
    expect(data.tags).toMatchObject({
      totalCount: 6,
      nodes: [{ name: 'daily' }, { name: 'finance' }],
      coverage: [{ vcenter: 'test', isComplete: true }],
    })
    expect(data.owner.nodes).toEqual([
      { name: 'finance', category: { name: 'owner' } },
      { name: 'shop', category: { name: 'owner' } },
    ])
    expect(data.other.nodes).toEqual([{ name: 'finance' }, { name: 'weekly' }])
    expect(data.tagCategories.totalCount).toBe(3)
    expect(data.tagCategories.nodes[0]).toEqual({
      name: 'backup',
      description: 'How often a virtual machine is backed up',
      cardinality: 'SINGLE',
      tags: [{ name: 'daily' }, { name: 'weekly' }],
      vcenter: { name: 'test' },
    })
    expect(data.backup.nodes).toEqual([{ name: 'backup' }])
    const next = await begun.execute(
      'query ($after: String) { tags(first: 9, after: $after) { nodes { name } pageInfo { hasNextPage } } }',
      {
        after: data.tags.pageInfo.endCursor,
      },
    )
    expect(next.data.tags).toEqual({
      nodes: ['production', 'shop', 'test', 'weekly'].map((name) => ({ name })),
      pageInfo: { hasNextPage: false },
    })
    const wrong = await begun.execute(
      'query ($after: String) { tags(after: $after, filter: { name: { eq: "a" } }) { nodes { name } } }',
      {
        after: data.tags.pageInfo.endCursor,
      },
    )
    expect(wrong.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('select a tag by its id, and reject the id of another type', async () => {
    const begun = start()
    const { data } = await begun.execute(
      '{ tags { nodes { id name category { id } } } hosts { nodes { id } } }',
    )
    const [{ id, category }] = data.tags.nodes
    const query = `query ($id: ID!, $category: ID!) {
      tags(filter: { id: { eq: $id } }) { nodes { name } }
      byCategory: tags(filter: { category: { id: { eq: $category } } }) { nodes { name } }
    }`
    const byId = await begun.execute(query, { id, category: category.id })
    expect(byId.data).toEqual({
      tags: { nodes: [{ name: 'daily' }] },
      byCategory: { nodes: [{ name: 'daily' }, { name: 'weekly' }] },
    })
    const wrong = await begun.execute(query, { id: data.hosts.nodes[0].id, category: category.id })
    expect(wrong.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('cost only themselves among other nodes while the vAPI fails', async () => {
    const vapiClock = createTestClock()
    const begun = start({ vapiClock })
    const { data } = await begun.execute(
      '{ tags(first: 1) { nodes { id } } hosts(first: 1) { nodes { id } } }',
    )
    vapiClock.advance(60_000)
    begun.simulator.rest.inject({ status: 503 }, /tagging/, 9)
    const ids = [data.tags.nodes[0].id, data.hosts.nodes[0].id]
    const loaded = await begun.execute('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }', { ids })
    expect(loaded.data.nodes).toEqual([null, { __typename: 'HostSystem' }])
    expect(loaded.errors).toMatchObject([{ path: ['nodes', 0], extensions: { code: 'VCENTER_UNAVAILABLE' } }])
  })

  it('report a tag that no longer exists as NOT_FOUND', async () => {
    const vapiClock = createTestClock()
    const begun = start({ vapiClock })
    const { store } = begun.simulator.rest
    const { data } = await begun.execute('{ tags(first: 1) { nodes { id } } }')
    store.removeTag(store.find('backup', 'daily').id)
    vapiClock.advance(60_000)
    const node = await begun.execute('query ($id: ID!) { node(id: $id) { ... on Tag { name } } }', {
      id: data.tags.nodes[0].id,
    })
    expect(node.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' })
  })
})
