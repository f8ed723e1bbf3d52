// Mutated requests: operations over the whole schema, then damage to their text, variables and headers. Each gets a response of
// the contract's form without an internal error, and a small query succeeds right after. REQUESTS sets their number, SEED
// selects them.

import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { errorCodes } from '../../src/schema/errors/api-error.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { startGateway, type TestGateway } from '../test-gateway.ts'
import { type Literals, randomOperation } from './random-operations.ts'

const numRuns = Number(process.env.REQUESTS ?? 400)
const seed = Number(process.env.SEED ?? 29)

const schema = buildSchema()
const rejections: unknown[] = []
const onRejection = (reason: unknown) => rejections.push(reason)
let gateway: TestGateway
let literals: Literals

beforeAll(async () => {
  process.on('unhandledRejection', onRejection)
  gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 1 } })
  const { data } = await gateway.execute(
    '{ virtualMachines { nodes { id moid name path disks { id } snapshots { id } } } hosts { nodes { id } } }',
  )
  const machines = data.virtualMachines.nodes as Record<string, never>[]
  const ids = [...machines, ...data.hosts.nodes].map(({ id }) => id)
  const inner = machines.flatMap(({ disks, snapshots }) => [...(disks ?? []), ...(snapshots ?? [])])
  const names = machines.flatMap(({ name, moid, path }) => [name, moid, path])
  literals = {
    ID: [...ids, ...inner.map(({ id }) => id), '', 'nonsense', '__proto__'].map((text) =>
      JSON.stringify(text),
    ),
    String: [...names, '', '*', '[', '52 0a/1', '__proto__', '\u{1f4be}'].map((text) => JSON.stringify(text)),
    Int: ['0', '1', '2', '3', '20', '50', '2000', '-1', '2147483647'],
    BigInt: ['0', '1', '65536', '9007199254740991', '"12"', '-1', '"x"'],
    DateTime: ['"2026-01-05T08:00:00Z"', '"2026-13-45T99:99:99Z"'],
    Boolean: ['true', 'false'],
    Float: ['0', '1.5', '1e300'],
  }
})
afterAll(async () => {
  process.off('unhandledRejection', onRejection)
  await gateway.close()
})

const fragments = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '!',
    '$',
    '@',
    '...',
    '"',
    '"""',
    '\\u',
    '#',
    '&',
    ':',
    '\u0000',
    '\ud800',
  ),
  fc.constantFrom(
    '@include(if: $x)',
    '@skip',
    'fragment F on Query { ...F }',
    '...F',
    '__proto__',
    'constructor: id',
  ),
  fc.constantFrom(
    '{ vcenters { name } }',
    '__schema { types { name } }',
    'null',
    '9'.repeat(400),
    '1e999',
    '$input',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)

/** Damages a string in a few positions. */
const damaged = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(), fc.nat({ max: 12 }), fragments), { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce((each, [at, remove, piece]) => {
        const from = at % (each.length + 1)
        return each.slice(0, from) + piece + each.slice(from + remove)
      }, text),
    )

const variables = () =>
  fc.oneof(
    fc.dictionary(fc.constantFrom('x', 'input', 'id', '__proto__', 'constructor'), fc.jsonValue(), {
      maxKeys: 3,
    }),
    fc.jsonValue(),
  )

const headers = () =>
  fc.record(
    {
      accept: fc.constantFrom(
        'application/json',
        'application/graphql-response+json',
        'text/event-stream',
        'multipart/mixed',
        'text/html',
        '*/*',
        'x',
        '',
      ),
      'content-type': fc.constantFrom(
        'application/json; charset=utf-8',
        'application/json; charset=utf-16',
        'application/graphql+json',
        'application/graphql',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/plain',
        'x',
      ),
      'x-request-id': fc.constantFrom('a', '\u00e9', 'a'.repeat(5_000), '__proto__'),
      'x-vsphere-trace': fc.constantFrom('1', 'x'),
      traceparent: fc.constantFrom('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x'),
      authorization: fc.constantFrom('Basic dXNlcjpwYXNz', 'Bearer x', 'x'),
      origin: fc.constantFrom('http://localhost', 'https://elsewhere.example', 'null', 'x'),
      host: fc.constantFrom('localhost', 'localhost:80', 'elsewhere.example', '[::1', ''),
      'content-length': fc.constantFrom('0', '-1', '99999999999', 'x'),
      'content-encoding': fc.constantFrom('gzip', 'x'),
    },
    { requiredKeys: [] },
  )

