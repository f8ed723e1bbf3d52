// Hides the schema: no introspection, and no field suggestions in errors.

import { getIntrospectionQuery } from 'graphql'
import { afterAll, describe, expect, it } from 'vitest'
import { startGateway } from '../../../test-gateway.ts'

const open = startGateway()
const closed = startGateway({ introspection: false })
afterAll(async () => {
  await open.close()
  await closed.close()
})

it.each([
  getIntrospectionQuery(),
  '{ __type(name: "Query") { name } }',
  '{ ...F } fragment F on Query { a: __schema { types { name } } }',
])('rejects introspection: %#', async (query) => {
  expect((await open.execute(query)).errors).toBeUndefined()
  const { data, errors } = await closed.execute(query)
  expect(data).toBeUndefined()
  expect(errors).toMatchObject([
    {
      message: 'introspection is disabled',
      extensions: { code: 'FORBIDDEN', remedy: expect.any(String) },
    },
  ])
  expect(JSON.stringify(errors)).not.toContain('vcenters')
})

it('allows __typename', async () => {
  expect(await closed.execute('{ vcenters { __typename } }')).toEqual({
    data: { vcenters: [{ __typename: 'VCenter' }] },
  })
})

describe('a wrong name', () => {
  it.each<[string, string, Record<string, unknown>?]>([
    ['a field', '{ virtualMachine { name } vcenter { name } }'],
    ['an argument', '{ virtualMachines(frist: 1) { totalCount } }'],
    ['a type', '{ nodes(ids: []) { ... on VirtualMachin { name } } }'],
    ['an input field', '{ virtualMachines(filter: { nam: { eq: "a" } }) { totalCount } }'],
    ['a value', '{ virtualMachines(filter: { powerState: { in: [POWERD_ON] } }) { totalCount } }'],
    [
      'the type of a variable',
      'query ($f: VirtualMachineFiltr) { virtualMachines(filter: $f) { totalCount } }',
    ],
    ['a field of another type', '{ nodes(ids: []) { powerState } }'],
    ['a field without a selection', '{ vcenters }'],
    [
      'a field of a variable',
      'query ($f: VirtualMachineFilter) { virtualMachines(filter: $f) { totalCount } }',
      { f: { nam: { eq: 'a' } } },
    ],
    [
      'the value of a variable',
      'query ($f: VirtualMachineFilter) { virtualMachines(filter: $f) { totalCount } }',
      { f: { powerState: { in: ['POWERD_ON'] } } },
    ],
    ['a subscription', 'subscription { inventoryChange { initial } }'],
  ])('gets no suggestion in %s', async (_, query, variables) => {
    const reported = async ({ execute }: typeof open) =>
      JSON.stringify((await execute(query, variables)).errors)
    expect(await reported(open)).toContain('Did you mean')
    const answer = await reported(closed)
    expect(answer).toContain('BAD_USER_INPUT')
    expect(answer).not.toContain('Did you mean')
  })

  it('gets no suggestion in a variable of a subscription', async () => {
    const reported = async ({ fetch }: typeof open) => {
      const response = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({
          query:
            'subscription ($f: VirtualMachineFilter) { inventoryChanges(filter: { virtualMachine: $f }) { initial } }',
          variables: { f: { nam: { eq: 'a' } } },
        }),
      })
      return response.text()
    }
    expect(await reported(open)).toContain('Did you mean')
    const answer = await reported(closed)
    expect(answer).toContain('BAD_USER_INPUT')
    expect(answer).not.toContain('Did you mean')
  })
})

it('disables GraphiQL separately', async () => {
  const gateway = startGateway({ graphiql: false })
  const response = await gateway.fetch('/graphql', { headers: { accept: 'text/html' } })
  expect(response.status).toBe(406)
  expect(await response.text()).toMatch(/^None of the accepted media types can be produced\. /)
  const root = await gateway.fetch('/', { headers: { accept: 'text/html' } })
  expect([root.status, await root.text()]).toEqual([404, 'Not found. The GraphQL endpoint is /graphql.\n'])
  await gateway.close()
})
