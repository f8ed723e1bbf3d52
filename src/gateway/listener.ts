// The server that callers reach: http, or https with a certificate that is read again when it changes.

import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { type KeyPair, type KeyPairFiles, readKeyPair } from '../config/key-pair.ts'
import type { Metrics } from '../observability/metrics.ts'
import { validityProblem } from './certificate-validity.ts'
import { type Following, followFiles } from './follow-files.ts'

/** How long a client may take to agree on a key; one that only holds the connection must not hold up our stop. */
const handshakeMs = 5_000

/** Longer than proxies keep a connection to us, 60 s as a rule: who closes first decides whether a request can meet a closed one. */
const keepAliveMs = 75_000

/** How often it is looked at whether the certificate is still good. */
const lookEveryMs = 24 * 60 * 60_000

export function createListener(
  onRequest: RequestListener,
  tls: KeyPairFiles | undefined,
  following: Following & { readonly metrics: Metrics },
): Server | TlsServer {
  if (!tls) return createServer({ keepAliveTimeout: keepAliveMs }, onRequest)
  const pair = followFiles({
    files: [tls.certFile, tls.keyFile],
    read: () => readKeyPair(tls, (path) => readFileSync(path, 'utf8')),
    setting: '--tls-cert',
    name: certificate,
    following,
    onChange(changed) {
      // Connections that are open go on with the one that they have seen.
      server.setSecureContext(contextOf(changed))
      warn()
    },
  })
  const server = createTlsServer(
    { ...contextOf(pair.current), handshakeTimeout: handshakeMs, keepAliveTimeout: keepAliveMs },
    onRequest,
  )
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
