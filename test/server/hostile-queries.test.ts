// Malicious requests against a gateway with the default limits. Each gets the documented response without a vCenter call, and
// the server remains healthy.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defaultLimits, startGateway, type TestGateway } from '../test-gateway.ts'

let gateway: TestGateway
let url: string

beforeAll(async () => {
  gateway = startGateway()
  url = await gateway.listen()
  // Logs in first, so that the following requests make no call.
  await gateway.execute('{ vcenters { connected } }')
})
afterAll(() => gateway.close())

beforeEach(() => {
  gateway.simulator.calls.length = 0
})
afterEach(async () => {
  expect(gateway.simulator.calls).toEqual([])
  expect(await post({ query: '{ vcenters { name } }' })).toEqual({
    status: 200,
    bytes: expect.any(Number),
    answer: { data: { vcenters: [{ name: 'test' }] } },
  })
  expect(gateway.lines).toEqual([])
})

/** A raw body, or the JSON of one. */
async function post(body: string | object) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, bytes: text.length, answer: JSON.parse(text) }
}

const repeat = (count: number, each: string | ((at: number) => string)): string =>
  Array.from({ length: count }, (_, at) => (typeof each === 'string' ? each : each(at))).join(' ')

const nested = (levels: number, open: string, core: string, close = '}'): string =>
  open.repeat(levels) + core + close.repeat(levels)

/** A chain of fragments, each of which spreads the next one in the given place. */
const chain = (length: number, type: string, text: (next: string) => string): string =>
  repeat(
    length,
    (at) => `fragment F${at} on ${type} { ${text(at < length - 1 ? `...F${at + 1}` : '__typename')} }`,
  )

const filtered = 'query ($f: VirtualMachineFilter) { virtualMachines(filter: $f) { totalCount } }'
const byIds = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }'

/** The last one is not a setting. */
const limits = { ...defaultLimits, introspection: 50_000 }
const { tokens, variableValues, requestBytes } = limits

