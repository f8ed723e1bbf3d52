// The gateway as a library: its options, requests with and without a port, and its end.

import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import type { LogFields } from '../../src/observability/log.ts'
import { createMetrics } from '../../src/observability/metrics.ts'
import { createGateway, type Gateway, type GatewayOptions } from '../../src/server/create-gateway.ts'
import { createSimulator } from '../../src/simulator/index.ts'

const jsonHeaders = { 'content-type': 'application/json' }

function post(gateway: Gateway, query: string, headers: Record<string, string> = {}) {
  const body = JSON.stringify({ query })
  return gateway.fetch('/graphql', { method: 'POST', headers: { ...jsonHeaders, ...headers }, body })
}

function start(options: Partial<GatewayOptions> = {}, simulator = createSimulator()) {
  const gateway = createGateway({ vcenter: simulator, ...options } as GatewayOptions)
  onTestFinished(async () => {
    await gateway.close()
    await simulator.close()
  })
  return { simulator, gateway }
}

const account = { username: 'user', password: 'pass' }
const anonymous = () => ({ name: 'anyone', role: 'operator' }) as const
const viewer = '{ viewer { name role } }'

describe('createGateway', () => {
  it('serves a simulator without further options, with every caller as an operator', async () => {
    const { gateway } = start()
    const response = await post(gateway, viewer)
    expect(response).toBeInstanceOf(Response)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ data: { viewer: { name: null, role: 'OPERATOR' } } })
  })

  it('connects to a vCenter with a pinned certificate, and calls the password function at each login', async () => {
    const simulator = createSimulator()
    const { url, thumbprint, origin } = await simulator.listen({ tls: true })
    let reads = 0
    const password = () => {
      reads += 1
      return 'pass'
    }
    const vcenter = { url, username: 'user', password, thumbprint: thumbprint ?? '' }
    const { gateway } = start({ vcenter, authenticate: anonymous }, simulator)
    const query = '{ vcenters { name } virtualMachines { totalCount } }'
    const { data } = (await (await post(gateway, query)).json()) as { data: object }
    expect(data).toMatchObject({ vcenters: [{ name: new URL(origin).host }] })
    expect(reads).toBe(1)
    simulator.faults.expireSessions()
    expect(await (await post(gateway, query)).json()).toEqual({ data })
    expect(reads).toBe(2)
    await gateway.close()
    expect(simulator.live.sessions).toBe(0)
  })

  it.each<[string, () => unknown]>([
    ['is async', async () => 'pass'],
    ['is async and fails', () => Promise.reject(new Error('no secret'))],
    ['returns an empty string', () => ''],
    ['returns nothing', () => undefined],
  ])('does not log in with what a password function returns that %s', async (_, password) => {
    const simulator = createSimulator({ vms: 1 })
    const { url, thumbprint = '' } = await simulator.listen({ tls: true })
    const logged: unknown[] = []
    const add = (_message: string, fields?: LogFields) => void logged.push(fields?.err)
    const vcenter = { url, username: 'user', password: password as () => string, thumbprint }
    const log = { info: add, warn: add, error: add }
    const { gateway } = start({ vcenter, authenticate: anonymous, log }, simulator)
    for (let n = 0; n < 3; n += 1) {
      const response = await post(gateway, '{ virtualMachines { totalCount } }')
      expect(await response.json()).toMatchObject({
        errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) } }],
      })
    }
    expect(simulator.calls.filter(({ method }) => method === 'Login')).toEqual([])
    expect(logged.join()).toContain('vcenter.password must return a string that is not empty')
  })

  it('authenticates callers with a function, which may reject them', async () => {
    const { gateway } = start({
      authenticate: async (authorization) =>
        authorization === 'Bearer secret' ? { name: 'dashboard', role: 'reader' } : null,
    })
    const missing = await post(gateway, viewer)
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="vsphere-graphql"',
    ])
    expect((await post(gateway, viewer, { authorization: 'Bearer other' })).status).toBe(401)
    const known = { authorization: 'Bearer secret' }
    expect(await (await post(gateway, viewer, known)).json()).toEqual({
      data: { viewer: { name: 'dashboard', role: 'READER' } },
    })
    const mutation =
      'mutation { consolidateDisks(input: { virtualMachine: { name: "web-01" } }) { task { state } } }'
    expect(await (await post(gateway, mutation, known)).json()).toMatchObject({
      errors: [{ extensions: { code: 'ROLE_REQUIRED' } }],
    })
  })

  it.each<[string, () => never, string]>([
    [
      'returns a role that does not exist',
      () => ({ name: 'x', role: 'admin' }) as never,
      'reader, power, operator',
    ],
    [
      'throws an unexpected error',
      () => {
        throw new TypeError('admin database')
      },
      'admin database',
    ],
  ])(
    'reports an internal error when authenticate %s, with the id of its log line',
    async (_, authenticate, logged) => {
      const lines: (LogFields | undefined)[] = []
      const add = (_message: string, fields?: LogFields) => void lines.push(fields)
      const { gateway } = start({ authenticate, log: { info: add, warn: add, error: add } })
      const response = await post(gateway, viewer)
      expect(response.status).toBe(500)
      const text = await response.text()
      expect(text).not.toContain('admin')
      const { extensions } = JSON.parse(text).errors[0]
      expect(extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) })
      expect(lines).toHaveLength(1)
      expect(lines[0]?.requestId).toBe(extensions.requestId)
      expect(String(lines[0]?.err)).toContain(logged)
    },
  )

  it.each([
    ['authenticate', { vcenter: { url: 'vcenter.example.com', ...account } }],
    ['unknown option readonly; did you mean readOnly?', { readonly: true }],
    ['unknown option limits.timeoutMS', { limits: { timeoutMS: 5 } }],
    ['unknown option concurrency.sessions', { concurrency: { sessions: 5 } }],
    ['unknown option persistedOperations.persistOnly', { persistedOperations: { persistOnly: true } }],
    ['limits must be an object', { limits: 5 }],
    ['authenticate must be a function', { authenticate: { role: 'reader' } }],
    ['log must be a log', { log: () => {} }],
    ['vcenter must be an object', { vcenter: undefined }],
    ['vcenter must be an object', { vcenter: 'vcenter.example.com' }],
    ['captureKey', { captureKey: 'short' }],
    ['captureKey', { captureKey: 5 }],
    ['readOnly', { readOnly: 'sometimes' }],
    ['pageSizeMax', { pageSizeMax: 0 }],
    ['pageSizeMax', { pageSizeMax: 10_001 }],
    ['pageSizeDefault', { pageSizeDefault: 1.5 }],
    ['pageSizeDefault must not exceed pageSizeMax, which is 5', { pageSizeDefault: 6, pageSizeMax: 5 }],
    ['pageSizeDefault must not exceed pageSizeMax, which is 1000', { pageSizeDefault: 1001 }],
    ['concurrency.operations', { concurrency: { operations: 0 } }],
    ['limits.timeoutMs', { limits: { timeoutMs: 'x' } }],
    ['limits.timeoutMs', { limits: { timeoutMs: 86_400_001 } }],
    ['limits.objects', { limits: { objects: Number.NaN } }],
    ['limits.batch', { limits: { batch: null } }],
    ['allowedHosts', { allowedHosts: ['https://gateway.example.com'] }],
    ['allowedOrigins', { allowedOrigins: ['portal.example.com'] }],
    ['allowedOrigins', { allowedOrigins: 'https://portal.example.com' }],
    ['persistedOperations.documents', { persistedOperations: { documents: { a: '{ __typename }' } } }],
    [
      'persistedOperations has invalid documents (1 of 1)',
      { persistedOperations: { documents: new Map([['a', '{ nothing }']]), persistedOnly: true } },
    ],
    ['vcenter.url must be a string', { vcenter: { url: 5, ...account } }],
    ['vcenter.insecure must be true or false', { vcenter: { url: 'a', ...account, insecure: 'false' } }],
    ['unknown option vcenter.thumbPrint', { vcenter: { url: 'a', ...account, thumbPrint: 'ab'.repeat(32) } }],
    ['vcenter.url', { vcenter: { url: 'http://vcenter.example.com', ...account } }],
    ['vcenter.url', { vcenter: { url: 'https://user:pass@vcenter.example.com', ...account } }],
    ['vcenter.password', { vcenter: { url: 'vcenter.example.com', username: 'user', password: '' } }],
    ['vcenter.ca and vcenter.insecure', { vcenter: { url: 'a', ...account, ca: 'x', insecure: true } }],
    ['vcenter.ca', { vcenter: { url: 'a', ...account, ca: 'no certificate' } }],
    ['vcenter.thumbprint', { vcenter: { url: 'a', ...account, thumbprint: 'ab' } }],
    ['vcenter.thumbprint', { vcenter: { url: 'http://127.0.0.1', ...account, thumbprint: 'ab'.repeat(32) } }],
  ] satisfies [string, Record<string, unknown>][])('rejects an invalid %s: %j', (name, options) => {
    const given = 'vcenter' in options && name !== 'authenticate' ? { authenticate: anonymous } : {}
    const create = () =>
      createGateway({ vcenter: createSimulator({ vms: 0 }), ...given, ...options } as GatewayOptions)
    expect(create).toThrow(ConfigError)
    expect(create).toThrow(name)
  })

  it('rejects options without a vCenter', () => {
    expect(() => createGateway({} as GatewayOptions)).toThrow(/^vcenter must be an object/)
  })

  it.each([undefined, 'a key of captures with enough characters'])(
    'keeps a process without requests not running, and sends nothing, with the capture key %j',
    (captureKey) => {
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
      const before = timers()
      const { simulator } = start(captureKey === undefined ? {} : { captureKey })
      expect(timers()).toBe(before)
      expect(simulator.calls).toEqual([])
    },
  )

  it('applies partial limits, and keeps the defaults of all others', async () => {
    const { gateway } = start({ limits: { depth: 2 }, pageSizeMax: 5, readOnly: true })
    const codes = async (query: string) => {
      const { errors = [] } = (await (await post(gateway, query)).json()) as {
        errors?: { extensions: { code: string } }[]
      }
      return errors.map(({ extensions }) => extensions.code)
    }
    expect(await codes('{ virtualMachines { totalCount } }')).toEqual([])
    expect(await codes('{ virtualMachines { nodes { name } } }')).toEqual(['QUERY_TOO_COMPLEX'])
    expect(await codes('{ virtualMachines(first: 6) { totalCount } }')).toEqual(['BAD_USER_INPUT'])
    expect(await codes('mutation { consolidateDisks }')).toEqual(['ROLE_REQUIRED'])
  })
})

