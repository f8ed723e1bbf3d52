// /ready and /metrics on a separate address, and their effect on the main listener.

import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { createAdminListener } from '../../../src/server/http/admin-listener.ts'
import { createReadiness } from '../../../src/server/http/readiness.ts'
import { startServer } from '../../../src/server/start-server.ts'
import { createSimulator } from '../../../src/simulator/index.ts'

const noLog = { info: () => {}, warn: () => {}, error: () => {} }

async function serve(...flags: string[]) {
  const simulator = createSimulator()
  onTestFinished(() => simulator.close())
  const { url } = await simulator.listen()
  const config = loadServeConfig({
    argv: ['--port', '0', '--url', url, '--username', 'user', ...flags],
    env: { VSPHERE_PASSWORD: 'pass' },
  })
  const server = await startServer(config, noLog)
  onTestFinished(() => server.stop())
  return { server, simulator }
}

/** Requests a path as a scraper does, under any host name. */
function get(origin: string, path: string, { host = 'pod-7.example.com', method = 'GET' } = {}) {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const requested = request(new URL(path, origin), { method, headers: { host } }, (response) => {
      let text = ''
      response.on('data', (piece) => {
        text += String(piece)
      })
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
    requested.on('error', reject).end()
  })
}

it('continues to serve when a metric cannot be computed', async () => {
  const metrics = { ...createMetrics(), read: () => Promise.reject(new Error('confidential')) }
  const checkReachable = () => Promise.resolve()
  const server = createServer(
    createAdminListener({
      readiness: createReadiness(checkReachable),
      metrics,
    }),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await get(origin, '/metrics')).toEqual({ status: 500, text: '' })
  expect(await get(origin, '/ready')).toEqual({ status: 200, text: '' })
})

describe('the admin listener', () => {
  it('responds under any host name', async () => {
    const { server } = await serve('--admin-port', '0')
    const admin = server.adminUrl as string
    expect(await get(admin, '/health')).toEqual({ status: 200, text: '' })
    expect(await get(admin, '/ready')).toEqual({ status: 200, text: '' })
    const { status, text } = await get(admin, '/metrics?collect=all')
    expect(status).toBe(200)
    expect(text).toMatch(/^vsphere_graphql_vcenter_sessions\{vcenter="127\.0\.0\.1:\d+"\} 1$/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
  })

  it('reports an unreachable vCenter with the reason as a single code', async () => {
    const { server, simulator } = await serve('--admin-port', '0')
    simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    expect(await get(server.adminUrl as string, '/ready')).toMatchObject({
      status: 503,
      text: expect.stringMatching(/^\{"ready":false,"reason":"UNREACHABLE"/),
    })
    expect(await get(server.adminUrl as string, '/health')).toEqual({ status: 200, text: '' })
  })

  it.each(['/', '/graphql', '/constructor', '/metrics/'])('has nothing at %s', async (path) => {
    const { server } = await serve('--admin-port', '0')
    expect(await get(server.adminUrl as string, path)).toEqual({ status: 404, text: '' })
  })

  it('is read-only', async () => {
    const { server } = await serve('--admin-port', '0')
    expect((await get(server.adminUrl as string, '/metrics', { method: 'POST' })).status).toBe(405)
    expect(await get(server.adminUrl as string, '/metrics', { method: 'HEAD' })).toEqual({
      status: 200,
      text: '',
    })
  })

  it('moves /ready and /metrics away from the main listener, which keeps /health', async () => {
    const { server } = await serve('--admin-port', '0')
    const host = 'localhost'
    expect((await get(server.url, '/health', { host })).status).toBe(200)
    expect((await get(server.url, '/ready', { host })).status).toBe(404)
    expect((await get(server.url, '/metrics', { host })).status).toBe(404)
  })

  it('closes with the gateway', async () => {
    const { server } = await serve('--admin-port', '0')
    await server.stop()
    await expect(get(server.adminUrl as string, '/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('fails startup without leaving resources when it cannot listen', async () => {
    const { server, simulator } = await serve('--admin-port', '0')
    const { port } = new URL(server.adminUrl as string)
    const { sessions } = simulator.live
    await expect(serve('--admin-port', port)).rejects.toMatchObject({
      name: 'AdminListenError',
      cause: { code: 'EADDRINUSE' },
    })
    expect(simulator.live.sessions).toBe(sessions)
  })
})

describe('without an admin listener', () => {
  it('serves /ready and /metrics on the main listener, the metrics only under its own host names', async () => {
    const { server } = await serve()
    expect(server.adminUrl).toBeUndefined()
    expect((await get(server.url, '/ready')).status).toBe(200)
    expect((await get(server.url, '/metrics')).status).toBe(421)
    const { status, text } = await get(server.url, '/metrics', { host: 'localhost' })
    expect(status).toBe(200)
    expect(text).toContain('vsphere_graphql_vcenter_sessions')
  })
})

describe('the admin settings', () => {
  const adminOf = (...argv: string[]) => loadServeConfig({ argv, env: {} }).admin

  it.each([
    [[], undefined],
    [['--admin-port', '9464'], { host: '127.0.0.1', port: 9464 }],
    [['--admin-port', '9464', '--host', '10.0.0.1', '--allow-anonymous'], { host: '10.0.0.1', port: 9464 }],
    [['--admin-port', '9464', '--admin-host', '0.0.0.0'], { host: '0.0.0.0', port: 9464 }],
  ] as const)('%j is %j', (argv, admin) => {
    expect(adminOf(...argv)).toEqual(admin)
  })

  it('are invalid without a port', () => {
    expect(() => adminOf('--admin-host', '0.0.0.0')).toThrowError('--admin-host needs --admin-port')
  })
})

describe('the observability settings', () => {
  it('require an http URL for the collector, which is never shown', () => {
    const load = (endpoint: string) =>
      loadServeConfig({ argv: [], env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } })
    expect(load('https://user:hunter2@collector:4318').otlpEndpoint?.reveal()).toContain('hunter2')
    expect(JSON.stringify(load('https://user:hunter2@collector:4318'))).not.toContain('hunter2')
    expect(() => load('hunter2')).toThrowError(
      /^--otlp-endpoint \(OTEL_EXPORTER_OTLP_ENDPOINT\) must be a URL that begins with http:\/\/ or https:\/\/$/,
    )
  })

  it('require a known log level and format', () => {
    const load = (...argv: string[]) => loadServeConfig({ argv, env: {} }).log
    expect(load('--log-level', 'warn', '--log-format', 'text')).toEqual({ level: 'warn', format: 'text' })
    expect(() => load('--log-level', 'loud')).toThrowError(
      '--log-level (LOG_LEVEL) must be error, warn or info, not "loud"',
    )
  })
})
