// How a server is closed: what runs is answered, and told that its connection closes.

import type { Server, ServerResponse } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

/**
 * What closes the server, each connection once the request that runs on it has been answered. Node's own way waits for
 * kept-alive connections, and for those that a browser opened in advance.
 */
export function gracefulShutdown(server: Server | TlsServer): () => Promise<void> {
  const responsesBySocket = new Map<Socket, Set<ServerResponse>>()
  let closing = false
  // Over TLS a request has the socket that is told of when the keys are agreed on.
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
        // Who is told that the connection closes does not send the next request on it, where it would be lost.
        for (const response of responses) response.shouldKeepAlive = false
      }
    })
  }
}
