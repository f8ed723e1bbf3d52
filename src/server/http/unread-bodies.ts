// Handles requests whose body is incomplete when the response is sent, usually because they are rejected.
// node:http would read the whole body, however long, to reuse the connection. This module closes the
// connection instead.

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

/**
 * How much of the body is discarded, and for how long. A client that receives a reset while it sends may
 * never see the response.
 */
const maxDiscardedBytes = 4 * 1024 * 1024
const maxDiscardMs = 2_000

/** Handles the requests of a server, including those with an `Expect` header. */
export function handleRequests(server: Server | TlsServer, onRequest: RequestListener): void {
  const closing = new WeakSet<Socket>()
  server.on('request', (request, response) => {
    // A request that follows a body which is being discarded on this connection. Its response could not be
    // sent.
    if (closing.has(request.socket)) return
    closeUnlessComplete(request, response, closing)
    onRequest(request, response)
  })
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    continueWhenRead(request, response)
    server.emit('request', request, response)
  })
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    closeUnlessComplete(request, response, closing)
    response.writeHead(417).end()
  })
}

/** Sends 100 Continue when the body is first read, and never for a request that is rejected before that. */
function continueWhenRead(request: IncomingMessage, response: ServerResponse): void {
  const read = request._read
  request._read = (size) => {
    request._read = read
    if (!response.headersSent) response.writeContinue()
    request._read(size)
  }
}

function closeUnlessComplete(
  request: IncomingMessage,
  response: ServerResponse,
  closing: WeakSet<Socket>,
): void {
  if (!hasBody(request)) return
  let keepAlive = response.shouldKeepAlive
  // node:http reads this when it sends the headers, and then closes the connection after the response.
  Object.defineProperty(response, 'shouldKeepAlive', {
    get: () => keepAlive && request.complete,
    set(value: boolean) {
      keepAlive = value
    },
  })
  response.once('prefinish', () => {
    if (request.complete || request.destroyed) return
    closing.add(request.socket)
    discard(request)
  })
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Discards more of the body for a while, then closes the connection. */
function discard(request: IncomingMessage): void {
  const { socket } = request
  const destroy = () => void socket.destroy()
  const timer = setTimeout(destroy, maxDiscardMs)
  socket.once('close', () => clearTimeout(timer))
  // Called by node:http once the response is written. It would reset a connection on which data still
  // arrives.
  socket.destroySoon = () => {
    if (request.complete) destroy()
    else socket.end()
  }
  let left = maxDiscardedBytes
  const count = (chunk: Buffer | null) => {
    left -= chunk?.length ?? 0
    if (left < 0) destroy()
  }
  // Marks the body as read by the gateway. Otherwise node:http would discard it without a limit.
  count(request.read())
  request.on('data', count).resume()
  request.once('end', () => socket.end(destroy))
}
