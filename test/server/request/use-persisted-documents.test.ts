// Requests of persisted operations by id, in the formats of Apollo, Relay and urql.

import { createHash } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { startServer } from '../../../src/server/start-server.ts'
import { startGateway } from '../../test-gateway.ts'

const query = 'query Count($first: Int) { virtualMachines(first: $first) { nodes { name } } }'
const hash = createHash('sha256').update(query).digest('hex')
const documents = new Map([
  [hash, query],
  ['names', '{ vcenters { name } }'],
])
const named = { data: { vcenters: [{ name: 'test' }] } }

function start(options: Parameters<typeof startGateway>[0]) {
  const gateway = startGateway(options)
  onTestFinished(() => gateway.close())
  return async (body: object) => {
    const response = await gateway.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, answer: await response.json() }
  }
}

const rejected = (code: string, message: string) => ({
  status: 400,
  answer: {
    errors: [{ message, extensions: { code, remedy: expect.any(String), requestId: expect.any(String) } }],
  },
})

describe('a persisted operation', () => {
  it.each<[string, object]>([
    ['documentId', { documentId: hash }],
    ['documentId with the hash algorithm', { documentId: `sha256:${hash}` }],
    ['extensions.persistedQuery', { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }],
  ])('can be requested by %s, with variables', async (_, id) => {
    const post = start({ persisted: { documents, persistedOnly: true } })
    const { status, answer } = await post({ ...id, operationName: 'Count', variables: { first: 2 } })
    expect(status).toBe(200)
    expect(answer.data.virtualMachines.nodes).toHaveLength(2)
  })

  it('can be requested without the hash algorithm that its id in the file has', async () => {
    const prefixed = new Map([...documents].map(([id, document]) => [`sha256:${id}`, document]))
    const post = start({ persisted: { documents: prefixed, persistedOnly: true } })
    const variables = { first: 2 }
    const { answer } = await post({
      extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
      variables,
    })
    expect(answer.data.virtualMachines.nodes).toHaveLength(2)
    expect((await post({ documentId: `sha256:${hash}`, variables })).status).toBe(200)
  })

  it('can be requested by GET', async () => {
    const gateway = startGateway({ persisted: { documents, persistedOnly: true } })
    onTestFinished(() => gateway.close())
    const variables = encodeURIComponent(JSON.stringify({ first: 2 }))
    const response = await gateway.fetch(`/graphql?documentId=${hash}&variables=${variables}`, {
      headers: { 'x-graphql-yoga-csrf': '1' },
    })
    expect((await response.json()).data.virtualMachines.nodes).toHaveLength(2)
  })

  it('gets the error that makes clients send the document when the id is unknown, and then runs', async () => {
    const post = start({ persisted: { documents, persistedOnly: false } })
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'f'.repeat(64) } }
    expect(await post({ extensions })).toMatchObject(rejected('NOT_FOUND', 'PersistedQueryNotFound'))
    expect(await post({ query: '{ vcenters { name } }', extensions })).toEqual({ status: 200, answer: named })
    expect((await post({ query: '{ vcenters { name } }' })).answer).toEqual(named)
  })

  it.each(['__proto__', 'constructor', '', 'sha256:', 7, null, {}])(
    'is rejected when a document is added to the id: %j',
    async (id) => {
      const post = start({ persisted: { documents, persistedOnly: false } })
      const { status, answer } = await post({ documentId: id })
      expect(status).toBe(400)
      expect(answer.errors[0].extensions.code).toMatch(/^(NOT_FOUND|BAD_USER_INPUT)$/)
    },
  )

  it('is required in persisted-only mode, even for an equal document', async () => {
    const post = start({ persisted: { documents, persistedOnly: true } })
    for (const body of [{ query }, { query, documentId: hash }])
      expect(await post(body)).toMatchObject(rejected('FORBIDDEN', 'PersistedQueryOnly'))
    expect(await post({})).toMatchObject(
      rejected('BAD_USER_INPUT', 'the request has neither a document nor a document id'),
    )
    expect((await post({ documentId: 'names' })).answer).toEqual(named)
  })

  it('requires a document if no file is configured', async () => {
    const post = start({})
    expect((await post({ documentId: 'names' })).status).toBe(400)
  })

  it('is subject to the response limits', async () => {
    const post = start({ persisted: { documents, persistedOnly: true }, limits: { objects: 5 } })
    expect((await post({ documentId: hash, variables: { first: 5 } })).answer).toMatchObject({
      errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX', actual: 6, limit: 5 } }],
    })
  })
})

it('fails startup and lists every invalid document of the file', async () => {
  const file = {
    good: '{ vcenters { name } }',
    syntax: '{ vcenters',
    field: '{ vcenters { nam } }',
    long: `{ ${'vcenters '.repeat(2_000)} }`,
    introspection: '{ __schema { queryType { name } } }',
    alias: '{ vcenters { then: name } }',
    change: 'mutation { cancelTask(input: { task: "x" }) { task { id } } }',
  }
  const config = loadServeConfig({
    argv: [
      '--simulator',
      '--port',
      '0',
      '--read-only',
      '--no-introspection',
      '--persisted-operations',
      'file.json',
    ],
    env: {},
    readFile: () => JSON.stringify(file),
  })
  const lines: string[] = []
  const log = { info() {}, warn() {}, error: (line: string) => lines.push(line) }
  await expect(startServer(config, log)).rejects.toMatchObject({
    name: 'ConfigError',
    message: '--persisted-operations has invalid documents (6 of 7)',
  })
  expect(lines).toEqual([
    '--persisted-operations: "syntax": Syntax Error: Expected Name, found <EOF>.',
    '--persisted-operations: "field": Cannot query field "nam" on type "VCenter". Did you mean "name"?',
    '--persisted-operations: "long": the document has at least 2,001 tokens, but the limit per operation is 2,000',
    '--persisted-operations: "introspection": introspection is disabled',
    '--persisted-operations: "alias": the alias "then" is not supported',
    '--persisted-operations: "change": this gateway is read-only and has no mutations',
  ])
})
