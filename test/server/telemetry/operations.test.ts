// One log line for each operation, however it ends, without data that the client may want to keep private.

import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

function gateway(options: Parameters<typeof startGateway>[0] = {}) {
  const started = startGateway(options)
  onTestFinished(() => started.close())
  return started
}

const line = { requestId: expect.any(String), identity: 'anonymous', durationMs: expect.any(Number) }

describe('the log line of an operation', () => {
  it('has its kind, its name and its calls', async () => {
    const { execute, operations } = gateway()
    await execute('query Names { virtualMachines { nodes { name } } } query Other { vcenters { name } }', {})
    await execute('query Names { virtualMachines { nodes { name } } }')
    await execute('{ vcenters { name } }')
    expect(operations).toEqual([
      {
        ...line,
        kind: 'unknown',
        name: undefined,
        outcome: 'failed',
        soapCalls: 0,
        codes: ['BAD_USER_INPUT'],
      },
      {
        ...line,
        kind: 'query',
        name: 'Names',
        outcome: 'success',
        soapCalls: 2,
        calls: { CreateContainerView: 1, RetrievePropertiesEx: 1 },
      },
      { ...line, kind: 'query', name: undefined, outcome: 'success', soapCalls: 0 },
    ])
  })

  it.each([
    ['{', 'unknown'],
    ['{ nonsense }', 'query'],
    ['mutation { nonsense }', 'mutation'],
    ['query ($by: VirtualMachineBy!) { virtualMachine(by: $by) { name } }', 'query'],
  ])('is written for %s, which is rejected', async (query, kind) => {
    const { execute, operations } = gateway()
    await execute(query)
    expect(operations).toMatchObject([{ kind, outcome: 'failed', codes: ['BAD_USER_INPUT'], soapCalls: 0 }])
  })

  it('is written for an invalid body', async () => {
    const { fetch, operations } = gateway()
    await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"' })
    expect(operations).toMatchObject([{ kind: 'unknown', outcome: 'failed', codes: ['BAD_USER_INPUT'] }])
  })

  it('distinguishes a partial response from one without data', async () => {
    const { execute, operations, simulator } = gateway()
    await execute('{ virtualMachine(by: { id: "x" }) { name } vcenters { name } }')
    simulator.faults.fault('HostCommunication', { method: 'RetrievePropertiesEx' })
    await execute('{ virtualMachines { totalCount } }')
    await execute('{ virtualMachine(by: { id: "x" }) { name } }')
    expect(operations).toMatchObject([
      { outcome: 'partial', codes: ['BAD_USER_INPUT'] },
      { outcome: 'failed', codes: ['VSPHERE_FAULT'], faults: ['HostCommunication'] },
      { outcome: 'failed', codes: ['BAD_USER_INPUT'] },
    ])
  })

  it('names a fault only if its type is declared', async () => {
    const { execute, operations, simulator } = gateway()
    simulator.faults.fault('AFaultOfTheFuture' as never, { method: 'RetrievePropertiesEx' })
    await execute('{ virtualMachines { totalCount } }')
    expect(operations).toMatchObject([{ codes: ['VSPHERE_FAULT'], faults: ['other'] }])
  })

  it('contains no document, variable or message', async () => {
    const { execute, operations } = gateway()
    await execute(
      'query ($name: String!) { virtualMachine(by: { name: $name }) { name } a: node(id: "literal") { id } }',
      {
        name: 'confidential',
      },
    )
    expect(operations).toHaveLength(1)
    expect(JSON.stringify(operations)).not.toMatch(/confidential|literal/)
  })

  it('truncates a long name', async () => {
    const { execute, operations } = gateway()
    await execute(`query ${'N'.repeat(5_000)} { vcenters { name } }`)
    expect(operations).toMatchObject([{ name: 'N'.repeat(100) }])
  })

  it('is not written for probes, GraphiQL and requests rejected before GraphQL', async () => {
    const { fetch, operations } = gateway()
    await fetch('/health')
    await fetch('/ready')
    await fetch('/elsewhere')
    await fetch('/graphql', { headers: { accept: 'text/html', host: 'evil.example.com' } })
    expect(operations).toEqual([])
  })

  it('is written once when the client disconnects from a queued operation', async () => {
    const { listen, simulator, operations } = gateway()
    const url = await listen()
    const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const client = new AbortController()
    const answer = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"query Left { virtualMachines { totalCount } }"}',
      signal: client.signal,
    })
    await pause.waitFor()
    client.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => operations.length).toBe(1)
    pause.release()
    expect(operations).toMatchObject([{ name: 'Left', outcome: 'aborted' }])
  })
})

describe('the log line of a subscription', () => {
  const query =
    'subscription Live { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind } } }'

  it('is written when the client disconnects, with the number of events', async () => {
    const { listen, operations } = gateway()
    const events = await subscribe(await listen(), query)
    await events.next()
    expect(operations).toEqual([])
    events.abortClient()
    await expect.poll(() => operations.length).toBe(1)
    expect(operations).toMatchObject([{ kind: 'subscription', name: 'Live', outcome: 'aborted' }])
    expect(operations[0]?.events).toBeGreaterThanOrEqual(1)
  })

  it('is written as an error when the gateway stops', async () => {
    const { listen, operations, stop } = gateway()
    const events = await subscribe(await listen(), query)
    await events.next()
    await events.next()
    stop()
    await events.remaining()
    expect(operations).toMatchObject([{ codes: ['SHUTTING_DOWN'], events: 3 }])
  })

  it('is written when the subscription completes', async () => {
    const { listen, operations, execute } = gateway()
    const { data } = await execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x", waitSeconds: 0 }) { task { id } } }',
    )
    const { id } = data.createSnapshot.task
    const events = await subscribe(await listen(), 'subscription ($id: ID!) { task(id: $id) { state } }', {
      id,
    })
    await events.remaining()
    expect(operations.at(-1)).toMatchObject({ kind: 'subscription', outcome: 'success' })
  })
})

