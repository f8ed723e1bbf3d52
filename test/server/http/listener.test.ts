// Drops the connections of clients that do not read their responses, and no others.

import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { createListener } from '../../../src/server/http/listener.ts'
import { certificates } from '../../transport/certificates.ts'
import { temporaryFiles } from '../auth/authenticated-gateway.ts'

const files = temporaryFiles()
afterAll(() => files.clear())

const { signed, authority } = certificates
const tls = () => ({ certFile: files.write('crt', signed.cert), keyFile: files.write('key', signed.key) })
const log = { info: () => {}, warn: () => {}, error: () => {} }
/** More than the socket buffers hold. */
const large = Buffer.alloc(20_000_000)

interface GraphqlResponse {
  readonly socket: Socket
  readonly response: ServerResponse
  /** The received data; reads nothing until requested. */
  text(end: string): Promise<string>
}

describe.each([['http', undefined] as const, ['https', tls] as const])('over %s', (_, pair) => {
  async function listen(minBytesPerMs = 20_000) {
    const stop = new AbortController()
    const watchOptions = { log, metrics: createMetrics(), signal: stop.signal }
    const options = { tls: pair?.(), watchOptions, slowClient: { idleMs: 100, minBytesPerMs } }
    let arrive: (response: ServerResponse) => void = () => {}
    const server = createListener((_, response) => arrive(response), options)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => {
      stop.abort()
      server.close()
      server.closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    return async (socket?: Socket): Promise<GraphqlResponse> => {
      const client = socket ?? connect(port)
      const arrived = new Promise<ServerResponse>((resolve) => {
        arrive = resolve
      })
      client.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
      return { socket: client, response: await arrived, text: (end) => textOf(client, end) }
    }
  }

  function connect(port: number): Socket {
    const socket = pair
      ? connectTls({ port, host: '127.0.0.1', ca: authority.cert })
      : connectTcp(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    return socket.on('error', () => {})
  }

  /** Resolves when the listener drops the response, of which the client read nothing. */
  async function dropOne(execute: (socket?: Socket) => Promise<GraphqlResponse>): Promise<void> {
    const { socket, response } = await execute()
    const closed = once(response, 'close')
    response.end(large)
    await closed
    let bytes = 0
    socket.on('data', ({ length }) => {
      bytes += length
    })
    if (!socket.closed) await once(socket, 'close')
    expect(bytes).toBeLessThan(large.length)
  }

  it('drops a response and its connection when the client reads nothing', async () => {
    await dropOne(await listen())
  })

  it('keeps a pending response, a stream with rare events and an idle keep-alive connection', async () => {
    const execute = await listen()
    const [client, events, kept] = [await execute(), await execute(), await execute()]
    events.response.write('first')
    kept.response.end('done')
    await Promise.all([events.text('first'), kept.text('done')])
    for (let time = 0; time < 2; time += 1) await dropOne(execute)
    client.response.end('made')
    events.response.end('second')
    await Promise.all([client.text('made'), events.text('second')])
    const again = await execute(kept.socket)
    again.response.end('again')
    await again.text('again')
  })

  it('keeps a response that the client reads slowly, however long that takes', async () => {
    // So low that a busy machine does not fall below it.
    const execute = await listen(20)
    const { socket, response } = await execute()
    response.end(large)
    let bytes = 0
    const reading = (async () => {
      for await (const chunk of socket) {
        bytes += chunk.length
        await new Promise((resolve) => setImmediate(resolve))
        if (bytes > large.length) return
      }
    })()
    await Promise.all([reading, dropOne(await listen())])
    expect(bytes).toBeGreaterThan(large.length)
  })
})

/** Reads until the received data contains the string. */
async function textOf(socket: Socket, end: string): Promise<string> {
  let text = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk
    if (text.includes(end)) return text
  }
  throw new Error(`the connection has ended after ${text}`)
}
