// Requests by host and origin: accepts the gateway's own names and pages, and rejects cross-site requests without a preflight.

import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { type RunningServer, startServer } from '../../../src/server/start-server.ts'

let server: RunningServer
let port: string
const lines: string[] = []
const log = { info: () => {}, warn: add, error: add }
function add(line: string): void {
  lines.push(line)
}

beforeAll(async () => {
  const argv = ['--port', '0', '--allowed-host', 'gateway.example.com', '--allowed-host', '[2001:db8::7]']
  server = await startServer(loadServeConfig({ argv, env: {} }), log)
  port = new URL(server.url).port
})

afterAll(async () => {
  await server.stop()
  const others = lines.filter((line) => !/^request rejected: .* is not allowed; see --allowed-/.test(line))
  expect(others).toEqual([])
})

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

interface GraphqlResponse {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const queryBody = JSON.stringify({ query: '{ vcenters { name } }' })
const json = { 'content-type': 'application/json' }

/** Uses node:http, which sends any Host header. */
function execute({
  method = 'POST',
  path = '/graphql',
  headers = json,
  body = queryBody,
}: GraphqlResponse = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(method === 'GET' || method === 'OPTIONS' ? undefined : body)
  })
}

/** Uses a raw socket, until the other side closes. */
function rawRequest(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(request))
    let received = ''
    socket.on('data', (chunk) => {
      received += String(chunk)
    })
    socket.on('end', () => resolve(received))
    socket.on('error', reject)
  })
}

const answered = { status: 200, text: '{"data":{"vcenters":[{"name":"simulator"}]}}' }

describe('the Host header', () => {
  test.each([
    'localhost',
    'LOCALHOST:80',
    '127.0.0.1',
    '127.0.0.1:4000',
    '[::1]',
    '[::1]:4000',
    'gateway.example.com',
    'gateway.example.com:8443',
    '[2001:db8::7]:4000',
  ])('may be %s', async (host) => {
    expect(await execute({ headers: { ...json, host } })).toMatchObject(answered)
  })

  test.each([
    'evil.example.com',
    'evil.example.com:4000',
    'localhost.evil.example.com',
    'gateway.example.com.evil.example.com',
    '127.0.0.2',
    '[::2]',
    '10.0.0.1:4000',
  ])('%j is rejected for the API and GraphiQL; probes are answered', async (host) => {
    for (const requested of [{}, { method: 'GET', headers: { accept: 'text/html' } }]) {
      const answer = await execute({ ...requested, headers: { ...json, ...requested.headers, host } })
      expect(answer.status).toBe(421)
      expect(JSON.parse(answer.text)).toEqual({
        errors: [
          {
            message: `the host name ${JSON.stringify(host)} is not allowed`,
            extensions: {
              code: 'FORBIDDEN',
              retryable: false,
              remedy: expect.stringContaining('--allowed-host'),
              requestId: expect.any(String),
            },
          },
        ],
      })
    }
    for (const path of ['/health', '/ready']) {
      expect(await execute({ method: 'GET', path, headers: { host } })).toMatchObject({
        status: 200,
        text: '',
      })
    }
  })

  test.each([
    'localhost:4000.evil.example.com',
    'not a host',
    'a b',
    '[::1',
    'evil@127.0.0.1',
    'evil.example.com@127.0.0.1:4000',
    'user:password@localhost',
    '127.0.0.1/',
    'localhost/path',
    'localhost?query',
    'localhost#fragment',
    'localhost\\path',
    'localhost,evil.example.com',
    'localhost:80:80',
    '%6cocalhost',
  ])('%j is invalid and causes no internal error', async (host) => {
    expect(await execute({ headers: { ...json, host } })).toMatchObject({ status: 400, text: '' })
  })

  test.each(['', 'host:\r\n'])('causes a rejection when it is missing: %j', async (line) => {
    // HTTP/1.0 does not require one.
    const text = await rawRequest(
      `POST /graphql HTTP/1.0\r\n${line}content-type: application/json\r\ncontent-length: ${queryBody.length}\r\n\r\n${queryBody}`,
    )
    expect(text.split('\r\n')[0]).toContain(' 421 ')
    expect(text).not.toContain('"data"')
  })
})

test('prefers the host of an absolute request target to the Host header', async () => {
  expect(await execute({ path: 'http://localhost:4000/graphql' })).toMatchObject(answered)
  expect(
    await execute({ path: 'http://localhost/graphql', headers: { ...json, host: 'evil.example.com' } }),
  ).toMatchObject(answered)
  expect(
    await execute({ path: 'http://evil.example.com/graphql', headers: { ...json, host: 'localhost' } }),
  ).toMatchObject({ status: 421 })
  expect(await execute({ path: 'http://[/graphql' })).toMatchObject({ status: 400 })
})