describe('several operations in one request', () => {
  const list = (...queries: string[]): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'list-1' },
    body: JSON.stringify(queries.map((query) => ({ query }))),
  })

  it('have one line each, with its own calls and result, and one request id', async () => {
    const metrics = createMetrics()
    const { fetch, operations } = gateway({ limits: { batch: 4 }, metrics })
    const response = await fetch(
      '/graphql',
      list(
        'query A { virtualMachines { totalCount } }',
        'query B {',
        'query C { nonsense }',
        'query D { vcenters { name } }',
      ),
    )
    expect(await response.json()).toMatchObject([
      { data: {} },
      { errors: [{}] },
      { errors: [{}] },
      { data: { vcenters: [{ name: 'test' }] } },
    ])
    const reported = { ...line, requestId: 'list-1' }
    const calls = { CreateContainerView: 1, RetrievePropertiesEx: 1 }
    const codes = ['BAD_USER_INPUT']
    expect(operations).toEqual([
      { ...reported, kind: 'query', name: 'A', outcome: 'success', soapCalls: 2, calls },
      { ...reported, kind: 'unknown', name: undefined, outcome: 'failed', soapCalls: 0, codes },
      { ...reported, kind: 'query', name: 'C', outcome: 'failed', soapCalls: 0, codes },
      { ...reported, kind: 'query', name: 'D', outcome: 'success', soapCalls: 0 },
    ])
    expect(await metrics.read()).toContain(
      'vsphere_graphql_operations_total{kind="query",outcome="success"} 2',
    )
  })

  it('have one line in total when there are too many, since none is parsed', async () => {
    const { fetch, operations } = gateway({ limits: { batch: 1 } })
    await fetch('/graphql', list('{ vcenters { name } }', '{ vcenters { name } }'))
    expect(operations).toMatchObject([{ kind: 'unknown', codes: ['QUERY_TOO_COMPLEX'] }])
  })

  it.each([0, 3])('are logged as invalid when they are not operations (--max-batch %i)', async (batch) => {
    const { fetch, simulator } = gateway({ limits: { batch } })
    const response = await fetch('/graphql', list())
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      errors: [
        {
          message: 'the batch is empty',
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    })
    expect(simulator.calls).toEqual([])
  })
})

describe('a request that is rejected before parsing', () => {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } }

  it.each([
    ['for a foreign host name', 421, '/graphql', { headers: { host: 'evil.example.com' } }],
    ['from another origin', 403, '/graphql', { headers: { origin: 'https://evil.example.com' } }],
    ['by GET without the CSRF header', 403, '/graphql?query={vcenters{name}}', {}],
    ['for an unknown path', 404, '/elsewhere', {}],
    [
      'with an unsupported content type',
      415,
      '/graphql',
      { method: 'POST', headers: { 'content-type': 'text/csv', 'x-graphql-yoga-csrf': '1' }, body: 'a,b' },
    ],
    [
      'with a compressed body',
      415,
      '/graphql',
      {
        ...post,
        headers: { ...post.headers, 'content-encoding': 'gzip' },
        body: gzipSync('{"query":"{ vcenters { name } }"}'),
      },
    ],
    ['with another method and no body', 405, '/graphql', { method: 'PUT' }],
    [
      'with another method',
      405,
      '/graphql',
      { method: 'PUT', headers: { ...post.headers, 'x-graphql-yoga-csrf': '1' }, body: '{}' },
    ],
    ['with another method on a probe', 405, '/ready', { method: 'POST' }],
  ] as [string, number, string, RequestInit][])(
    '%s is counted by its status, %i, and not logged as an operation',
    async (_, status, path, init) => {
      const metrics = createMetrics()
      const { fetch, operations } = gateway({ metrics })
      expect((await fetch(path, init)).status).toBe(status)
      expect(await metrics.read()).toContain(
        `vsphere_graphql_http_requests_rejected_total{status="${status}"} 1`,
      )
      expect(operations).toEqual([])
    },
  )

  it('gets an error for a compressed body that names the accepted encoding', async () => {
    const { fetch } = gateway()
    const response = await fetch('/graphql', {
      ...post,
      headers: { ...post.headers, 'content-encoding': 'gzip' },
      body: gzipSync('{"query":"{ vcenters { name } }"}'),
    })
    expect(response.headers.get('accept-encoding')).toBe('identity')
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('compressed'), extensions: { code: 'BAD_USER_INPUT' } }],
    })
  })

  it('is counted, while answered requests and a not ready gateway are not', async () => {
    const metrics = createMetrics()
    const { fetch, execute, stop } = gateway({ metrics })
    await execute('{ nonsense }')
    stop()
    expect((await fetch('/ready')).status).toBe(503)
    expect(await metrics.read()).not.toMatch(/http_requests_rejected_total\{/)
  })
})

describe('/health, /ready and /metrics', () => {
  it.each(['/health', '/ready', '/metrics'])('%s allows only GET and HEAD, and says so', async (path) => {
    const { fetch } = gateway({ metrics: createMetrics() })
    const rejected = await fetch(path, { method: 'POST' })
    expect(rejected.status).toBe(405)
    expect(rejected.headers.get('allow')).toBe('GET, HEAD')
    expect((await fetch(path)).status).toBe(200)
    const head = await fetch(path, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
  })
})