/** Rejected with a size and a limit. */
const overLimit: readonly [name: string, body: string | object, what: keyof typeof limits][] = [
  ['nested fields', { query: `{ folders { nodes { ${nested(60, 'parent { ', 'name')} } } }` }, 'depth'],
  [
    'nested fields in fragments',
    { query: `{ folders { nodes { ...F0 } } } ${chain(60, 'Folder', (next) => `parent { ${next} }`)}` },
    'depth',
  ],
  [
    'fragments that double at each level',
    {
      query: `{ folders { nodes { ...F0 } } } ${chain(60, 'Folder', (next) => `a: parent { ${next} } b: parent { ${next} }`)}`,
    },
    'depth',
  ],
  [
    'nested objects as a literal',
    { query: `{ virtualMachines(filter: ${nested(100, '{ a: ', '1')}) { totalCount } }` },
    'depth',
  ],
  ['nested lists as a literal', { query: `{ nodes(ids: ${nested(900, '[', '"x"', ']')}) { id } }` }, 'depth'],
  ['a thousand aliases', { query: `{ ${repeat(300, (at) => `a${at}: vcenters { name }`)} }` }, 'aliases'],
  [
    'aliases in fragments',
    {
      query: `{ ...A ...B } fragment A on Query { ${repeat(51, (at) => `a${at}: vcenters { name }`)} } fragment B on Query { ${repeat(51, (at) => `b${at}: vcenters { name }`)} }`,
    },
    'aliases',
  ],
  ['directives', { query: `{ vcenters { name ${repeat(120, '@include(if: true)')} } }` }, 'directives'],
  ['unknown directives', { query: `{ vcenters { name ${repeat(900, '@x')} } }` }, 'directives'],
  ['a long document', { query: `{ ${repeat(tokens, 'vcenters')} }` }, 'tokens'],
  [
    'very many variables',
    { query: `query (${repeat(1000, (at) => `$v${at}: Int`)}) { vcenters { name } }` },
    'tokens',
  ],
  ['unclosed brackets', { query: '{'.repeat(100_000) }, 'tokens'],
  [
    'a list with very many values',
    { query: byIds, variables: { ids: Array(variableValues).fill('x') } },
    'variableValues',
  ],
  [
    'an object with very many fields',
    {
      query: filtered,
      variables: { f: Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`k${at}`, 1])) },
    },
    'variableValues',
  ],
  [
    'undeclared variables',
    {
      query: '{ vcenters { name } }',
      variables: Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`k${at}`, 1])),
    },
    'variableValues',
  ],
  [
    'nested lists as a variable',
    `{ "query": "${byIds}", "variables": { "ids": ${nested(200_000, '[', '', ']')} } }`,
    'depth',
  ],
  [
    'nested objects as a variable',
    `{ "query": "${filtered}", "variables": { "f": ${nested(60_000, '{"a":', '1')} } }`,
    'depth',
  ],
  [
    'a request over the length limit',
    { query: `{ virtualMachine(by: { name: "${'a'.repeat(requestBytes)}" }) { name } }` },
    'requestBytes',
  ],
  [
    'comments over the length limit',
    { query: `{ vcenters { name } } ${'#\n'.repeat(requestBytes / 2)}` },
    'requestBytes',
  ],
  ['a batch of operations', Array(1000).fill({ query: '{ vcenters { name } }' }), 'batch'],
  [
    'nested pages',
    {
      query:
        '{ datacenters(first: 1000) { nodes { virtualMachines(first: 1000) { nodes { name host { name } } } } } }',
    },
    'objects',
  ],
  [
    'values multiplied by a fragment',
    {
      query: `{ virtualMachines(first: 1000) { nodes { folder { virtualMachines(first: 100) { nodes { ...F } } } } } } fragment F on VirtualMachine { ${repeat(90, (at) => `a${at}: path`)} }`,
    },
    'responseValues',
  ],
  [
    'type names as values',
    {
      query: `{ virtualMachines(first: 1000) { nodes { datacenter { virtualMachines(first: 12) { nodes { ${repeat(90, (at) => `a${at}: __typename`)} } } } } } }`,
    },
    'responseValues',
  ],
  [
    'very many areas',
    {
      query: `{ virtualMachines(first: 50) { nodes { disks { allocatedAreas(first: 10000) { nodes { ${repeat(20, (at) => `a${at}: start`)} } } } } } }`,
    },
    'responseValues',
  ],
  [
    'numbers in lists',
    {
      query: `{ virtualMachines(first: 100) { nodes { disks { allocatedAreas { ${repeat(90, (at) => `a${at}: density(buckets: 4096)`)} } } } } }`,
    },
    'responseValues',
  ],
  [
    'values of introspection',
    {
      query: `{ __schema { types { fields { type { fields { ${repeat(99, (at) => `a${at}: name`)} } } } } } }`,
    },
    'responseValues',
  ],
  [
    'an argument that fails at each place',
    {
      query:
        'query ($buckets: Int = 64) { virtualMachines(first: 1000) { nodes { disks { allocatedAreas { a: density(buckets: $buckets) b: density(buckets: $buckets) } } } } }',
      variables: { buckets: null },
    },
    'errors',
  ],
  [
    'introspection multiplied by aliases',
    {
      query: `{ __schema { types { ${repeat(20, (at) => `a${at}: fields { ...F }`)} } } } fragment F on __Field { type { ${repeat(10, (at) => `b${at}: fields { name }`)} } }`,
    },
    'objects',
  ],
  [
    'repeated introspection',
    {
      query: `{ ${repeat(100, (at) => `a${at}: __schema { ...S }`)} } fragment S on __Schema { types { fields { type { name } } } }`,
    },
    'objects',
  ],
  [
    'introspection of everything in different forms',
    {
      query: `{ __schema { types { ${repeat(50, (at) => `a${at}: fields { type { fields { name } } }`)} } } }`,
    },
    'introspection',
  ],
]

/** Rejected because GraphQL validation stops comparing fields; there is no size. */
const repetitive: readonly [name: string, query: string][] = [
  ['a repeated field', `{ vcenters { ${repeat(tokens - 10, 'name')} } }`],
  ['a repeated object', `{ ${repeat(490, 'vcenters { name }')} }`],
]

