// Rejected requests with endless bodies: they get their response, and the connection closes after a bounded part of the body.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { type RunningServer, startServer } from '../../../src/server/start-server.ts'

const log = { info() {}, warn() {}, error() {} }
const queryBody = JSON.stringify({ query: '{ vcenters { name } }' })
/** The amount that the client sends if the server never closes. */
const flood = 256 * 1024 * 1024
/** The amount that the server may read: the discarded part, and the buffers of both sockets. */
const bound = 32 * 1024 * 1024

interface Received {
  readonly text: string
  readonly bytesSent: number
}

/** Sends a request head and an endless body until the other side closes. */
function floodWith(port: number, head: string, { expects = false } = {}): Promise<Received> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1')
    const isChunked = /transfer-encoding: chunked/i.test(head)
    const data = Buffer.alloc(64 * 1024, ' ')
    const chunk = isChunked ? Buffer.concat([Buffer.from('10000\r\n'), data, Buffer.from('\r\n')]) : data
    let text = ''
    let bytesSent = 0
    const send = () => {
      while (bytesSent < flood && !socket.destroyed) {
        bytesSent += chunk.length
        if (!socket.write(chunk)) return
      }
    }
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('drain', send)
    socket.on('error', () => {})
    socket.on('close', () => resolve({ text, bytesSent }))
    socket.write(`${head}\r\n\r\n`, () => {
      if (!expects) send()
    })
  })
}

const json = 'content-type: application/json'
const long = 'content-length: 99999999999'
const chunked = 'transfer-encoding: chunked'

describe('an endless body', () => {
  let server: RunningServer
  let port: number
  let adminPort: number
  let tokens: RunningServer
  let folder: string
  let tokenPort: number
  beforeAll(async () => {
    const start = (...argv: string[]) =>
      startServer(loadServeConfig({ argv: ['--simulator', '--port', '0', ...argv], env: {} }), log)
    server = await start('--admin-port', '0', '--max-request-bytes', '100000')
    folder = mkdtempSync(join(tmpdir(), 'unread-'))
    const file = join(folder, 'tokens')
    writeFileSync(file, `a reader ${'x'.repeat(43)}\n`, { mode: 0o600 })
    tokens = await start('--auth', 'token', '--token-file', file)
    port = Number(new URL(server.url).port)
    adminPort = Number(new URL(server.adminUrl as string).port)
    tokenPort = Number(new URL(tokens.url).port)
  })
  afterAll(async () => {
    await server.stop()
    await tokens.stop()
    rmSync(folder, { recursive: true })
  })

  const graphql = 'POST /graphql HTTP/1.1\r\nhost: localhost'
  const cases: [status: number, what: string, head: string, of?: 'admin' | 'tokens'][] = [
    [413, 'is too long, by its length', `${graphql}\r\n${json}\r\n${long}`],
    [413, 'is too long, in chunks', `${graphql}\r\n${json}\r\n${chunked}`],
    [401, 'is unauthenticated', `${graphql}\r\n${json}\r\n${long}`, 'tokens'],
    [401, 'is unauthenticated, in chunks', `${graphql}\r\n${json}\r\n${chunked}`, 'tokens'],
    [403, 'comes from a foreign origin', `${graphql}\r\n${json}\r\norigin: http://evil.example\r\n${long}`],
    [403, 'has no content type', `${graphql}\r\n${chunked}`],
    [415, 'is compressed', `${graphql}\r\n${json}\r\ncontent-encoding: gzip\r\n${chunked}`],
    [421, 'is for another host', `POST /graphql HTTP/1.1\r\nhost: evil.example\r\n${json}\r\n${long}`],
    [400, 'has an invalid host', `POST /graphql HTTP/1.1\r\nhost: a@localhost\r\n${json}\r\n${chunked}`],
    [404, 'is for an unknown path', `POST /nothing HTTP/1.1\r\nhost: localhost\r\n${json}\r\n${chunked}`],
    [405, 'is for a probe', `POST /health HTTP/1.1\r\nhost: localhost\r\n${long}`],
    [200, 'comes with a GET', `GET /health HTTP/1.1\r\nhost: localhost\r\n${long}`],
    [501, 'has an unknown transfer coding', `${graphql}\r\n${json}\r\ntransfer-encoding: gzip, chunked`],
    [417, 'has an unknown expectation', `${graphql}\r\n${json}\r\nexpect: the-unexpected\r\n${long}`],
    [404, 'is for the admin address', `POST / HTTP/1.1\r\nhost: x\r\n${chunked}`, 'admin'],
    [405, 'is for the metrics', `POST /metrics HTTP/1.1\r\nhost: x\r\n${long}`, 'admin'],
    [200, 'comes with a scrape', `GET /metrics HTTP/1.1\r\nhost: x\r\n${long}`, 'admin'],
  ]
  it.each(cases)('gets %i when it %s, and is read up to a bound', async (status, _what, head, of) => {
    const to = of === 'admin' ? adminPort : of === 'tokens' ? tokenPort : port
    const { text, bytesSent } = await floodWith(to, head)
    expect(text.split('\r\n')[0]).toContain(` ${status} `)
    expect(text.toLowerCase()).toContain('\r\nconnection: close\r\n')
    expect(bytesSent).toBeLessThan(bound)
  })

  it.each([
    [413, long, 'server'],
    [401, 'content-length: 10', 'tokens'],
  ] as const)('is not invited by 100 Continue when it gets %i', async (status, length, of) => {
    const head = `${graphql}\r\n${json}\r\n${length}\r\nexpect: 100-continue`
    const { text } = await floodWith(of === 'tokens' ? tokenPort : port, head, { expects: true })
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('closes its connection without executing a following request', async () => {
    const small = `${graphql}\r\n${json}\r\ncontent-length: ${queryBody.length}\r\n\r\n${queryBody}`
    const { text } = await new Promise<Received>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += String(chunk)
        // The response has arrived: sends the remaining body and another request in one chunk.
        if (text.includes('\r\n\r\n')) socket.write(`${'x'.repeat(1_000)}\r\n0\r\n\r\n${small}`)
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve({ text, bytesSent: 0 }))
      socket.write(`POST /nothing HTTP/1.1\r\nhost: localhost\r\n${json}\r\n${chunked}\r\n\r\n3e8\r\n`)
    })
    expect(text).toMatch(/^HTTP\/1.1 404 /)
    expect(text).not.toContain('"data"')
  })
})

describe('a complete body', () => {
  it('keeps its connection open, with or without 100 Continue', async () => {
    const server = await startServer(loadServeConfig({ argv: ['--simulator', '--port', '0'], env: {} }), log)
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    const head = (more = '') =>
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\n${json}\r\ncontent-length: ${queryBody.length}${more}\r\n\r\n`
    const answers = () => [...text.matchAll(/HTTP\/1.1 (\d+) /g)].map(([, status]) => status)
    socket.write(head() + queryBody)
    await expect.poll(answers).toEqual(['200'])
    socket.write(head('\r\nexpect: 100-continue'))
    await expect.poll(answers).toEqual(['200', '100'])
    socket.write(queryBody)
    await expect.poll(answers).toEqual(['200', '100', '200'])
    expect(text.toLowerCase()).not.toContain('connection: close')
    socket.destroy()
    await server.stop()
  })
})
