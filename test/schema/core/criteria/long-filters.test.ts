// Tests that a long filter costs no more for many connections and objects than for one.

import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'

let gateway: TestGateway

beforeAll(() => {
  gateway = startGateway({ vms: 400 })
})
afterAll(() => gateway.close())

const length = 1_500
const names = Array.from({ length }, (_, index) => `a-name-that-is-long-${index}`)

it('writes the filter of a nested connection as text once, not for each object', async () => {
  const aliases = Array.from(
    { length: 20 },
    (_, index) => `a${index}: virtualMachines(first: ${index + 1}, filter: $filter) { totalCount }`,
  )
  const query = `query ($filter: VirtualMachineFilter!) { datastores { nodes { ${aliases.join(' ')} } } }`
  const filter = { name: { in: names } }
  const stringify = vi.spyOn(JSON, 'stringify')
  const { data, errors } = await gateway.execute(query, { filter })
  const isLong = ({ type, value }: { type: string; value?: unknown }) =>
    type === 'return' && typeof value === 'string' && value.includes(names.at(-1) as string)
  const long = stringify.mock.results.filter(isLong)
  stringify.mockRestore()
  expect(errors).toBeUndefined()
  expect(data.datastores.nodes.length).toBeGreaterThan(3)
  // The request of this test, the key of the connections, and the digest in their cursors.
  expect(long).toHaveLength(3)
})

it('matches the objects of a long list of ids, in which some occur several times', async () => {
  const { data: all } = await gateway.execute('{ virtualMachines(first: 300) { nodes { id name } } }')
  const ids = all.virtualMachines.nodes.map(({ id }: { id: string }) => id)
  const list = Array.from({ length }, (_, index) => ids[index % ids.length])
  const query = `query ($ids: [ID!]!, $one: ID!) {
    inList: virtualMachines(filter: { id: { in: $ids } }) { totalCount }
    both: virtualMachines(filter: { id: { in: $ids, eq: $one } }) { nodes { id } }
    neither: virtualMachines(filter: { id: { in: [], eq: $one } }) { totalCount }
  }`
  const { data } = await gateway.execute(query, { ids: list, one: ids[7] })
  expect(data).toEqual({
    inList: { totalCount: 300 },
    both: { nodes: [{ id: ids[7] }] },
    neither: { totalCount: 0 },
  })
})

it('rejects a null operand, also beside a connection without the operator', async () => {
  const query = `{ hosts(first: 1) { nodes {
    valid: virtualMachines(filter: { name: {} }) { totalCount }
    invalid: virtualMachines(filter: { name: { eq: null } }) { totalCount }
  } } }`
  const { data, errors } = await gateway.execute(query)
  expect(data.hosts.nodes[0]).toMatchObject({ valid: { totalCount: expect.any(Number) }, invalid: null })
  expect(errors?.[0]?.message).toMatch(/the operand of name.eq is null/)
})
