// Requests that are too long, with or without a declared length, batches of operations, and parameters with invalid JSON.

import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { type RunningServer, startServer } from '../../../src/server/start-server.ts'
import { startGateway } from '../../test-gateway.ts'

const maxBytes = 100_000
const log = { info() {}, warn() {}, error() {} }

const start = (...argv: string[]) =>
  startServer(loadServeConfig({ argv: ['--simulator', '--port', '0', ...argv], env: {} }), log)

const post = async ({ url }: RunningServer, body: string, isChunked = false) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(isChunked
      ? { body: Readable.toWeb(Readable.from([Buffer.from(body)])) as never, duplex: 'half' as const }
      : { body }),
  })
  return { status: response.status, answer: await response.json() }
}

const name = { query: '{ vcenters { name } }' }
const named = { data: { vcenters: [{ name: 'simulator' }] } }

describe('a body', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await start('--max-request-bytes', String(maxBytes))
  })
  afterAll(() => server.stop())

  const query = (padding: number) => JSON.stringify({ ...name, extensions: { padding: 'ä'.repeat(padding) } })

  it.each([
    ['a declared length', false],
    ['chunks', true],
  ])('with %s is read up to the limit, and rejected beyond', async (_, isChunked) => {
    expect(await post(server, query(10), isChunked)).toEqual({ status: 200, answer: named })
    const overhead = Buffer.byteLength(query(0))
    const longest = query((maxBytes - overhead) / 2) + ' '.repeat((maxBytes - overhead) % 2)
    expect((await post(server, longest, isChunked)).status).toBe(200)
    expect(await post(server, `${longest} `, isChunked)).toMatchObject({
      status: 413,
      answer: {
        errors: [
          {
            message: 'the request has 100,001 bytes, but the limit per request is 100,000',
            extensions: {
              code: 'QUERY_TOO_COMPLEX',
              actual: maxBytes + 1,
              limit: maxBytes,
              remedy: expect.stringContaining('--max-request-bytes'),
            },
          },
        ],
      },
    })
  })
})

describe('a body that ends with its connection', () => {
  it.each([
    ['after declaring its length', 'content-length: 100'],
    ['in chunks', 'transfer-encoding: chunked'],
  ])('%s causes no error', async (_, header) => {
    const metrics = createMetrics()
    const gateway = startGateway({ metrics })
    onTestFinished(() => gateway.close())
    const { port, host } = new URL(await gateway.listen())
    const socket = connect(Number(port), '127.0.0.1')
    const head = `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n${header}`
    socket.write(`${head}\r\nexpect: 100-continue\r\n\r\n`)
    await once(socket, 'data')
    socket.write('5\r\n{"que\r\n')
    socket.destroy()
    await expect.poll(() => gateway.operations).toMatchObject([{ outcome: 'aborted' }])
    await gateway.execute('{ vcenters { name } }')
    expect(gateway.lines).toEqual([])
    expect(await metrics.read()).not.toContain('vsphere_graphql_errors_total{')
  })
})

describe('a batch of operations', () => {
  const list = (...operations: object[]) => JSON.stringify(operations)
  const rejection = (message: string) => ({
    status: 400,
    answer: {
      errors: [
        {
          message,
          extensions: { code: 'QUERY_TOO_COMPLEX', remedy: expect.stringContaining('--max-batch') },
        },
      ],
    },
  })

  it('is rejected by default, however short', async () => {
    const server = await start()
    for (const body of [list(name), list(name, name)])
      expect(await post(server, body)).toMatchObject(rejection('batches are disabled'))
    await server.stop()
  })

  it.each([[null], [name, 1], [name, 'text']])('may contain only objects: %j', async (...operations) => {
    const server = await start('--max-batch', '3')
    expect(await post(server, JSON.stringify(operations))).toMatchObject({
      status: 400,
      answer: {
        errors: [
          {
            message: `operation ${operations.length} of the batch is not an object`,
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      },
    })
    await server.stop()
  })

  it('is answered in order if enabled, each operation with its own errors and limits', async () => {
    const server = await start('--max-batch', '3', '--max-objects', '20')
    const tooLarge = { query: '{ virtualMachines(first: 20) { nodes { name } } }' }
    const { status, answer } = await post(server, list(name, tooLarge, { query: '{ nonsense }' }))
    expect(status).toBe(200)
    expect(answer).toMatchObject([
      named,
      { errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX', actual: 21, limit: 20 } }] },
      { errors: [{ extensions: { code: 'BAD_USER_INPUT', requestId: expect.any(String) } }] },
    ])
    expect(await post(server, list(name, name, name, name))).toMatchObject(
      rejection('the batch has 4 operations, but the limit per request is 3'),
    )
    const { answer: otherAnswer } = await post(
      server,
      list(name, { query: 'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial } }' }),
    )
    expect(otherAnswer).toMatchObject([
      named,
      {
        errors: [
          { message: expect.stringContaining('subscription'), extensions: { code: 'BAD_USER_INPUT' } },
        ],
      },
    ])
    await server.stop()
  })
})

const csrf = { 'x-graphql-yoga-csrf': '1' }
const form = { 'content-type': 'application/x-www-form-urlencoded', ...csrf }

it.each([
  ['variables of a GET', '?query={__typename}&variables=confidential', { headers: csrf }],
  ['extensions of a GET', '?query={__typename}&extensions={"confidential"', { headers: csrf }],
  [
    'variables of a form',
    '',
    { method: 'POST', headers: form, body: 'query={__typename}&variables=confidential' },
  ],
])('returns BAD_USER_INPUT for %s', async (_, search, init) => {
  const { fetch, close, lines, operations } = startGateway()
  onTestFinished(close)
  const response = await fetch(`/graphql${search}`, init)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({
    errors: [
      {
        message: 'variables or extensions are not valid JSON',
        extensions: {
          code: 'BAD_USER_INPUT',
          retryable: false,
          remedy: 'Send each as a JSON object.',
          vcenter: 'test',
          requestId: expect.any(String),
        },
      },
    ],
  })
  expect(lines).toEqual([])
  expect(operations).toMatchObject([{ kind: 'unknown', codes: ['BAD_USER_INPUT'] }])
})
