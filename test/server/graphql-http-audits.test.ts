// Runs graphql-http's audits of the GraphQL over HTTP specification on a real port.

import { type Audit, serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'
import { type RunningServer, startServer } from '../../src/server/start-server.ts'

const noLog = { info() {}, warn() {}, error() {} }
let server: RunningServer

beforeAll(async () => {
  server = await startServer(loadServeConfig({ argv: ['--port', '0'], env: {} }), noLog)
})

afterAll(() => server.stop())

// The names of the audits are known before the server has a port.
const audits = serverAudits({ url: 'http://127.0.0.1' }).map(({ id, name }) => [id, name] as const)

const run = (id: string, fetchFn: unknown = fetch) =>
  serverAudits({ url: server.url, fetchFn })
    .find((audit: Audit) => audit.id === id)
    ?.fn()

/**
 * Rejects a GET without the header, since any page in a browser could have sent it. These requests have no other evidence: pages may
 * set `accept` without a preflight, and the absence of `origin` and `sec-fetch-site` proves nothing, since browsers omit the latter on
 * plain HTTP to other hosts and in versions before 2023.
 */
const withHeader: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers)
  headers.set('x-graphql-yoga-csrf', '1')
  return fetch(input, { ...init, headers })
}

describe('a client that sends the CSRF header', () => {
  test.each(audits)('passes %s %s', async (id) => {
    const result = await run(id, withHeader)
    expect(result?.status, JSON.stringify(result)).toBe('ok')
  })
})

test('passes all required and recommended audits without the CSRF header', async () => {
  const results = await Promise.all(audits.map(([id]) => run(id)))
  expect(results).toHaveLength(61)
  expect(results.filter((result) => result?.status !== 'ok').map((result) => result?.name)).toEqual([
    'MAY accept application/x-www-form-urlencoded formatted GET requests',
    'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
    'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
  ])
})
