// The server that callers reach: http, or https with a certificate that is read again when it changes.

import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { type KeyPair, type KeyPairFiles, readKeyPair } from '../../config/access/key-pair.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { certificateExpiryWarning } from './certificate-expiry.ts'
import { handleRequests } from './unread-bodies.ts'
import { type WatchOptions, watchFiles } from './watch-files.ts'

/** How long a client may take to agree on a key; one that only holds the connection must not hold up our stop. */
const handshakeTimeoutMs = 5_000

/** Longer than proxies keep a connection to us, 60 s as a rule: who closes first decides whether a request can meet a closed one. */
const keepAliveTimeoutMs = 75_000

/** How often it is looked at whether the certificate is still good. */
const checkIntervalMs = 24 * 60 * 60_000

interface SlowClientLimits {
  /** Without any progress. */
  readonly idleMs: number
  /** How slowly an answer may be taken, in bytes a millisecond. */
  readonly minBytesPerMs: number
}

const defaultSlowClientLimits: SlowClientLimits = { idleMs: 60_000, minBytesPerMs: 25 }

interface ListenerOptions {
  readonly tls: KeyPairFiles | undefined
  /** Of the certificate's files. */
  readonly watchOptions: WatchOptions & { readonly metrics: Metrics }
  /** With a client that does not take its answer. @default a minute, and 25 KB/s */
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
 * Closes the connection of a client that does not take its answer. One that is still being made, and events that seldom come,
 * leave nothing behind that could be taken.
 */
function dropSlowClient(response: ServerResponse, { idleMs, minBytesPerMs }: SlowClientLimits): void {
  let lastPendingBytes = 0
  response.on('timeout', (socket: Socket) => {
    const pendingBytes = socket.writableLength
    // Node counts from the last progress, of which it sees, over TLS, none before a whole write has been taken.
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
      // Connections that are open go on with the one that they have seen.
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
