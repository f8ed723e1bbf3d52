// Authorization over TLS: every kind of request by unauthenticated callers, unknown callers, readers and operators.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificates } from '../../transport/certificates.ts'
import {
  type AuthenticatedGateway,
  type GraphqlResponse,
  startAuthenticatedGateway,
  temporaryFiles,
} from './authenticated-gateway.ts'

const tokens = {
  anonymous: undefined,
  unknown: 'unknown-8f14e45fceea167a5a36dedd4bea2543',
  reader: 'reader-c9f0f895fb98ab9159f51fd0297e236d',
  operator: 'operator-45c48cce2e2d7fbdea1afc51c7c6ad26',
} as const

const files = temporaryFiles()
let gateway: AuthenticatedGateway

beforeAll(async () => {
  gateway = await startAuthenticatedGateway(
    ...['--auth', 'token', '--token-file'],
    files.write('tokens', `grafana reader ${tokens.reader}\nbackup operator ${tokens.operator}\n`),
    ...['--tls-cert', files.write('cert.pem', certificates.signed.cert)],
    ...['--tls-key', files.write('key.pem', certificates.signed.key)],
  )
})

afterAll(async () => {
  await gateway.stop()
  files.clear()
  const all = gateway.reported.join('\n')
  for (const token of Object.values(tokens)) if (token) expect(all).not.toContain(token)
})

const query = '{ virtualMachines(first: 1) { totalCount } }'
const mutation =
  'mutation Change { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x", waitSeconds: 0 }) { task { id } } }'
const subscription = 'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial } }'
const introspection = '{ __schema { mutationType { name } } }'
const get = (text: string): GraphqlResponse => ({
  path: `/graphql?query=${encodeURIComponent(text)}`,
  headers: { 'x-graphql-yoga-csrf': '1' },
})
const graphqlResponse = { accept: 'application/graphql-response+json' }
const events = { accept: 'text/event-stream' }

const unauthenticated = '401 UNAUTHENTICATED'

/** The status, and the error code or that there is data. */
const rows: readonly [what: string, sent: GraphqlResponse, reader: string, operator: string][] = [
  ['a query', { body: { query } }, '200 data', '200 data'],
  ['a query as graphql-response+json', { body: { query }, headers: graphqlResponse }, '200 data', '200 data'],
  ['a query as server-sent events', { body: { query }, headers: events }, '200 data', '200 data'],
  ['a query by GET', get(query), '200 data', '200 data'],
  ['introspection', { body: { query: introspection } }, '200 data', '200 data'],
  ['a mutation', { body: { query: mutation } }, '200 ROLE_REQUIRED', '200 data'],
  [
    'a mutation as graphql-response+json',
    { body: { query: mutation }, headers: graphqlResponse },
    '403 ROLE_REQUIRED',
    '200 data',
  ],
  [
    'a mutation as server-sent events',
    { body: { query: mutation }, headers: events },
    '200 ROLE_REQUIRED',
    '200 data',
  ],
  ['a mutation by GET', get(mutation), '405 BAD_USER_INPUT', '405 BAD_USER_INPUT'],
  [
    'a mutation selected by name beside a query',
    { body: { query: `query Read ${query} ${mutation}`, operationName: 'Change' } },
    '200 ROLE_REQUIRED',
    '200 data',
  ],
  [
    'a query selected by name beside a mutation',
    { body: { query: `query Read ${query} ${mutation}`, operationName: 'Read' } },
    '200 data',
    '200 data',
  ],
  [
    'an invalid mutation',
    { body: { query: 'mutation { nonsense }' } },
    '200 BAD_USER_INPUT',
    '200 BAD_USER_INPUT',
  ],
  ['a subscription', { body: { query: subscription }, headers: events }, '200 data', '200 data'],
  ['a batch', { body: [{ query }, { query: mutation }] }, '400 QUERY_TOO_COMPLEX', '400 QUERY_TOO_COMPLEX'],
  [
    'invalid JSON',
    { body: 'x', headers: { 'content-type': 'text/plain' } },
    '403 FORBIDDEN',
    '403 FORBIDDEN',
  ],
  ['another method', { method: 'OPTIONS' }, '405 BAD_USER_INPUT', '405 BAD_USER_INPUT'],
]

async function outcome(requested: GraphqlResponse, caller: keyof typeof tokens): Promise<string> {
  const { status, result } = await gateway.execute({ ...requested, token: tokens[caller] })
  const codeOrData = result?.errors?.[0].extensions.code ?? (result?.data && 'data')
  return codeOrData ? `${status} ${codeOrData}` : `${status}`
}

/** The vCenter calls of operations, without logins and calls that end a subscription. */
const sent = () =>
  gateway.simulator.calls
    .map(({ method }) => method)
    .filter((method) => ['RetrievePropertiesEx', 'CreateSnapshot_Task'].includes(method))

describe.each(rows)('%s', (_, requested, reader, operator) => {
  test.each([
    ['anonymous', unauthenticated],
    ['unknown', unauthenticated],
    ['reader', reader],
    ['operator', operator],
  ] as const)('by %s returns %s', async (caller, expected) => {
    const before = sent().length
    expect(await outcome(requested, caller)).toBe(expected)
    // A rejected caller causes no vCenter call.
    if (!expected.endsWith('data')) expect(sent().slice(before)).toEqual([])
  })
})

