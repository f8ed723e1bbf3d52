// Requests through the whole gateway: health and readiness, the playground, the trace, errors, and clients that disconnect.

import { describe, expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../test-gateway.ts'
import { createBuiltPlayground } from './playground/built-playground.ts'

function gateway(options: Parameters<typeof startGateway>[0] = {}) {
  const started = startGateway(options)
  onTestFinished(() => started.close())
  return started
}

describe('health', () => {
  test('is 200 in any state of the vCenter, without calling it', async () => {
    const { fetch, simulator } = gateway()
    simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    const response = await fetch('/health')
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(simulator.calls).toEqual([])
  })
})

describe('readiness', () => {
  test('is 200 when the vCenter responds, with one session for any number of probes', async () => {
    const { fetch, simulator } = gateway()
    const answers = await Promise.all([fetch('/ready'), fetch('/ready')])
    answers.push(await fetch('/ready'))
    for (const response of answers) expect([response.status, await response.text()]).toEqual([200, ''])
    expect(simulator.live.sessions).toBe(1)
  })

  test('is matched by path alone, for GET and HEAD', async () => {
    const { fetch } = gateway()
    expect((await fetch('/ready?verbose')).status).toBe(200)
    expect((await fetch('/ready', { method: 'HEAD' })).status).toBe(200)
    expect((await fetch('/ready', { method: 'POST' })).status).toBe(405)
    const headers = { 'x-graphql-yoga-csrf': '1' }
    const response = await fetch('/graphql?query={__typename}&from=/ready', { headers })
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
  })

  test('is 503 when the vCenter does not respond despite a login, with the reason as a single code', async () => {
    const { fetch, simulator } = gateway()
    expect((await fetch('/ready')).status).toBe(200)
    simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    const response = await fetch('/ready')
    expect([response.status, await response.json()]).toEqual([503, { ready: false, reason: 'UNREACHABLE' }])
    simulator.faults.clear()
    expect((await fetch('/ready')).status).toBe(200)
  })

  test('is 503 when the password is wrong, which is tried once', async () => {
    const { fetch, simulator } = gateway({ gatewayPassword: 'hunter2' })
    for (let time = 0; time < 3; time += 1) {
      const response = await fetch('/ready')
      expect([response.status, await response.json()]).toEqual([
        503,
        { ready: false, reason: 'LOGIN_REFUSED' },
      ])
    }
    expect(simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(1)
  })

  test('does not renew an ended session, which the next operation does', async () => {
    const { execute, fetch, simulator } = gateway()
    await fetch('/ready')
    simulator.faults.restart()
    expect((await fetch('/ready')).status).toBe(200)
    expect(simulator.live.sessions).toBe(0)
    await execute('{ vcenters { connected } }')
    expect(simulator.live.sessions).toBe(1)
  })

  test('makes one call for concurrent probes, so that mutations find a connection', async () => {
    let requested = 0
    let held: Promise<void> | undefined
    const { fetch } = gateway({
      wrap: (transport) => ({
        async send(request) {
          requested += 1
          await held
          return transport.send(request)
        },
        close: () => transport.close(),
      }),
    })
    await fetch('/ready')
    requested = 0
    let release = () => {}
    held = new Promise((resolve) => {
      release = resolve
    })
    const flood = Array.from({ length: 100 }, () => fetch('/ready'))
    await expect.poll(() => requested).toBe(1)
    release()
    for (const response of await Promise.all(flood)) expect(response.status).toBe(200)
    expect(requested).toBe(1)
    expect((await fetch('/ready')).status).toBe(200)
    expect(requested).toBe(2)
  })
})

describe('the playground', () => {
  test.each(['/graphql', '/graphql/', '/graphql?query=%7Bvcenters%7Bname%7D%7D'])(
    'is served to a browser at %s',
    async (path) => {
      const { fetch } = gateway({ playgroundDirectory: createBuiltPlayground() })
      const response = await fetch(path, { headers: { accept: 'text/html,*/*' } })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
      const page = await response.text()
      expect(page).toContain('InventoryAtAGlance')
      expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)="?(https?:)?\/\//)
    },
  )

  test('is not served under a foreign host name', async () => {
    const headers = { accept: 'text/html', host: 'evil.example.com' }
    for (const path of ['/graphql', '/playground/assets/index-1.js']) {
      const response = await gateway({ playgroundDirectory: createBuiltPlayground() }).fetch(path, {
        headers,
      })
      expect(response.status, path).toBe(421)
      expect(await response.text()).not.toMatch(/<html|start/)
    }
  })

  test('is not served at any other path', async () => {
    const response = await gateway().fetch('/elsewhere', { headers: { accept: 'text/html' } })
    expect(response.status).toBe(404)
  })
})

interface Trace {
  readonly retrievals: number
  readonly roundTrips: number
  readonly calls: readonly { readonly method: string; readonly ms: number; readonly bytes: number }[]
}

describe('the trace', () => {
  const query = '{ datacenters { nodes { name virtualMachines { nodes { name } } } } }'
  const header = { 'X-VSphere-Trace': '1' }

  test('contains every call of the operation, including retries of a retrieval', async () => {
    const { execute, simulator } = gateway()
    await execute(query)
    simulator.calls.length = 0
    const { extensions = {} } = await execute(query, undefined, header)
    const { retrievals, roundTrips, calls } = extensions.vsphere as Trace
    expect({ retrievals, roundTrips }).toEqual({ retrievals: 1, roundTrips: 1 })
    expect(calls.map(({ method }) => method)).toEqual(simulator.calls.map(({ method }) => method))
    for (const call of calls) {
      expect(Object.keys(call)).toEqual(['method', 'ms', 'bytes'])
      expect(call.ms).toBeGreaterThan(0)
      expect(call.bytes).toBeGreaterThan(100)
    }
  })

  test('contains write calls and failed calls', async () => {
    const { execute, simulator } = gateway()
    await execute('{ vcenters { name } }')
    const mutation = `mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x", waitSeconds: 0 }) { task { state } } }`
    const { extensions } = await execute(mutation, undefined, header)
    expect(extensions).toMatchObject({
      vsphere: {
        calls: expect.arrayContaining([expect.objectContaining({ method: 'CreateSnapshot_Task' })]),
      },
    })
    simulator.faults.fault('HostCommunication', { method: 'RetrievePropertiesEx' })
    const failed = await execute(query, undefined, header)
    expect(failed.errors).toHaveLength(1)
    expect(failed.extensions).toMatchObject({ vsphere: { retrievals: 1 } })
  })

  test.each([{}, { 'X-VSphere-Trace': '0' }, { 'X-VSphere-Trace': 'true' }])(
    'is absent with %j',
    async (headers) => {
      expect(
        await gateway().execute('{ vcenters { name } }', undefined, headers as Record<string, string>),
      ).toEqual({
        data: { vcenters: [{ name: 'test' }] },
      })
    },
  )
})

describe('an error', () => {
  test.each([
    ['{ vcenters', 'BAD_USER_INPUT'],
    ['{ nonsense }', 'BAD_USER_INPUT'],
    ['query ($x: Int!) { virtualMachines(first: $x) { totalCount } }', 'BAD_USER_INPUT'],
  ])('of the operation itself has a code and the request id: %s', async (query, code) => {
    const { execute, lines } = gateway()
    const { errors } = await execute(query)
    expect(errors?.length).toBeGreaterThan(0)
    for (const { extensions } of errors ?? [])
      expect(extensions).toMatchObject({ code, retryable: false, requestId: expect.any(String) })
    expect(lines).toEqual([])
    expect(JSON.stringify(errors)).not.toContain('node_modules')
  })

  test('for an unreachable server names the vCenter', async () => {
    const { execute, simulator } = gateway()
    simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    const { data, errors } = await execute('{ virtualMachines { totalCount } }')
    expect(data).toEqual({ virtualMachines: null })
    expect(errors).toMatchObject([
      {
        extensions: {
          code: 'VCENTER_UNAVAILABLE',
          retryable: true,
          vcenter: 'test',
          remedy: expect.any(String),
          requestId: expect.any(String),
        },
      },
    ])
  })
})

test.each([
  'mutation { createSnapshot(input: { virtualMachine: { name: "x" }, name: "y" }) { task { id } } }',
  // Besides unknown types.
  'mutation ($input: CreateSnapshotInput!) { createSnapshot(input: $input) { task { id } } }',
])('reports that there are no mutations in read-only mode: %s', async (mutation) => {
  const { execute } = gateway({ readOnly: true })
  const { data, errors = [] } = await execute(mutation)
  expect(data).toBeUndefined()
  expect(errors[0]).toMatchObject({
    message: 'this gateway is read-only and has no mutations',
    extensions: {
      code: 'ROLE_REQUIRED',
      requiredRole: 'OPERATOR',
      remedy: expect.stringContaining('--read-only'),
    },
  })
})
