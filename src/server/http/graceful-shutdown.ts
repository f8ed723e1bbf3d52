// Closes a server gracefully: running requests get their response, with `connection: close`.

import type { Server, ServerResponse } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

/**
 * Returns a function that closes the server, and each connection once it has no running request. Node's own
 * close() waits for keep-alive connections, and for those that a browser opened in advance.
 */
export function gracefulShutdown(server: Server | TlsServer): () => Promise<void> {
  const responsesBySocket = new Map<Socket, Set<ServerResponse>>()
  let closing = false
  // Over TLS, a request's socket is the one that `secureConnection` emits, after the handshake.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    responsesBySocket.set(socket, new Set())
    socket.once('close', () => responsesBySocket.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    const responses = responsesBySocket.get(socket)
    responses?.add(response)
    if (closing) response.shouldKeepAlive = false
    response.once('close', () => {
      responses?.delete(response)
      if (closing && responses?.size === 0) socket.destroySoon()
    })
  })
  return () => {
    closing = true
    return new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const [socket, responses] of responsesBySocket) {
        if (responses.size === 0) socket.destroy()
        // A client that sees `connection: close` does not send its next request on this connection, where it
        // would be lost.
        for (const response of responses) response.shouldKeepAlive = false
      }
    })
  }
}
