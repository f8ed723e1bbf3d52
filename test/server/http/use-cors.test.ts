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

  it('needs the CSRF header for a GET, as all clients do', async () => {
    const get = (headers: Record<string, string>) =>
      gateway.fetch('/graphql?query=%7Bvcenters%7Bname%7D%7D', { headers: { origin: portal, ...headers } })
    expect((await get({})).status).toBe(403)
    for (const header of ['x-graphql-yoga-csrf', 'apollo-require-preflight', 'x-apollo-operation-name'])
      expect((await get({ [header]: '1' })).status).toBe(200)
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
