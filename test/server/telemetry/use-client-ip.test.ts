// Where requests come from, as the log tells it: the connection's word, or a proxy's where one stands in front.

import { request } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { startServer } from '../../../src/server/start-server.ts'
import type { LogFields } from '../../../src/observability/log.ts'

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
    /** By node:http, which sends any header that it is told, also several times. */
    ask: (query: string, headers: Record<string, string | string[]> = {}) =>
      new Promise<number | undefined>((resolve, reject) => {
        const asked = request(server.url, { method: 'POST', agent: false }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode))
        })
        asked.setHeader('content-type', 'application/json')
        for (const [name, value] of Object.entries(headers)) asked.setHeader(name, value)
        asked.on('error', reject).end(JSON.stringify({ query }))
      }),
    /** What the lines of this message say of it. */
    remotes: (msg: string) => lines.filter((line) => line.msg === msg).map(({ remote }) => remote),
  }
}

const query = '{ vcenters { name } }'

describe('the address of who asks', () => {
  it('is on the line of an operation, and on that of a change', async () => {
    const { ask, remotes } = await serve()
    await ask(
      'mutation { removeAllSnapshots(input: { virtualMachine: { name: "mail-01" } }) { task { state } } }',
    )
    expect([remotes('operation'), remotes('mutation')]).toEqual([['127.0.0.1'], ['127.0.0.1']])
  })

  it('is not what a header says, which anybody can send', async () => {
    const { ask, remotes } = await serve()
    await ask(query, { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' })
    expect(remotes('operation')).toEqual(['127.0.0.1'])
  })
})

describe('behind a proxy', () => {
  it.each<[header: string | string[], remote: string]>([
    ['203.0.113.7', '203.0.113.7'],
    ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
    [['203.0.113.7', '198.51.100.1'], '198.51.100.1'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]:51234', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    // What is no address is nobody's word; then it is the proxy's own that is known.
    ['203.0.113.7, unknown', '127.0.0.1'],
    ['203.0.113.7,', '127.0.0.1'],
    [`fe80::1%${'x'.repeat(1_000)}`, '127.0.0.1'],
    [`"},{"level":"error"`, '127.0.0.1'],
    ['1'.repeat(4_000), '127.0.0.1'],
  ])('%j is %s', async (header, remote) => {
    const { ask, remotes } = await serve('--behind-tls-proxy')
    await ask(query, { 'x-forwarded-for': header })
    expect(remotes('operation')).toEqual([remote])
  })

  it('that says nothing, it is the proxy’s', async () => {
    const { ask, remotes } = await serve('--behind-tls-proxy')
    await ask(query)
    expect(remotes('operation')).toEqual(['127.0.0.1'])
  })
})

describe('what is refused for where it came from', () => {
  it.each([
    [
      { host: 'evil.example.com' },
      421,
      'a request under the host name "evil.example.com" was refused; --allowed-host allows it',
    ],
    [
      { origin: 'https://evil.example.com' },
      403,
      'a request of a page of "https://evil.example.com" was refused; --allowed-origin allows it',
    ],
  ])('%j is told once', async (headers, status, msg) => {
    const { ask, lines } = await serve()
    for (let time = 0; time < 3; time += 1) expect(await ask(query, headers)).toBe(status)
    expect(lines.filter((line) => line.status === status)).toEqual([
      { msg, requestId: expect.any(String), remote: '127.0.0.1', status },
    ])
  })

  it('is told of a hundred names and no more, each with an end', async () => {
    const { ask, lines } = await serve()
    for (let number = 0; number < 120; number += 1) await ask(query, { host: `${number}${'.x'.repeat(200)}` })
    const told = lines.filter(({ status }) => status === 421).map(({ msg }) => msg)
    expect(told).toHaveLength(100)
    expect(told[99]).toMatch(
      /^a request under the host name "99(\.x)+" .*; no more host names are told until/,
    )
    for (const line of told) expect(line.length).toBeLessThan(250)
  })
})
