// The HTTP transport: connections, responses, timeouts, aborts and size limits.

import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TransportRequest } from '../../src/transport/transport.ts'
import { createUndiciTransport, type UndiciTransportOptions } from '../../src/transport/undici-transport.ts'
import { controlLongWaits } from '../long-waits.ts'
import { startLoopbackServer } from './loopback-server.ts'
import { readBytes, readText } from './read-body.ts'
import { transportContract } from './transport-contract.ts'
import { vimListener } from './vim-listener.ts'

const post: TransportRequest = { method: 'POST', path: '/sdk', headers: {}, body: '<Envelope/>' }

function connect(url: string, options: Partial<UndiciTransportOptions> = {}) {
  const transport = createUndiciTransport({ url, userAgent: 'vsphere-graphql/test', ...options })
  onTestFinished(() => transport.close())
  return transport
}

async function serve(listener: RequestListener, options: Partial<UndiciTransportOptions> = {}) {
  const server = await startLoopbackServer(listener)
  return { server, transport: connect(server.url, options) }
}

/** A listener that passes each exchange to the test and sends no response by itself. */
function captureExchanges() {
  const waiting: ((exchange: Exchange) => void)[] = []
  const arrived: Exchange[] = []
  const listener: RequestListener = (request, response) => {
    const next = waiting.shift()
    if (next) next({ request, response })
    else arrived.push({ request, response })
  }
  const next = () =>
    new Promise<Exchange>((resolve) => {
      const exchange = arrived.shift()
      if (exchange) resolve(exchange)
      else waiting.push(resolve)
    })
  return { listener, next, arrived }
}
type Exchange = { request: IncomingMessage; response: ServerResponse }

transportContract('undici', async () => connect((await startLoopbackServer(vimListener)).url))

describe('a request', () => {
  it('is sent unchanged, with a user agent and accepting gzip', async () => {
    const { listener, next } = captureExchanges()
    const { transport } = await serve(listener)
    const answer = transport.send({ ...post, headers: { SOAPAction: 'urn:vim25/8.0.2.0' } })
    const { request, response } = await next()
    expect(request).toMatchObject({ method: 'POST', url: '/sdk', httpVersion: '1.1' })
    expect(request.headers).toMatchObject({
      soapaction: 'urn:vim25/8.0.2.0',
      'user-agent': 'vsphere-graphql/test',
      'accept-encoding': 'gzip',
      'content-length': '11',
    })
    expect((await request.toArray()).join('')).toBe('<Envelope/>')
    response.end()
    await readText(await answer)
  })

  it('reuses connections', async () => {
    const { server, transport } = await serve((_request, response) => response.end('ok'))
    for (let i = 0; i < 10; i++) await readText(await transport.send(post))
    // undici releases a connection shortly after its response has ended: the second request may already open another.
    expect(server.connections).toBeLessThanOrEqual(2)
  })

  it('waits for a connection when all are in use', async () => {
    const { listener, next, arrived } = captureExchanges()
    const { server, transport } = await serve(listener, { maxConnections: 2 })
    const answers = Array.from({ length: 4 }, () => transport.send(post))
    const first = await next()
    await next().then(({ response }) => response.end('second'))
    await next().then(({ response }) => response.end('third'))
    await next().then(({ response }) => response.end('fourth'))
    first.response.end('first')
    await Promise.all(answers.map(async (answer) => readText(await answer)))
    expect(server.connections).toBe(2)
    expect(arrived).toEqual([])
  })

  it('opens a new connection when the server has closed the idle one', async () => {
    const { server, transport } = await serve((request, response) => {
      response.end('ok', () => request.socket.end())
    })
    await readText(await transport.send(post))
    await server.firstClosed
    expect(await readText(await transport.send(post))).toBe('ok')
    expect(server.connections).toBe(2)
  })
})