test.each([
  'http://evil.example.com@localhost/graphql',
  'http://user:password@localhost:4000/graphql',
  'http://localhost\\@evil.example.com/graphql',
  'evil@localhost/graphql',
  ':80@evil.example.com/graphql',
])('accepts only a path or a URL without a user as the request target: %s gets 400', async (path) => {
  expect(await execute({ path })).toMatchObject({ status: 400, text: '' })
})

test.each(['gzip, chunked', 'chunked, chunked', 'gzip,chunked', 'CHUNKED, identity, chunked'])(
  'rejects a body with the encoding %s unread',
  async (coding) => {
    const text = await rawRequest(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: ${coding}\r\n\r\n` +
        `${queryBody.length.toString(16)}\r\n${queryBody}\r\n0\r\n\r\n`,
    )
    expect(text.split('\r\n')[0]).toMatch(/ (400|501) /)
  },
)

test('returns 400 when there are several Host headers', async () => {
  for (const hosts of ['host: localhost\r\nhost: localhost', 'host: localhost\r\nHOST: evil.example.com']) {
    const text = await rawRequest(
      `POST /graphql HTTP/1.1\r\n${hosts}\r\ncontent-type: application/json\r\ncontent-length: ${queryBody.length}\r\nconnection: close\r\n\r\n${queryBody}`,
    )
    expect(text.split('\r\n')[0]).toContain(' 400 ')
  }
})

test.each(['Application/JSON', 'application/JSON; charset=UTF-8'])(
  'accepts a JSON body of type %s',
  async (type) => {
    expect(await execute({ headers: { 'content-type': type } })).toMatchObject(answered)
  },
)

describe('a page', () => {
  test.each([
    ['localhost:4000', 'http://localhost:4000'],
    ['127.0.0.1', 'http://127.0.0.1'],
    ['[::1]:4000', 'http://[::1]:4000'],
    // Behind a TLS proxy.
    ['gateway.example.com', 'https://gateway.example.com'],
  ])("of the gateway's own origin is answered: %s %s", async (host, origin) => {
    expect(await execute({ headers: { ...json, host, origin } })).toMatchObject(answered)
  })

  test.each([
    ['localhost:4000', 'http://evil.example.com'],
    ['localhost:4000', 'http://localhost:3000'],
    ['localhost:4000', 'http://localhost'],
    ['localhost:4000', 'ftp://localhost:4000'],
    ['localhost:4000', 'x://localhost:4000'],
    ['localhost:4000', 'https://localhost:4000.evil.example.com'],
    ['localhost:4000', 'null'],
    ['localhost:4000', ''],
    ['gateway.example.com', 'http://localhost'],
  ])('of another origin is rejected: %s %j', async (host, origin) => {
    const answer = await execute({ headers: { ...json, host, origin } })
    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.text).errors).toMatchObject([
      {
        message: `requests from pages of ${JSON.stringify(origin)} are not allowed`,
        extensions: { code: 'FORBIDDEN', remedy: expect.stringContaining('--allowed-origin') },
      },
    ])
  })

  test('of another origin can read nothing but its rejection', async () => {
    const otherOrigin = { host: 'localhost', origin: 'http://evil.example.com' }
    const preflight = { ...otherOrigin, 'access-control-request-method': 'POST' }
    expect((await execute({ method: 'OPTIONS', headers: preflight })).status).toBe(204)
    const rejected = await execute({ headers: { ...json, ...otherOrigin } })
    expect([rejected.status, rejected.headers['access-control-allow-origin']]).toEqual([
      403,
      otherOrigin.origin,
    ])
    const own = { host: 'localhost', origin: 'http://localhost' }
    const answers = [
      await execute({ method: 'OPTIONS', headers: { ...own, 'access-control-request-method': 'POST' } }),
      await execute({ headers: { ...json, ...own } }),
      await execute(),
      await execute({ method: 'GET', headers: { accept: 'text/html' } }),
      await execute({ method: 'GET', path: '/health', headers: {} }),
    ]
    for (const { headers } of answers)
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
  })
})

describe('a cross-site request without a preflight', () => {
  const form = `query=${encodeURIComponent('mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "x" }) { task { id } } }')}`
  test.each<[string, GraphqlResponse]>([
    ['JSON as text/plain', { headers: { 'content-type': 'text/plain' } }],
    ['JSON as text/plain; charset', { headers: { 'content-type': 'Text/Plain;charset=UTF-8' } }],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form }],
    [
      'a multipart form',
      {
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${queryBody}\r\n--x--\r\n`,
      },
    ],
    ['no content type', { headers: {} }],
    [
      'a GET',
      { method: 'GET', path: `/graphql?query=${encodeURIComponent('{ vcenters { name } }')}`, headers: {} },
    ],
    ['a GET of a mutation', { method: 'GET', path: `/graphql?${form}`, headers: {} }],
  ])('is rejected: %s', async (_, requested) => {
    const answer = await execute(requested)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.text).not.toContain('"data":{')
    expect(answer.text).not.toMatch(/\bat /)
  })
})
