// A proxy between the gateway and a simulator. It forwards all calls, except for those that a test answers with invalid bytes
// or with nothing.

import { once } from 'node:events'
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

/** The fault of one call. The response is the simulator's if the call was executed. */
type ProxyFault = (response: ServerResponse, socket: Socket, answer: Buffer | undefined) => void

/** A page from a proxy or a login portal. */
const html = '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>'

const envelope = (body: string) =>
  `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`

const send =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): ProxyFault =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/xml; charset=utf-8', ...headers }).end(body)

const bomb = `<?xml version="1.0"?><!DOCTYPE v [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, n) => `<!ENTITY a${n + 1} "&a${n};&a${n};">`).join('')}]><v>&a30;</v>`

/** Sends the same data repeatedly while the client is connected. */
function writeRepeatedly(socket: Socket, chunk: string | Buffer, everyMs: number): void {
  const timer = setInterval(() => {
    if (socket.writable) socket.write(chunk)
  }, everyMs)
  socket.on('error', () => {})
  socket.once('close', () => clearInterval(timer))
}

/** All faults of a server by the names that tables use. */
const proxyFaults = {
  'closes the connection': (_response, socket) => socket.destroy(),
  'drops the connection mid-body': (response, socket, answer = Buffer.from(envelope('<x>'))) => {
    response.writeHead(200, { 'content-length': answer.length + 2 })
    response.write(answer.subarray(0, answer.length / 2), () => socket.destroy())
  },
  'sends a truncated body': (response, _socket, answer = Buffer.from(envelope('<x>'))) =>
    void response.writeHead(200).end(answer.subarray(0, answer.length / 2)),
  'never responds': () => {},
  'responds a byte at a time': (response, socket) => {
    response.writeHead(200, { 'content-type': 'text/xml' }).flushHeaders()
    writeRepeatedly(socket, '1\r\n \r\n', 20)
  },
  'sends endless headers': (_response, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    writeRepeatedly(socket, 'x-more: of this\r\n', 20)
  },
  'sends excessively long headers': (_response, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    writeRepeatedly(socket, `x-more: ${'of this '.repeat(500)}\r\n`, 1)
  },
  'does not speak HTTP': (_response, socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  'responds 502 with HTML': send(502, html, { 'content-type': 'text/html' }),
  'responds 503 with HTML': send(503, html, { 'content-type': 'text/html' }),
  'responds 504 with HTML': send(504, html, { 'content-type': 'text/html' }),
  'responds 500 with HTML': send(500, html, { 'content-type': 'text/html' }),
  'responds 403 with HTML': send(403, html, { 'content-type': 'text/html' }),
  redirects: send(302, '', { location: 'http://127.0.0.1:1/login' }),
  'responds 200 with a login page': send(200, html, { 'content-type': 'text/html' }),
  'responds 200 with an empty body': send(200, ''),
  'responds with invalid XML': send(200, 'OK'),
  'responds in UTF-16': send(200, Buffer.from(envelope('<x/>'), 'utf16le')),
  'responds to another method': send(
    200,
    envelope(
      '<CurrentTimeResponse xmlns="urn:vim25"><returnval>2026-01-01T00:00:00Z</returnval></CurrentTimeResponse>',
    ),
  ),
  'sends text in place of objects': (response, socket, answer) =>
    send(
      200,
      String(answer)
        .replace(/<objects>.*<\/objects>/s, '<objects>none</objects>')
        .replace(/<returnval type="Task">/, '<returnval>')
        .replace(/<updateSet>|<filterSet>.*<\/filterSet>/s, '<filterSet>1</filterSet>'),
    )(response, socket, answer),
  'defines entities that expand to a gigabyte': send(200, bomb),
  'defines a file entity': send(
    200,
    `<?xml version="1.0"?><!DOCTYPE v [<!ENTITY f SYSTEM "file:///etc/passwd">]>${envelope('<x>&f;</x>').slice(21)}`,
  ),
  'nests elements a hundred thousand deep': send(200, envelope('<x>'.repeat(100_000))),
  'compresses 200 MB of white space': send(200, gzipSync(Buffer.alloc(200_000_000, ' ')), {
    'content-encoding': 'gzip',
  }),
  'sends corrupt gzip': send(200, 'not gzip', { 'content-encoding': 'gzip' }),
  'sends an endless body': (response, socket) => {
    response.writeHead(200, { 'content-type': 'text/xml' }).flushHeaders()
    response.write(envelope('<x>').slice(0, 100))
    const more = () => {
      while (socket.writable && response.write(' '.repeat(65_536)));
    }
    response.on('drain', more)
    response.on('error', () => {})
    more()
  },
} satisfies Record<string, ProxyFault>

export type ProxyFaultName = keyof typeof proxyFaults

export interface FaultyProxy {
  readonly url: string
  /** Makes calls of a method fail, either after or instead of their execution. */
  injectFault(
    method: string,
    fault: ProxyFaultName,
    options?: { readonly times?: number; readonly afterExecution?: boolean },
  ): void
  /** Forwards everything from now on. Pending calls stay pending. */
  clearFaults(): void
  /** The number of failed calls. */
  readonly faultCount: number
  close(): Promise<void>
}

export async function startFaultyProxy(origin: string): Promise<FaultyProxy> {
  let rule: { method: string; fault: ProxyFaultName; remaining: number; afterExecution: boolean } | undefined
  let faultCount = 0
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request)
    const isAffected = rule !== undefined && rule.remaining > 0 && body.includes(`<${rule.method} `)
    if (!isAffected || !rule) {
      const answer = await forwardRequest(origin, request, body, response)
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('error', () => response.destroy())
      answer.pipe(response)
      return
    }
    rule.remaining -= 1
    faultCount += 1
    const { fault, afterExecution } = rule
    const answer = afterExecution
      ? await bytesOf(await forwardRequest(origin, request, body, response))
      : undefined
    const injectFault: ProxyFault = proxyFaults[fault]
    injectFault(response, request.socket, answer)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    injectFault(method, fault, { times = Number.POSITIVE_INFINITY, afterExecution = false } = {}) {
      rule = { method, fault, remaining: times, afterExecution }
      faultCount = 0
    },
    clearFaults() {
      rule = undefined
    },
    get faultCount() {
      return faultCount
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The simulator's response; a client that disconnects from the proxy also disconnects from the simulator. */
function forwardRequest(
  origin: string,
  { method, url = '/', headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { 'accept-encoding': _, ...rest } = headers
    const passed = forward(new URL(url, origin), { method, headers: rest }, resolve)
    passed.on('error', reject)
    response.once('close', () => passed.destroy())
    passed.end(body)
  })
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