describe('a response', () => {
  it("may have any status, since a proxy's page is for the caller to handle", async () => {
    const { transport } = await serve((_request, response) => {
      response.writeHead(503, { 'Content-Type': 'text/html', 'Set-Cookie': ['a=1', 'b=2'] })
      response.end('<html>no healthy upstream</html>')
    })
    const response = await transport.send(post)
    expect(response.status).toBe(503)
    expect(response.headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(await readText(response)).toContain('no healthy upstream')
  })

  it('has the original bytes, for any chunks, framing and compression', async () => {
    let write: (response: ServerResponse) => void = () => {}
    const { transport } = await serve((_request, response) => write(response))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 4000 }), { maxLength: 8 }),
        fc.boolean(),
        fc.constantFrom('length', 'chunked', 'close'),
        async (parts, gzip, framing) => {
          const body = Buffer.concat(parts)
          write = (response) => {
            if (framing === 'close')
              response.setHeader('connection', 'close').removeHeader('transfer-encoding')
            if (gzip) response.setHeader('content-encoding', 'gzip')
            const bytes = gzip ? gzipSync(body) : body
            if (framing === 'length') response.setHeader('content-length', bytes.length)
            for (let at = 0, part = 0; at < bytes.length; part++) {
              const end = at + Math.max(1, parts[part]?.length ?? bytes.length)
              response.write(bytes.subarray(at, end))
              at = end
            }
            response.end()
          }
          expect((await readBytes(await transport.send(post))).equals(body)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is never complete when it is truncated', async () => {
    let write: (response: ServerResponse) => void = () => {}
    const { transport } = await serve((_request, response) => write(response))
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 5000 }),
        fc.constantFrom('length', 'chunked', 'gzip', 'gzip until the connection closes'),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        async (body, framing, share) => {
          write = (response) => {
            const bytes = framing.startsWith('gzip') ? gzipSync(body) : body
            if (framing.startsWith('gzip')) response.setHeader('content-encoding', 'gzip')
            if (framing === 'length') response.setHeader('content-length', bytes.length)
            if (framing.endsWith('closes')) {
              response.setHeader('connection', 'close').removeHeader('transfer-encoding')
            }
            response.flushHeaders()
            response.write(bytes.subarray(0, Math.floor(bytes.length * share)))
            response.socket?.end()
          }
          const read = transport.send(post).then(readBytes)
          await expect(read).rejects.toMatchObject({
            name: 'TransportError',
            code: 'CLOSED',
            mayHaveBeenSent: true,
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('that fails before it is read reports the error on reading', async () => {
    const { transport, server } = await serve((_request, response) => {
      response.setHeader('content-length', 100).write('half')
      response.socket?.end()
    })
    const response = await transport.send(post)
    await server.firstClosed
    await expect(readText(response)).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('with damaged compression is rejected', async () => {
    const { transport } = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end('this is not gzip')
    })
    await expect(transport.send(post).then(readText)).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('with an excessive compression ratio is rejected before it is fully decompressed', async () => {
    const { transport } = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(60_000_000, '<a/>')))
    })
    let bytes = 0
    const read = async () => {
      for await (const chunk of (await transport.send(post)).body) bytes += chunk.length
    }
    await expect(read()).rejects.toMatchObject({ code: 'TOO_LARGE' })
    expect(bytes).toBeLessThan(9_000_000)
  })

  it.each(['plain', 'gzip'])('over the size limit is rejected (%s)', async (encoding) => {
    const { transport } = await serve(
      (_request, response) => {
        const body = Buffer.alloc(1_000_001)
        if (encoding === 'gzip') response.setHeader('content-encoding', 'gzip').end(gzipSync(body))
        else response.end(body)
      },
      { maxResponseBytes: 1_000_000 },
    )
    await expect(transport.send(post).then(readText)).rejects.toMatchObject({ code: 'TOO_LARGE' })
  })

  it('that is not HTTP is rejected', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))
    onTestFinished(() => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const transport = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await expect(transport.send(post)).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('a connection', () => {
  it('that is refused fails every waiting request as not sent', async () => {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))

    const transport = connect(`http://127.0.0.1:${port}`, { maxConnections: 2 })
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => transport.send(post)))
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        reason: {
          code: 'CONNECT',
          mayHaveBeenSent: false,
          message: `could not connect to http://127.0.0.1:${port}: the connection was refused`,
        },
      })
    }
  })

  it('to an unknown host name is reported as such', async () => {
    const transport = connect('http://vcenter.invalid', { connectTimeoutMs: 2000 })
    await expect(transport.send(post)).rejects.toMatchObject({ code: 'CONNECT', mayHaveBeenSent: false })
  })

  it('that closes when the request arrives leaves the outcome unknown', async () => {
    const { transport } = await serve((request) => request.socket.destroy())
    await expect(transport.send(post)).rejects.toMatchObject({ code: 'CLOSED', mayHaveBeenSent: true })
  })
})

