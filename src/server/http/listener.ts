// The server that callers reach: http, or https with a certificate that is read again when it changes.

import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { type KeyPair, type KeyPairFiles, readKeyPair } from '../../config/access/key-pair.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { validityProblem } from './certificate-expiry.ts'
import { type Following, followFiles } from './watch-files.ts'
import { handleRequests } from './unread-bodies.ts'

/** How long a client may take to agree on a key; one that only holds the connection must not hold up our stop. */
const handshakeMs = 5_000

/** Longer than proxies keep a connection to us, 60 s as a rule: who closes first decides whether a request can meet a closed one. */
const keepAliveMs = 75_000

/** How often it is looked at whether the certificate is still good. */
const lookEveryMs = 24 * 60 * 60_000

interface Patience {
  /** Without any progress. */
  readonly ms: number
  /** How slowly an answer may be taken, in bytes a millisecond. */
  readonly slowest: number
}

const usualPatience: Patience = { ms: 60_000, slowest: 25 }

interface ListenerOptions {
  readonly tls: KeyPairFiles | undefined
  /** Of the certificate's files. */
  readonly following: Following & { readonly metrics: Metrics }
  /** With a client that does not take its answer. @default a minute, and 25 KB/s */
  readonly patience?: Patience
}

export function createListener(
  onRequest: RequestListener,
  { patience = usualPatience, ...options }: ListenerOptions,
): Server | TlsServer {
  const server = listenerOf(options)
  handleRequests(server, onRequest)
  server.setTimeout(patience.ms)
  server.on('request', (_, response: ServerResponse) => giveUpUntaken(response, patience))
  return server
}

/**
 * Closes the connection of a client that does not take its answer. One that is still being made, and events that seldom come,
 * leave nothing behind that could be taken.
 */
function giveUpUntaken(response: ServerResponse, { ms, slowest }: Patience): void {
  let seen = 0
  response.on('timeout', (socket: Socket) => {
    const untaken = socket.writableLength
    // Node counts from the last progress, of which it sees, over TLS, none before a whole write has been taken.
    if (seen > 0 && untaken >= seen) socket.destroy()
    else socket.setTimeout(Math.max(ms, untaken / slowest))
    seen = untaken
  })
}

function listenerOf({ tls, following }: Omit<ListenerOptions, 'patience'>): Server | TlsServer {
  if (!tls) return createServer({ keepAliveTimeout: keepAliveMs })
  const pair = followFiles({
    files: [tls.certFile, tls.keyFile],
    read: (readFile) => readKeyPair(tls, readFile),
    setting: '--tls-cert',
    name: certificate,
    following,
    onChange(changed) {
      // Connections that are open go on with the one that they have seen.
      server.setSecureContext(contextOf(changed))
      warn()
    },
  })
  const server = createTlsServer({
    ...contextOf(pair.current),
    handshakeTimeout: handshakeMs,
    keepAliveTimeout: keepAliveMs,
  })
  const { log, metrics, signal } = following
  const warn = () => {
    const problem = validityProblem(pair.current)
    if (problem) log.warn(`${certificate} ${problem}`)
  }
  warn()
  const looking = setInterval(warn, lookEveryMs).unref()
  signal.addEventListener('abort', () => clearInterval(looking))
  metrics.certificate(() => pair.current)
  return server
}

const certificate = 'the certificate of --tls-cert'

const contextOf = ({ cert, key }: KeyPair) => ({ cert, key: key.reveal(), minVersion: 'TLSv1.2' as const })