/** Reads what a client would wait for: the whole response, or the first events of a stream that may not end by itself. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text()
  const reader = response.body!.getReader()
  let text = ''
  for (let nth = 0; nth < 3; nth += 1) {
    const idle = new Promise<undefined>((resolve) => setTimeout(resolve, 20))
    const next = await Promise.race([reader.read(), idle])
    if (next?.value === undefined) break
    text += Buffer.from(next.value).toString()
  }
  await reader.cancel()
  return text
}

/** The results in a response: one, or those in the received events of a stream, or in its parts. */
function resultsIn(text: string, type: string): unknown[] {
  const form = /^(?:text\/event-stream|multipart\/mixed)/.exec(type)?.[0]
  if (form === undefined) return [JSON.parse(text)]
  const each = form === 'multipart/mixed' ? /^()(\{.*\})\r\n/gm : /^event: next\n(data: )(.*)\n\n/gm
  return [...text.matchAll(each)].map(([, , result]) => JSON.parse(result as string))
}

/** How often each code was returned; ensures that the requests vary. */
const seen: Record<string, number> = {}

function expectWellFormed(result: unknown, status: number): void {
  const keys = Object.keys(result as object)
  expect(['data', 'errors', 'extensions']).toEqual(expect.arrayContaining(keys))
  const { data, errors } = result as { data?: unknown; errors?: unknown }
  expect(data === undefined || data === null || typeof data === 'object').toBe(true)
  if (status >= 400) expect(data).toBeUndefined()
  if (errors === undefined) {
    expect(data).toBeTypeOf('object')
    seen.answered = (seen.answered ?? 0) + 1
    return
  }
  expect(Array.isArray(errors) && errors.length > 0).toBe(true)
  for (const { message, extensions } of errors as { message: unknown; extensions: { code: string } }[]) {
    expect(message).toBeTypeOf('string')
    expect(Object.keys(errorCodes)).toContain(extensions.code)
    expect(extensions.code, String(message)).not.toBe('INTERNAL_SERVER_ERROR')
    seen[extensions.code] = (seen[extensions.code] ?? 0) + 1
  }
}

async function expectAnswered(init: RequestInit): Promise<void> {
  const response = await gateway.fetch('/graphql', init)
  const type = response.headers.get('content-type') ?? ''
  const text = await textOf(response)
  // A client that accepts no JSON gets plain text.
  if (type.startsWith('text/plain')) expect(response.status).toBe(406)
  else for (const result of resultsIn(text, type)) expectWellFormed(result, response.status)
  const small = await gateway.execute('{ vcenters { name connected } }')
  expect(small).toEqual({ data: { vcenters: [{ name: 'test', connected: true }] } })
}

const json = { 'content-type': 'application/json' }

it('answers random operations over the whole schema', { timeout: 120_000 + numRuns * 100 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (choose) => {
      const { kind, query } = randomOperation(schema, literals, choose)
      const accept: Record<string, string> = kind === 'subscription' ? { accept: 'text/event-stream' } : {}
      await expectAnswered({
        method: 'POST',
        headers: { ...json, ...accept },
        body: JSON.stringify({ query }),
      })
    }),
    { numRuns, seed, endOnFailure: true },
  )
  // Many must be valid, otherwise only the validation of arguments is tested.
  expect(seen.answered).toBeGreaterThan(numRuns / 5)
})

it('answers damaged requests', { timeout: 120_000 + numRuns * 100 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (choose) => {
      const { query: good } = randomOperation(schema, literals, choose)
      const query = choose(fc.nat, { max: 9 }) < 6 ? choose(damaged, good) : good
      const variablesParam = choose(fc.nat, { max: 9 }) < 5 ? { variables: choose(variables) } : {}
      const body = JSON.stringify({ query, ...variablesParam })
      await expectAnswered({
        method: 'POST',
        headers: { ...json, ...(choose(fc.boolean) ? choose(headers) : {}) },
        body: choose(fc.nat, { max: 9 }) < 2 ? choose(damaged, body) : body,
      })
    }),
    { numRuns, seed, endOnFailure: true },
  )
})

afterAll(() => {
  expect(rejections).toEqual([])
  // A foreign host name or origin is logged.
  expect(
    gateway.lines.filter(
      (line) => !/^request rejected: (?:host name|origin) [^{]* is not allowed;/.test(line),
    ),
  ).toEqual([])
  expect(Object.keys(Object.prototype)).toEqual([])
})
