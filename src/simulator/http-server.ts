// Serves the simulator's WebService on a port, over HTTP or HTTPS.

import { X509Certificate } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { generate } from 'selfsigned'
import type { Clock } from './clock.ts'
import type { FaultInjection } from './fault-injection.ts'
import { maxRequestBytes, type WebService } from './service/web-service.ts'
import { createThrottle, type Throttle } from './throttle.ts'

export interface ListenOptions {
  /** @default '127.0.0.1' */
  readonly host?: string
  /** @default 0, which picks a free port */
  readonly port?: number
  /** Serves HTTPS with a newly generated self-signed certificate. @default false */
  readonly tls?: boolean
  /** Maximum bytes of response bodies per second, across all connections. @default unlimited */
  readonly bytesPerSecond?: number | undefined
}

export interface ListeningSimulator {
  /** SDK URL for clients: `http://127.0.0.1:8989/sdk`. */
  readonly url: string
  /** The URL without the path. */
  readonly origin: string
  readonly port: number
  /** With tls: the certificate as PEM, which also works as a CA file. */
  readonly certificate: string | undefined
  /** With tls: the certificate's SHA-256 fingerprint, `AB:CD:...`. */
  readonly thumbprint: string | undefined
  /** Stops the server and closes its connections. */
  close(): Promise<void>
}

const compress = promisify(gzip)

export async function listenHttp(
  service: WebService,
  faults: Pick<FaultInjection, 'gzip'>,
  clock: Clock,
  { host = '127.0.0.1', port = 0, tls = false, bytesPerSecond }: ListenOptions,
): Promise<ListeningSimulator> {
  const throttle = bytesPerSecond === undefined ? undefined : createThrottle(clock, bytesPerSecond)
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    // An error here means that the client's connection has failed, so no response can be sent.
    serve(service, faults, throttle, tls, request, response).catch(() => response.destroy())
  }
  const certificate = tls ? await makeCertificate(host) : undefined
  const server: Server = certificate ? createTlsServer(certificate, handle) : createServer(handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  server.on('error', () => {})
  // Node's default of 5 s would disconnect clients that pause between calls. The proxy of a vCenter waits
  // longer.
  server.keepAliveTimeout = 60_000
  const bound = (server.address() as AddressInfo).port
  const origin = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`
  return {
    url: `${origin}/sdk`,
    origin,
    port: bound,
    certificate: certificate?.cert,
    thumbprint: certificate && new X509Certificate(certificate.cert).fingerprint256,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serve(
  service: WebService,
  faults: Pick<FaultInjection, 'gzip'>,
  throttle: Throttle | undefined,
  secure: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const clientAbort = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) clientAbort.abort()
  })
  const body = await readBody(request)
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end()
    return
  }
  const reply = await service.handle({
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body,
    ipAddress: request.socket.remoteAddress ?? '',
    secure,
    signal: clientAbort.signal,
  })
  if (reply.drop === 'unread' || reply.drop === 'unanswered') {
    request.socket.destroy()
    return
  }
  // Writing to a destroyed connection succeeds silently, so check before the response counts as sent.
  if (request.socket.destroyed) {
    clientAbort.abort()
    return
  }
  const compressed = faults.gzip && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const bytes = compressed ? await compress(reply.body) : bytesOf(reply.body)
  response.writeHead(reply.status, { ...reply.headers, ...(compressed && { 'content-encoding': 'gzip' }) })
  if (reply.drop === 'midBody') {
    response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy())
    return
  }
  // Without a content length the response is chunked, as from the proxy of a vCenter.
  if (throttle) await throttle.send(bytes, (piece) => response.write(piece), clientAbort.signal)
  else response.write(bytes)
  response.end()
}

/** Encodes a text. Bytes are not copied. */
export const bytesOf = (body: string | Uint8Array): Uint8Array =>
  typeof body === 'string' ? Buffer.from(body) : body

/** Reads the whole body; undefined if it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxRequestBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function makeCertificate(host: string): Promise<{ key: string; cert: string }> {
  const isAddress = /^[\d.]+$|:/.test(host)
  const { private: key, cert } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
          ...(isAddress ? [] : [{ type: 2 as const, value: host }]),
        ],
      },
    ],
  })
  return { key, cert }
}
