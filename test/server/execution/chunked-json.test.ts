// Large responses are serialized in chunks: the text equals JSON.stringify's, up to the size limit.

import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { isLarge, stringifyInChunks } from '../../../src/server/execution/chunked-json.ts'
import { startGateway } from '../../test-gateway.ts'

const long = 'ä'.repeat(110_000)

it('returns the same text for any nesting of large and small values', async () => {
  const values = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.jsonValue({ maxDepth: 2 }),
      fc.constant(long),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
      fc
        .constantFrom(undefined, 'x'.repeat(300))
        .map((each) => ({ left: undefined, list: Array(400).fill(each ?? 1) })),
    ),
  })).value
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      let bytes = 0
      const text = await stringifyInChunks({ value, more: [long] }, (more) => {
        bytes += more
      })
      expect(text).toBe(JSON.stringify({ value, more: [long] }))
      expect(bytes).toBe(Buffer.byteLength(text))
    }),
    { numRuns: 200 },
  )
})

it('applies only to large responses', () => {
  expect(isLarge({ name: 'x'.repeat(1_000) })).toBe(false)
  expect(isLarge({ names: Array(110).fill('x'.repeat(1_000)) })).toBe(true)
  expect(isLarge(undefined)).toBe(false)
  expect(isLarge(null)).toBe(false)
})

const alias = 'a'.repeat(6_000)
const query = `query { virtualMachines(first: 20) { nodes { ${alias}: name } } }`

function gateway(responseBytes: number) {
  const started = startGateway({ limits: { responseBytes } })
  onTestFinished(() => started.close())
  return started
}

it('returns an error with the size and the limit, and no data, when a response is too long', async () => {
  const { execute, operations } = gateway(50_000)
  const { data, errors } = await execute(query)
  expect(data).toBeNull()
  expect(errors).toMatchObject([
    { extensions: { code: 'QUERY_TOO_COMPLEX', limit: 50_000, retryable: false } },
  ])
  expect(errors?.[0]?.message).toMatch(
    /^the response already has [\d,]+ bytes, but the limit per operation is 50,000$/,
  )
  expect(operations).toMatchObject([{ outcome: 'failed', codes: ['QUERY_TOO_COMPLEX'] }])
})

it('returns data, trace and errors of a response at the limit', async () => {
  const { execute } = gateway(200_000)
  const { data, errors, extensions } = await execute(
    query.replace('query {', 'query { missing: node(id: "nonsense") { id }'),
    {},
    { 'x-vsphere-trace': '1' },
  )
  expect(Object.keys(data)).toEqual(['missing', 'virtualMachines'])
  expect(data.virtualMachines.nodes).toHaveLength(20)
  expect(errors).toMatchObject([{ path: ['missing'], extensions: { code: 'BAD_USER_INPUT' } }])
  expect(extensions).toMatchObject({ vsphere: { retrievals: expect.any(Number) } })
})

it('returns the response to a mutation regardless of its length', async () => {
  const { execute } = gateway(50_000)
  const { data, errors } = await execute(
    `mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "x" }) { task { ${'b'.repeat(60_000)}: state } } }`,
  )
  expect(errors).toBeUndefined()
  expect(Object.values(data.createSnapshot.task)).toEqual(['SUCCESS'])
})

it('returns the response to a completed mutation although a limit is exceeded afterwards', async () => {
  const { execute, close, audit } = startGateway({ vms: 300, limits: { vcenterResponseBytes: 400_000 } })
  onTestFinished(close)
  const payload = (field: string) =>
    `{ virtualMachine { datacenter { virtualMachines(first: 300) { nodes { ${field} ${'b'.repeat(900)}: id } } } } }`
  const change = (alias: string, field: string) =>
    `${alias}: createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "${alias}" }) ${payload(field)}`
  const largeSelection = 'disks { id } datastores { name } networks { name } guest { hostName }'
  const { data, errors } = await execute(`mutation { ${change('a', 'name')} ${change('b', largeSelection)} }`)
  expect(audit).toMatchObject([{ outcome: 'success' }, {}])
  expect(data.a.virtualMachine.datacenter.virtualMachines.nodes.length).toBeGreaterThan(100)
  expect(errors?.[0]).toMatchObject({ extensions: { code: 'QUERY_TOO_COMPLEX', retryable: false } })
})