describe('the log line of a rejected operation', () => {
  test.each([
    ['role', { query: mutation }, 'ROLE_REQUIRED'],
    ['validation', { query: '{ nonsense }' }, 'BAD_USER_INPUT'],
    ['the parser', 'x', 'BAD_USER_INPUT'],
    ['the batch limit', [{ query }], 'QUERY_TOO_COMPLEX'],
  ])('by %s names the caller', async (_, body, code) => {
    const { headers } = await gateway.execute({ body, token: tokens.reader })
    const line = await gateway.logged(`operation {"requestId":"${headers['x-request-id']}"`)
    expect(JSON.parse(line.slice('operation '.length))).toMatchObject({ identity: 'grafana', codes: [code] })
  })
})

describe('without authentication', () => {
  test.each(['/health', '/ready'])('serves %s', async (path) => {
    expect(await gateway.execute({ path })).toMatchObject({ status: 200, text: '' })
  })

  test('reports an unknown path as not found', async () => {
    expect(await gateway.execute({ path: '/elsewhere' })).toMatchObject({
      status: 404,
      text: 'Not found. The GraphQL endpoint is /graphql.\n',
    })
  })

  test('serves the page of the playground, where the token is entered', async () => {
    const { status, text } = await gateway.execute({ path: '/graphql', headers: { accept: 'text/html' } })
    expect(status).not.toBe(401)
    expect(text).toContain('<html')
  })
})

describe('an unauthenticated request', () => {
  test.each([
    ['no header', {}, '', 'this gateway requires a token'],
    ['another scheme', { authorization: 'Basic dTpw' }, '', 'this gateway requires a token'],
    ['no token after the scheme', { authorization: 'Bearer ' }, '', 'this gateway requires a token'],
    ['an unknown token', { authorization: 'Bearer x' }, ', error="invalid_token"', 'the token is unknown'],
    [
      'content after the token',
      { authorization: `Bearer ${tokens.reader} x` },
      ', error="invalid_token"',
      'the Authorization header contains more than a token',
    ],
    [
      'part of a token',
      { authorization: `Bearer ${tokens.reader.slice(0, -1)}` },
      ', error="invalid_token"',
      'the token is unknown',
    ],
    [
      'a token in the wrong case',
      { authorization: `Bearer ${tokens.reader.toUpperCase()}` },
      ', error="invalid_token"',
      'the token is unknown',
    ],
  ])('with %s gets an error', async (_, headers, challenge, message) => {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const answer = await gateway.execute({ headers: { ...(headers as Record<string, string>), accept } })
      expect(answer).toMatchObject({
        status: 401,
        headers: {
          'www-authenticate': `Bearer realm="vsphere-graphql"${challenge}`,
          'content-type': `${accept}; charset=utf-8`,
        },
      })
      expect(answer.result).toEqual({
        errors: [
          {
            message,
            extensions: {
              code: 'UNAUTHENTICATED',
              retryable: false,
              remedy: expect.stringContaining('token'),
              requestId: expect.any(String),
            },
          },
        ],
      })
    }
  })

  test.each(['bearer', 'BEARER', 'Bearer  '])('may spell the scheme %j', async (scheme) => {
    expect(await gateway.execute({ headers: { authorization: `${scheme} ${tokens.reader}` } })).toMatchObject(
      {
        status: 200,
      },
    )
  })

  test("is logged with the request's id if it has credentials", async () => {
    const { result } = await gateway.execute({ token: tokens.unknown })
    const { requestId } = result.errors[0].extensions
    expect(await gateway.logged(requestId)).toBe(
      `request rejected: authentication failed: the token is unknown {"requestId":"${requestId}","clientIp":"127.0.0.1","status":401}`,
    )
    const { result: missing } = await gateway.execute()
    const anonymousLines = gateway.reported
      .slice(0, -1)
      .filter((line) => line.includes(missing.errors[0].extensions.requestId))
    expect(anonymousLines).toEqual([])
  })
})

test("logs a rejected operation with the caller's identity", async () => {
  await gateway.execute({ token: tokens.reader, body: { query: mutation } })
  await gateway.logged('"identity":"grafana","kind":"mutation","name":"Change","outcome":"failed"')
  await gateway.execute({ token: tokens.reader, body: { query: '{ nothing }' } })
  await gateway.logged('"identity":"grafana","kind":"query","outcome":"failed"')
})

test("reports the required role for a mutation to a reader, and logs the reader's identity", async () => {
  const { result } = await gateway.execute({ token: tokens.reader, body: { query: mutation } })
  expect(result).toEqual({
    errors: [
      {
        message: 'this operation requires the role operator; yours is reader',
        locations: [{ line: 1, column: 1 }],
        extensions: {
          code: 'ROLE_REQUIRED',
          retryable: false,
          requiredRole: 'OPERATOR',
          remedy: 'Nothing was changed. Send the mutation with a token that has the role operator.',
          vcenter: expect.any(String),
          requestId: expect.any(String),
        },
      },
    ],
  })
  const { requestId } = result.errors[0].extensions
  expect(gateway.reported).toContain(
    `mutation denied: requires the role operator {"requestId":"${requestId}","clientIp":"127.0.0.1","identity":"grafana","role":"reader"}`,
  )
})

test.each<[string, unknown]>([
  ['is not allowed', { query: mutation }],
  ['is invalid', { query: '{ nonsense }' }],
  ['cannot be parsed', { query: '{' }],
  ['succeeds', { query }],
])('logs the caller of an operation that %s', async (_, body) => {
  const headers = { 'x-request-id': crypto.randomUUID() }
  await gateway.execute({ token: tokens.reader, body, headers })
  const line = await gateway.logged(`operation {"requestId":"${headers['x-request-id']}"`)
  expect(line).toContain('"identity":"grafana"')
})