describe('a timeout', () => {
  it('aborts an exchange without a response', async () => {
    const waits = controlLongWaits()
    const { listener, next } = captureExchanges()
    const { transport, server } = await serve(listener, { timeoutMs: 20_000 })
    const answer = transport.send(post)
    await next()
    waits.advance(20_000)
    await expect(answer).rejects.toMatchObject({ code: 'TIMEOUT', mayHaveBeenSent: true })
    await server.firstClosed
  })

  it('aborts an exchange with an endless response', async () => {
    const { transport } = await serve((_request, response) => response.write('half'))
    const waits = controlLongWaits()
    const response = await transport.send({ ...post, timeoutMs: 20_000 })
    waits.advance(20_000)
    await expect(readText(response)).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('of one request can extend that of the transport', async () => {
    const { listener, next } = captureExchanges()
    const { transport } = await serve(listener, { timeoutMs: 20 })
    const withoutTimeout = transport.send({ ...post, timeoutMs: 0 })
    const { response } = await next()
    await expect(transport.send(post)).rejects.toMatchObject({ code: 'TIMEOUT' })
    response.end('at last')
    expect(await readText(await withoutTimeout)).toBe('at last')
  })

  it('includes the wait for a connection, and then reports that nothing was sent', async () => {
    const { listener, next, arrived } = captureExchanges()
    const { transport } = await serve(listener, { maxConnections: 1 })
    const first = transport.send(post)
    const { response } = await next()
    await expect(transport.send({ ...post, timeoutMs: 20 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      mayHaveBeenSent: false,
    })
    response.end('first')
    expect(await readText(await first)).toBe('first')
    const third = transport.send({ ...post, path: '/third' })
    const exchange = await next()
    expect(exchange.request.url).toBe('/third')
    exchange.response.end()
    await readText(await third)
    expect(arrived).toEqual([])
  })

  it('aborts a stalled body, however long the exchange may take', async () => {
    const { transport } = await serve((_request, response) => response.write('half'), {
      timeoutMs: 0,
      stallTimeoutMs: 100,
    })
    await expect(transport.send(post).then(readText)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('no data was received'),
    })
  })
})

describe('an abort', () => {
  const reason = new DOMException('the client went away', 'AbortError')

  it('ends a request that waits for its response, and closes its connection', async () => {
    const { listener, next } = captureExchanges()
    const { transport, server } = await serve(listener)
    const controller = new AbortController()
    const answer = transport.send({ ...post, signal: controller.signal })
    await next()
    controller.abort(reason)
    await expect(answer).rejects.toBe(reason)
    await server.firstClosed
  })

  it.each(['plain', 'gzip'])('ends the reading of a body (%s)', async (encoding) => {
    const { transport, server } = await serve((_request, response) => {
      if (encoding === 'gzip') response.setHeader('content-encoding', 'gzip')
      response.write(encoding === 'gzip' ? gzipSync('half').subarray(0, 12) : 'half')
    })
    const controller = new AbortController()
    const response = await transport.send({ ...post, signal: controller.signal })
    const text = readText(response)
    controller.abort(reason)
    await expect(text).rejects.toBe(reason)
    await server.firstClosed
  })

  it('prevents a queued request from being sent', async () => {
    const { listener, next, arrived } = captureExchanges()
    const { transport } = await serve(listener, { maxConnections: 1 })
    const first = transport.send(post)
    const { response } = await next()
    const controller = new AbortController()
    const second = transport.send({ ...post, signal: controller.signal })
    controller.abort(reason)
    await expect(second).rejects.toBe(reason)
    response.end('first')
    expect(await readText(await first)).toBe('first')
    const third = transport.send({ ...post, path: '/third' })
    const exchange = await next()
    expect(exchange.request.url).toBe('/third')
    exchange.response.end()
    await readText(await third)
    expect(arrived).toEqual([])
  })
})

describe('closing', () => {
  it('ends open and queued requests, and every connection', async () => {
    const { listener, next } = captureExchanges()
    const { transport, server } = await serve(listener, { maxConnections: 2 })
    const reading = transport.send(post)
    await next().then(({ response }) => response.write('half'))
    const text = readText(await reading)
    const waitingForAnswer = transport.send(post)
    await next()
    const waitingForConnection = transport.send(post)

    await Promise.all([
      transport.close(),
      expect(text).rejects.toMatchObject({ code: 'CLOSED' }),
      expect(waitingForAnswer).rejects.toMatchObject({ code: 'CLOSED', mayHaveBeenSent: true }),
      expect(waitingForConnection).rejects.toMatchObject({ code: 'CLOSED', mayHaveBeenSent: false }),
    ])
    await server.allClosed()
  })
})