/** Invalid, with the maximum number of errors and the maximum length of the response. */
const invalid: readonly [name: string, body: string | object][] = [
  ['a fragment that spreads itself', { query: '{ ...F } fragment F on Query { vcenters { name } ...F }' }],
  [
    'a cycle of fragments',
    { query: `{ ...F0 } ${repeat(100, (at) => `fragment F${at} on Query { ...F${(at + 1) % 100} }`)}` },
  ],
  [
    'deep introspection',
    { query: `{ __schema { types { ${nested(5, 'fields { type { ', 'name', '} }')} } } }` },
  ],
  ['unknown fields', { query: `{ ${repeat(1900, (at) => `nonsense${at}`)} }` }],
  ['a long name', { query: `{ ${'virtualMachine'.repeat(30_000)} }` }],
  [
    'a long enum value',
    { query: `{ virtualMachines(filter: { powerState: { in: [${'A'.repeat(400_000)}] } }) { totalCount } }` },
  ],
  ['a long number', { query: `{ virtualMachines(first: ${'9'.repeat(400_000)}) { totalCount } }` }],
  [
    'missing variables',
    {
      query: `query (${repeat(200, (at) => `$v${at}: ID!`)}) { nodes(ids: [${repeat(200, (at) => `$v${at}`)}]) { id } }`,
    },
  ],
  [
    'an object with many invalid fields',
    {
      query: filtered,
      variables: {
        f: Object.fromEntries(
          Array.from({ length: variableValues - 10 }, (_, at) => [`${'k'.repeat(80)}${at}`, 1]),
        ),
      },
    },
  ],
  [
    'a list of many invalid values',
    {
      query: filtered,
      variables: { f: { powerState: { in: Array(variableValues - 10).fill('k'.repeat(80)) } } },
    },
  ],
  ['operations without a name', { query: repeat(300, '{ vcenters { name } }') }],
  [
    'an operation name that is not in the document',
    { query: repeat(200, (at) => `query Q${at} { vcenters { name } }`) },
  ],
  ['a response that would look like a promise', { query: '{ vcenters { then: name } }' }],
  [
    'a subscription to an unknown field',
    { query: 'subscription { task(id: "x") @skip(if: true) { state } }' },
  ],
  [
    'a subscription to an unknown field in a fragment',
    {
      query:
        'subscription { ...F } fragment F on Subscription { ... @include(if: false) { task(id: "x") { state } } }',
    },
  ],
  ['text that is not a document', { query: '\u{1F600}\u0000' }],
  ['truncated JSON', '{ "query": "{ vcenters { name } }"'],
  ['JSON that is not an object', '"{ vcenters { name } }"'],
  ['a query that is not a string', { query: { toString: 1 } }],
  ['variables that are a list', { query: '{ vcenters { name } }', variables: [] }],
]

describe('over a limit', () => {
  it.each(overLimit)('rejects %s', async (_, body, what) => {
    const limit = limits[what]
    const { answer, status } = await post(body)
    expect(status).toBe(what === 'requestBytes' ? 413 : 400)
    expect(answer).toMatchObject({
      errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX', limit, remedy: expect.stringMatching(/\.$/) } }],
    })
    expect(answer.errors).toHaveLength(1)
    const [{ message, extensions }] = answer.errors
    if (limit === 0) return expect(message).toBe('batches are disabled')
    expect(extensions.actual).toBeGreaterThan(limit)
    for (const actual of [extensions.actual, limit]) expect(message).toContain(actual.toLocaleString('en-US'))
  })

  it.each(repetitive)('rejects %s', async (_, query) => {
    expect(await post({ query })).toMatchObject({
      status: 400,
      answer: { errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX', remedy: expect.any(String) } }] },
    })
  })
})

describe('invalid', () => {
  it.each(invalid)('rejects %s', async (_, body) => {
    const { answer, status, bytes } = await post(body)
    expect(status).toBe(400)
    expect(answer.data).toBeUndefined()
    expect(answer.errors.length).toBeLessThanOrEqual(101)
    for (const { extensions } of answer.errors) expect(extensions.code).toBe('BAD_USER_INPUT')
    expect(bytes).toBeLessThan(200_000)
  })
})

describe('harmless', () => {
  const name = 'test'
  it.each<[string, object, object]>([
    [
      'names of Object.prototype properties',
      {
        query:
          'query ($__proto__: Int = 1) { __proto__: vcenters { constructor: name toString: name } ...__proto__ } fragment __proto__ on Query { hasOwnProperty: vcenters { name @include(if: true) } nodes(ids: []) { id } __typename @skip(if: false) }',
      },
      { errors: [{ message: 'Variable "$__proto__" is never used.' }] },
    ],
    [
      'aliases named like Object.prototype properties',
      {
        query:
          '{ __proto__: vcenters { constructor: name toString: name } ...__proto__ } fragment __proto__ on Query { hasOwnProperty: vcenters { name } }',
      },
      JSON.parse(
        `{ "data": { "__proto__": [{ "constructor": "${name}", "toString": "${name}" }], "hasOwnProperty": [{ "name": "${name}" }] } }`,
      ),
    ],
    [
      'a fragment that is spread everywhere',
      {
        query: `{ ${repeat(130, (at) => `...F${at}`)} } ${repeat(130, (at) => `fragment F${at} on Query { vcenters { name } }`)}`,
      },
      { data: { vcenters: [{ name }] } },
    ],
    [
      'nested inline fragments',
      { query: `{ ${nested(600, '... { ', 'vcenters { name }')} }` },
      { data: { vcenters: [{ name }] } },
    ],
    [
      'extensions of any depth',
      JSON.parse(
        `{ "query": "{ vcenters { name } }", "extensions": { "a": ${nested(1_000, '[', '', ']')} } }`,
      ),
      { data: { vcenters: [{ name }] } },
    ],
  ])('answers %s', async (_, body, answer) => {
    expect((await post(body)).answer).toMatchObject(answer)
  })
})
