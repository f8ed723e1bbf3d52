// The client address in the log: that of the connection, or the one that a trusted proxy reports.

import { request } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import type { LogFields } from '../../../src/observability/log.ts'
import { startServer } from '../../../src/server/start-server.ts'

interface Line extends LogFields {
  readonly msg: string
}

async function serve(...flags: string[]) {
  const lines: Line[] = []
  const add = (msg: string, fields: LogFields = {}) => void lines.push({ ...fields, msg })
  const config = loadServeConfig({ argv: ['--port', '0', ...flags], env: {} })
  const server = await startServer(config, { info: add, warn: add, error: add })
  onTestFinished(() => server.stop())
  return {
    lines,
    /** Uses node:http, which sends any header, also repeated ones. */
    execute: (query: string, headers: Record<string, string | string[]> = {}) =>
      new Promise<number | undefined>((resolve, reject) => {
        const requested = request(server.url, { method: 'POST', agent: false }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode))
        })
        requested.setHeader('content-type', 'application/json')
        for (const [name, value] of Object.entries(headers)) requested.setHeader(name, value)
        requested.on('error', reject).end(JSON.stringify({ query }))
      }),
    /** The client address in the log lines with this message. */
    clientIps: (msg: string) => lines.filter((line) => line.msg === msg).map(({ clientIp }) => clientIp),
  }
}

const query = '{ vcenters { name } }'

describe('the client address', () => {
  it('is on the log lines of operations and mutations', async () => {
    const { execute, clientIps } = await serve()
    await execute(
      'mutation { removeAllSnapshots(input: { virtualMachine: { name: "mail-01" } }) { task { state } } }',
    )
    expect([clientIps('operation'), clientIps('mutation')]).toEqual([['127.0.0.1'], ['127.0.0.1']])
  })

  it('is not taken from a header, which any client can send', async () => {
    const { execute, clientIps } = await serve()
    await execute(query, { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' })
    expect(clientIps('operation')).toEqual(['127.0.0.1'])
  })
})

describe('behind a proxy', () => {
  it.each<[header: string | string[], clientIp: string]>([
    ['203.0.113.7', '203.0.113.7'],
    ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
    [['203.0.113.7', '198.51.100.1'], '198.51.100.1'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]:51234', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    // An invalid address is ignored; the proxy's own address is used.
    ['203.0.113.7, unknown', '127.0.0.1'],
    ['203.0.113.7,', '127.0.0.1'],
    [`fe80::1%${'x'.repeat(1_000)}`, '127.0.0.1'],
    [`"},{"level":"error"`, '127.0.0.1'],
    ['1'.repeat(4_000), '127.0.0.1'],
  ])('%j is %s', async (header, clientIp) => {
    const { execute, clientIps } = await serve('--trust-proxy')
    await execute(query, { 'x-forwarded-for': header })
    expect(clientIps('operation')).toEqual([clientIp])
  })

  it("uses the proxy's address when the proxy reports none", async () => {
    const { execute, clientIps } = await serve('--trust-proxy')
    await execute(query)
    expect(clientIps('operation')).toEqual(['127.0.0.1'])
  })
})

describe('a request rejected by host or origin', () => {
  it.each([
    [
      { host: 'evil.example.com' },
      421,
      'request rejected: host name "evil.example.com" is not allowed; see --allowed-host',
    ],
    [
      { origin: 'https://evil.example.com' },
      403,
      'request rejected: origin "https://evil.example.com" is not allowed; see --allowed-origin',
    ],
  ])('%j is logged once', async (headers, status, msg) => {
    const { execute, lines } = await serve()
    for (let time = 0; time < 3; time += 1) expect(await execute(query, headers)).toBe(status)
    expect(lines.filter((line) => line.status === status)).toEqual([
      { msg, requestId: expect.any(String), clientIp: '127.0.0.1', status },
    ])
  })

  it('is logged for at most a hundred names, each truncated', async () => {
    const { execute, lines } = await serve()
    for (let number = 0; number < 120; number += 1)
      await execute(query, { host: `${number}${'.x'.repeat(200)}` })
    const reported = lines.filter(({ status }) => status === 421).map(({ msg }) => msg)
    expect(reported).toHaveLength(100)
    expect(reported[99]).toMatch(
      /^request rejected: host name "99(\.x)+" is not allowed; .*; no more host names are logged until/,
    )
    for (const line of reported) expect(line.length).toBeLessThan(250)
  })
})
