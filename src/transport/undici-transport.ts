// The Transport for real servers: HTTP/1.1 over a pool of keep-alive connections to one vCenter.
// connector.ts opens and verifies connections, exchange.ts runs each request, body.ts streams each response body.

import { Pool } from 'undici'
import { createConnector, type TlsTrust } from './connector.ts'
import { exchange } from './exchange.ts'
import type { Transport } from './transport.ts'

export interface UndiciTransportOptions {
  /** The server's origin, such as `https://vcenter.example.com`. */
  readonly url: string
  /** Sent as the User-Agent header; vCenter shows it in its session list. */
  readonly userAgent: string
  /** @default trusts the certificate authorities bundled with Node */
  readonly tls?: TlsTrust | undefined
  /** @default 10 seconds */
  readonly connectTimeoutMs?: number | undefined
  /** Timeout of a whole exchange whose request does not set its own; 0 means no limit. @default 60 seconds */
  readonly timeoutMs?: number | undefined
  /** Maximum time without body data while the body is being read; 0 means no limit. @default 30 seconds */
  readonly stallTimeoutMs?: number | undefined
  /** Maximum size of a decompressed response. @default 256 MiB */
  readonly maxResponseBytes?: number | undefined
  /** Requests over this limit wait for a connection. @default 10 */
  readonly maxConnections?: number | undefined
}

/** Creates a Transport to one server. It opens no connection before the first request. */
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
    // A GraphiQL user pauses for longer than undici's default of 4 seconds. If the server closes the connection
    // earlier, it announces that in a header, or undici detects it.
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
