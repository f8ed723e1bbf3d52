// The server that callers reach: http, or https with a certificate that is read again when it changes.

import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { type KeyPair, type KeyPairFiles, readKeyPair } from '../config/key-pair.ts'
import type { Log } from '../observability/log.ts'
import { followFiles } from './follow-files.ts'

/** How long a client may take to agree on a key; one that only holds the connection must not hold up our stop. */
const handshakeMs = 5_000

/** Longer than proxies keep a connection to us, 60 s as a rule: who closes first decides whether a request can meet a closed one. */
const keepAliveMs = 75_000

/** @param signal ends the looking at the certificate's files */
export function createListener(
  onRequest: RequestListener,
  tls: KeyPairFiles | undefined,
  log: Log,
  signal: AbortSignal,
): Server | TlsServer {
  if (!tls) return createServer({ keepAliveTimeout: keepAliveMs }, onRequest)
  const pair = followFiles({
    files: [tls.certFile, tls.keyFile],
    read: () => readKeyPair(tls, (path) => readFileSync(path, 'utf8')),
    name: 'the certificate of --tls-cert',
    log,
    signal,
    // Connections that are open go on with the one that they have seen.
    onChange: (changed) => server.setSecureContext(contextOf(changed)),
  })
  const server = createTlsServer(
    { ...contextOf(pair.current), handshakeTimeout: handshakeMs, keepAliveTimeout: keepAliveMs },
    onRequest,
  )
  return server
}

const contextOf = ({ cert, key }: KeyPair) => ({ cert, key: key.reveal(), minVersion: 'TLSv1.2' as const })
