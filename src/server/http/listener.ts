// The public listener: http, or https with a certificate that is reloaded when it changes.

import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { type KeyPair, type KeyPairFiles, readKeyPair } from '../../config/access/key-pair.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { certificateExpiryWarning } from './certificate-expiry.ts'
import { handleRequests } from './unread-bodies.ts'
import { type WatchOptions, watchFiles } from './watch-files.ts'

/** Handshake timeout: a client that only holds the connection open must not delay the shutdown. */
const handshakeTimeoutMs = 5_000

/**
 * Longer than the keep-alive timeout of most proxies (60 s). If the gateway closed first, a proxy could send
 * a request on a closed connection.
 */
const keepAliveTimeoutMs = 75_000

/** How often the certificate's expiry is checked. */
const checkIntervalMs = 24 * 60 * 60_000

interface SlowClientLimits {
  /** Timeout without any progress. */
  readonly idleMs: number
  /** Minimum rate at which a client has to read the response, in bytes per millisecond. */
  readonly minBytesPerMs: number
}

const defaultSlowClientLimits: SlowClientLimits = { idleMs: 60_000, minBytesPerMs: 25 }

interface ListenerOptions {
  readonly tls: KeyPairFiles | undefined
  /** Options for watching the certificate's files. */
  readonly watchOptions: WatchOptions & { readonly metrics: Metrics }
  /** When to drop a client that does not read its response. @default one minute, and 25 KB/s */
  readonly slowClient?: SlowClientLimits
}

export function createListener(
  onRequest: RequestListener,
  { slowClient = defaultSlowClientLimits, ...options }: ListenerOptions,
): Server | TlsServer {
  const server = createHttpServer(options)
  handleRequests(server, onRequest)
  server.setTimeout(slowClient.idleMs)
  server.on('request', (_, response: ServerResponse) => dropSlowClient(response, slowClient))
  return server
}

/**
 * Closes the connection of a client that does not read its response. A connection without pending bytes stays
 * open: its response is still being computed, or its events are rare.
 */
function dropSlowClient(response: ServerResponse, { idleMs, minBytesPerMs }: SlowClientLimits): void {
  let lastPendingBytes = 0
  response.on('timeout', (socket: Socket) => {
    const pendingBytes = socket.writableLength
    // Node restarts this timeout on progress. Over TLS it sees none until a whole write has been sent.
    if (lastPendingBytes > 0 && pendingBytes >= lastPendingBytes) socket.destroy()
    else socket.setTimeout(Math.max(idleMs, pendingBytes / minBytesPerMs))
    lastPendingBytes = pendingBytes
  })
}

function createHttpServer({ tls, watchOptions }: Omit<ListenerOptions, 'slowClient'>): Server | TlsServer {
  if (!tls) return createServer({ keepAliveTimeout: keepAliveTimeoutMs })
  const watchedPair = watchFiles({
    files: [tls.certFile, tls.keyFile],
    read: (readFile) => readKeyPair(tls, readFile),
    setting: '--tls-cert',
    name: certificateLabel,
    watchOptions,
    onChange(changed) {
      // Open connections continue with the certificate of their handshake.
      server.setSecureContext(secureContextOptions(changed))
      warnIfExpiring()
    },
  })
  const server = createTlsServer({
    ...secureContextOptions(watchedPair.current),
    handshakeTimeout: handshakeTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
  })
  const { log, metrics, signal } = watchOptions
  const warnIfExpiring = () => {
    const warning = certificateExpiryWarning(watchedPair.current)
    if (warning) log.warn(`${certificateLabel} ${warning}`)
  }
  warnIfExpiring()
  const checkTimer = setInterval(warnIfExpiring, checkIntervalMs).unref()
  signal.addEventListener('abort', () => clearInterval(checkTimer))
  metrics.certificate(() => watchedPair.current)
  return server
}

const certificateLabel = 'the certificate of --tls-cert'

const secureContextOptions = ({ cert, key }: KeyPair) => ({
  cert,
  key: key.reveal(),
  minVersion: 'TLSv1.2' as const,
})