describe('requests', () => {
  it('match hosts and origins as the settings do: in any case, and with a final slash', async () => {
    const { gateway } = start({
      allowedHosts: ['Gateway.Example.COM'],
      allowedOrigins: ['https://Portal.example.com/', 'https://other.example.com:443'],
    })
    const statusOf = async (origin: string) => {
      const headers = { ...jsonHeaders, origin }
      const body = JSON.stringify({ query: viewer })
      const target = 'http://gateway.example.com/graphql'
      return (await gateway.fetch(target, { method: 'POST', headers, body })).status
    }
    expect(await statusOf('https://portal.example.com')).toBe(200)
    expect(await statusOf('https://other.example.com')).toBe(200)
    expect(await statusOf('https://evil.example.com')).toBe(403)
  })

  it('arrive through node:http, from accepted hosts', async () => {
    const metrics = createMetrics()
    const { gateway } = start({ metrics })
    const server = createServer(gateway)
    onTestFinished(() => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const statusWith = async (host: string) => {
      const request = httpRequest({ port, host: '127.0.0.1', path: '/health', headers: { host } })
      const [response] = await once(request.end(), 'response')
      response.resume()
      return response.statusCode
    }
    expect(await statusWith('localhost')).toBe(200)
    expect(await statusWith('user@localhost')).toBe(400)
    const options = { method: 'POST', headers: jsonHeaders, body: JSON.stringify({ query: viewer }) }
    expect((await fetch(`http://127.0.0.1:${port}/graphql`, options)).status).toBe(200)
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain(
      'vsphere_graphql_operations_total',
    )
  })

  it('without a port are checked for their host', async () => {
    const { gateway } = start({ allowedHosts: ['gateway.example.com'] })
    const options = { method: 'POST', headers: jsonHeaders, body: JSON.stringify({ query: viewer }) }
    expect((await gateway.fetch('http://localhost/graphql', options)).status).toBe(421)
    expect((await gateway.fetch('https://gateway.example.com/graphql', options)).status).toBe(200)
    const request = new Request('https://gateway.example.com/graphql', options)
    expect((await gateway.fetch(request)).status).toBe(200)
  })

  it('end when their signal is aborted', async () => {
    const { gateway, simulator } = start()
    const paused = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const client = new AbortController()
    const body = JSON.stringify({ query: '{ virtualMachines { totalCount } }' })
    const response = gateway.fetch('/graphql', {
      method: 'POST',
      headers: jsonHeaders,
      body,
      signal: client.signal,
    })
    await paused.waitFor()
    client.abort()
    await expect(response).rejects.toThrow()
    paused.release()
  })
})

describe('close', () => {
  const subscription = 'subscription { inventoryChanges(filter: { virtualMachine: {} }) { __typename } }'

  it('ends subscriptions, logs out, and rejects later requests, without a new login', async () => {
    const { gateway, simulator } = start()
    const events = await post(gateway, subscription, { accept: 'text/event-stream' })
    const reader = (events.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const text = readAll(reader)
    await gateway.close()
    expect(await text).toContain('event: complete')
    expect(simulator.live).toMatchObject({ sessions: 0, restSessions: 0, waits: 0 })
    const logins = simulator.calls.filter(({ method }) => method === 'Login').length
    const late = await post(gateway, viewer)
    expect(late.status).toBe(503)
    expect(await late.json()).toMatchObject({ errors: [{ extensions: { code: 'SHUTTING_DOWN' } }] })
    expect(simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(logins)
    expect((await gateway.fetch('/ready')).status).toBe(503)
  })

  it('does not wait for the client to read the end of a subscription', async () => {
    const { gateway, simulator } = start()
    const events = await post(gateway, subscription, { accept: 'text/event-stream' })
    const reader = (events.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await gateway.close()
    expect(simulator.live.sessions).toBe(0)
    expect(await readAll(reader)).toContain('event: complete')
  })

  it('lets running operations finish', async () => {
    const { gateway, simulator } = start()
    await post(gateway, '{ virtualMachines { totalCount } }')
    const paused = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const running = post(gateway, '{ hosts { nodes { name } } }')
    await paused.waitFor()
    let isClosed = false
    const closed = gateway.close().then(() => {
      isClosed = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isClosed).toBe(false)
    paused.release()
    expect(await (await running).json()).not.toHaveProperty('errors')
    await closed
    expect(simulator.live.sessions).toBe(0)
  })

  it('keeps the simulator of the caller running', async () => {
    const simulator = createSimulator()
    const first = createGateway({ vcenter: simulator })
    await post(first, viewer)
    await first.close()
    await first.close()
    const { gateway } = start({}, simulator)
    expect(await (await post(gateway, '{ virtualMachines { totalCount } }')).json()).not.toHaveProperty(
      'errors',
    )
  })
})

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text
    text += new TextDecoder().decode(value)
  }
}
