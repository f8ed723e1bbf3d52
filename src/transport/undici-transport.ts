// The Transport for real servers: HTTP/1.1 over a pool of kept-alive connections to one vCenter.
// connector.ts opens and judges the connections, exchange.ts runs each request, body.ts hands over what comes back.

import { Pool } from 'undici'
import { createConnector, type TlsTrust } from './connector.ts'
import { exchange } from './exchange.ts'
import type { Transport } from './transport.ts'

export interface UndiciTransportOptions {
  /** The server's origin, such as `https://vcenter.example.com`. */
  readonly url: string
  /** Sent as User-Agent; vCenter lists it among its sessions. */
  readonly userAgent: string
  /** @default Node's own authorities */
  readonly tls?: TlsTrust | undefined
  /** @default 10 seconds */
  readonly connectTimeoutMs?: number | undefined
  /** For a whole exchange whose request names no limit of its own; 0 is none. @default 60 seconds */
  readonly timeoutMs?: number | undefined
  /** How long a body may fall silent while somebody reads it; 0 is no limit. @default 30 seconds */
  readonly stallTimeoutMs?: number | undefined
  /** How large an answer may be, decompressed. @default 256 MiB */
  readonly maxResponseBytes?: number | undefined
  /** Requests beyond it wait for a connection. @default 10 */
  readonly maxConnections?: number | undefined
}

/** Builds a Transport to one server. Nothing is connected before the first request. */
export function createUndiciTransport({
  url,
  userAgent,
  tls = {},
  connectTimeoutMs = 10_000,
  timeoutMs = 60_000,
  stallTimeoutMs = 30_000,
  maxResponseBytes = 256 * 1024 * 1024,
  maxConnections = 10,
}: UndiciTransportOptions): Transport {
  const { origin } = new URL(url)
  const pool = new Pool(origin, {
    connect: createConnector(origin, tls, connectTimeoutMs),
    connections: maxConnections,
    // A person in GraphiQL pauses longer than undici's four seconds. A server that closes sooner says so, or undici notices.
    keepAliveTimeout: 30_000,
  })

  return {
    send: (request) =>
      exchange(
        pool,
        origin,
        {
          ...request,
          headers: { ...request.headers, 'user-agent': userAgent, 'accept-encoding': 'gzip' },
        },
        { timeoutMs: request.timeoutMs ?? timeoutMs, stallTimeoutMs, maxResponseBytes },
      ),
    close: () => pool.destroy(),
  }
}
