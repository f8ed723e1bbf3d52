// Tests operations that select the same objects in several places: each place gets its own selection,
// independent of the others.

import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { startGateway } from '../../test-gateway.ts'

const gateway = startGateway()
afterAll(() => gateway.close())

const data = async (query: string) => {
  const { data, errors } = await gateway.execute(query)
  expect(errors).toBeUndefined()
  return data
}

describe('the same connection under two root fields', () => {
  it('is counted in one and listed in the other', async () => {
    const { a, b } = await data(`{
      a: datacenter(by: { name: "Frankfurt" }) { virtualMachines { totalCount } }
      b: datacenter(by: { name: "Frankfurt" }) { virtualMachines { totalCount nodes { name powerState } } }
    }`)
    expect(b.virtualMachines.nodes).toHaveLength(a.virtualMachines.totalCount)
    expect(b.virtualMachines.nodes[0]).toEqual({ name: '007', powerState: 'POWERED_ON' })
  })

  it('returns what each of them selects, in any combination and order', async () => {
    const parts = [
      'totalCount',
      'nodes { name }',
      'nodes { powerState }',
      'edges { cursor node { memory } }',
      'pageInfo { hasNextPage endCursor }',
    ]
    const selection = fc.subarray(parts, { minLength: 1 }).map((chosen) => chosen.join(' '))
    const field = fc.record({
      datacenter: fc.constantFrom('Frankfurt', 'Oregon'),
      first: fc.constantFrom(2, 50),
      selection,
    })
    const text = ({
      datacenter,
      first,
      selection: of,
    }: {
      datacenter: string
      first: number
      selection: string
    }) => `datacenter(by: { name: "${datacenter}" }) { virtualMachines(first: ${first}) { ${of} } }`
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 2, maxLength: 4 }), async (fields) => {
        const together = await data(
          `{ ${fields.map((each, index) => `f${index}: ${text(each)}`).join('\n')} }`,
        )
        for (const [index, each] of fields.entries()) {
          const alone = await data(`{ it: ${text(each)} }`)
          expect(together[`f${index}`]).toEqual(alone.it)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('a snapshot that is queried by its id', () => {
  it('has the disks of the snapshots above and below it', async () => {
    const { virtualMachine } = await data(
      '{ virtualMachine(by: { name: "erp-01" }) { snapshots { id path disks { label } } } }',
    )
    const { snapshots } = virtualMachine
    const below = snapshots.find(({ path }: { path: string }) => path === 'base/after-patch')
    const { node } = await data(
      `{ node(id: "${below.id}") { ... on Snapshot { parent { path disks { label } children { path disks { label } } } children { disk(by: { key: 2000 }) { label } } } } }`,
    )
    expect(node.parent).toMatchObject({ path: 'base', disks: snapshots[0].disks })
    for (const child of node.parent.children) expect(child.disks).toHaveLength(2)
    expect(node.children[0].disk.label).toBe('Hard disk 1')
  })
})

describe('a circular selection', () => {
  const circle = (times: number): string =>
    times === 0 ? 'name' : `snapshots { virtualMachine { ${circle(times - 1)} } }`

  it('is allowed for a few rounds, and rejected before it multiplies', async () => {
    await data(`{ virtualMachines(first: 50) { nodes { ${circle(3)} } } }`)
    gateway.simulator.calls.length = 0
    const { errors } = await gateway.execute(`{ virtualMachines(first: 50) { nodes { ${circle(11)} } } }`)
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
      actual: 7,
      limit: 6,
      remedy: expect.any(String),
    })
    expect(gateway.simulator.calls).toEqual([])
  })

  it('may follow the snapshot tree to its full depth', async () => {
    const deep = (levels: number): string => (levels === 0 ? 'name' : `name children { ${deep(levels - 1)} }`)
    await data(`{ virtualMachine(by: { name: "erp-01" }) { rootSnapshots { ${deep(32)} } } }`)
  })
})

it('rejects thousands of aliases before the whole query is parsed', async () => {
  const { errors } = await gateway.execute(
    `{ ${Array.from({ length: 10_000 }, (_, index) => `a${index}: vcenters { name }`).join(' ')} }`,
  )
  expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
})

describe('an id that no vCenter has created', () => {
  it.each(['vm-\u0001', '', '\ud800', 'x'.repeat(300)])('is rejected at its own field: %j', async (moid) => {
    const { node } = await data('{ node: virtualMachine(by: { name: "web-01" }) { id } }')
    const identity = gateway.simulator.objects
      .find({ type: 'ServiceInstance', value: 'ServiceInstance' })
      ?.get('content') as { about: { instanceUuid: string } }
    const forged = encodeManagedObjectId(identity.about.instanceUuid, { type: 'VirtualMachine', value: moid })
    const result = await gateway.execute('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: [forged, node.id],
    })
    expect(result.data.nodes).toEqual([null, { id: node.id }])
    expect(result.errors).toMatchObject([{ path: ['nodes', 0], extensions: { code: 'BAD_USER_INPUT' } }])
  })

  it.each(['constructor', '__proto__', 'toString'])('is rejected with the type %s', async (type) => {
    const id = encodeManagedObjectId('x', { type, value: 'vm-1' })
    const { errors } = await gateway.execute('query ($id: ID!) { node(id: $id) { id } }', { id })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})
