// CORS as browsers perform it: disabled by default, and enabled only for the configured origins.

import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'
import { certificates } from '../../transport/certificates.ts'
import { startAuthenticatedGateway, temporaryFiles } from '../auth/authenticated-gateway.ts'

const portal = 'https://portal.example.com'
const gateway = startGateway({ allowedOrigins: [portal, 'http://localhost:3000'] })
afterAll(() => gateway.close())

const corsOf = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'))

const preflight = (origin: string) =>
  gateway.fetch('/graphql', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-vsphere-trace',
    },
  })

const execute = (origin: string, { host = 'localhost', query = '{ vcenters { name } }' } = {}) =>
  gateway.fetch('/graphql', {
    method: 'POST',
    headers: { origin, host, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })

const get = (headers: Record<string, string>) =>
  gateway.fetch('/graphql?query=%7Bvcenters%7Bname%7D%7D', { headers })

describe('an allowed origin', () => {
  it('may send the requests of its preflights, with credentials', async () => {
    const response = await preflight(portal)
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(corsOf(response)).toEqual({
      'access-control-allow-origin': portal,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization,content-type,x-vsphere-trace',
      'access-control-max-age': '7200',
      vary: 'Access-Control-Request-Headers, Origin',
    })
  })

  it.each([
    ['{ vcenters { name } }', 200],
    ['{ nonsense }', 200],
    ['{ vcenters', 200],
  ])('may read the response with all headers, and errors: %s', async (query, status) => {
    const response = await execute(portal, { query })
    expect(response.status).toBe(status)
    expect(corsOf(response)).toEqual({
      'access-control-allow-origin': portal,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': expect.stringContaining('content-type'),
      vary: 'Origin',
    })
  })

  it('may read rejections before GraphQL execution', async () => {
    const response = await execute(portal, { host: 'evil.example.com' })
    expect(response.status).toBe(421)
    expect(corsOf(response)).toMatchObject({ 'access-control-allow-origin': portal })
  })

  it('may subscribe', async () => {
    const started = startGateway({ allowedOrigins: [portal] })
    onTestFinished(() => started.close())
    const subscription = await subscribe(
      await started.listen(),
      'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial } }',
      {},
      { origin: portal },
    )
    expect(subscription.headers.get('access-control-allow-origin')).toBe(portal)
    expect((await subscription.next())?.data).toEqual({ inventoryChanges: { initial: true } })
    subscription.abortClient()
  })

  it('may send a GET without the CSRF header, since a browser states the origin', async () => {
    const response = await get({ origin: portal })
    expect([response.status, await response.json()]).toEqual([
      200,
      { data: { vcenters: [{ name: 'test' }] } },
    ])
    expect(response.headers.get('access-control-allow-origin')).toBe(portal)
  })

  it('needs the content-type of JSON for a POST, as all clients do', async () => {
    const headers = { origin: portal, 'content-type': 'text/plain' }
    const body = JSON.stringify({ query: '{ vcenters { name } }' })
    expect((await gateway.fetch('/graphql', { method: 'POST', headers, body })).status).toBe(403)
  })
})

describe('any other origin', () => {
  it.each([
    'https://evil.example.com',
    'http://portal.example.com',
    'https://portal.example.com:8443',
    'https://portal.example.com.evil.example.com',
    'null',
  ])('is rejected with a remedy that its page can read: %s', async (origin) => {
    const allowedPreflight = await preflight(origin)
    expect([allowedPreflight.status, await allowedPreflight.text()]).toEqual([204, ''])
    expect(corsOf(allowedPreflight)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'authorization,content-type,x-vsphere-trace',
    })
    const response = await execute(origin)
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({
      errors: [
        expect.objectContaining({
          extensions: expect.objectContaining({
            code: 'FORBIDDEN',
            remedy: expect.stringContaining('--allowed-origin'),
          }),
        }),
      ],
    })
    expect(corsOf(response)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': expect.stringContaining('content-type'),
      vary: 'Origin',
    })
  })

  it('is rejected before a login', async () => {
    const started = startGateway()
    onTestFinished(() => started.close())
    const headers = { origin: 'http://localhost:5173', 'content-type': 'application/json' }
    const body = JSON.stringify({ query: '{ vcenters { name } }' })
    const response = await started.fetch('/graphql', { method: 'POST', headers, body })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      403,
      'http://localhost:5173',
    ])
    expect(started.simulator.calls).toEqual([])
  })

  it("needs no CORS if it is the gateway's own", async () => {
    const response = await execute('http://localhost')
    expect([response.status, corsOf(response)]).toEqual([200, { vary: 'Origin' }])
  })
})

describe('a page of the same origin, as a browser states', () => {
  const statement = { 'sec-fetch-site': 'same-origin' }

  it('may send a GET without the CSRF header', async () => {
    const response = await get(statement)
    expect([response.status, corsOf(response)]).toEqual([200, { vary: 'Origin' }])
  })

  it('may send requests through a proxy that changes the Host header', async () => {
    const post = (headers: Record<string, string>) =>
      gateway.fetch('/graphql', {
        method: 'POST',
        headers: {
          ...{ origin: 'http://localhost:5173', host: '127.0.0.1', 'content-type': 'application/json' },
          ...headers,
        },
        body: JSON.stringify({ query: '{ vcenters { name } }' }),
      })
    const response = await post(statement)
    expect([response.status, corsOf(response)]).toEqual([200, { vary: 'Origin' }])
    for (const site of ['same-site', 'cross-site', 'none', 'same-origin, cross-site'])
      expect((await post({ 'sec-fetch-site': site })).status).toBe(403)
    expect((await post({ ...statement, host: 'evil.example.com' })).status).toBe(421)
  })
})

it.each([
  [{}],
  [{ 'sec-fetch-site': 'same-site' }],
  [{ 'sec-fetch-site': 'cross-site' }],
  [{ 'sec-fetch-site': 'none' }],
])('rejects a GET without the CSRF header and without an origin: %j', async (headers) => {
  expect((await get(headers as Record<string, string>)).status).toBe(403)
  const statuses = ['x-graphql-yoga-csrf', 'apollo-require-preflight', 'x-apollo-operation-name'].map(
    async (header) => (await get({ ...headers, [header]: '1' })).status,
  )
  expect(await Promise.all(statuses)).toEqual([200, 200, 200])
})

it('treats an http origin as foreign when the gateway uses TLS', async () => {
  const { signed } = certificates
  const files = temporaryFiles()
  onTestFinished(() => files.clear())
  const gateway = await startAuthenticatedGateway(
    ...['--tls-cert', files.write('cert.pem', signed.cert), '--tls-key', files.write('key.pem', signed.key)],
  )
  onTestFinished(() => gateway.stop())
  const { origin, host } = new URL(gateway.url)
  expect(await gateway.execute({ headers: { origin } })).toMatchObject({ status: 200 })
  expect(await gateway.execute({ headers: { origin: `http://${host}` } })).toMatchObject({ status: 403 })
})
