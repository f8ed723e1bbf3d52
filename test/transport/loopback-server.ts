// A real HTTP(S) server on loopback for one test; the server and its connections close after the test.

import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface LoopbackServer {
  /** `http://127.0.0.1:port`, or https with a certificate. */
  readonly url: string
  /** The number of connections opened so far. */
  readonly connections: number
  /** Resolves when a connection has closed. */
  readonly firstClosed: Promise<void>
  /** Resolves when the last open connection has closed. */
  allClosed(): Promise<void>
}

export interface Certificate {
  readonly key: string
  readonly cert: string
}

export async function startLoopbackServer(
  listener: RequestListener,
  certificate?: Certificate,
): Promise<LoopbackServer> {
  const server = certificate ? createTlsServer({ ...certificate }, listener) : createServer(listener)
  const open = new Set<Socket>()
  let connections = 0
  let onClosed = () => {}
  const firstClosed = new Promise<void>((resolve) => {
    onClosed = resolve
  })
  let onEmpty: (() => void) | undefined
  server.on('connection', (socket: Socket) => {
    connections++
    open.add(socket)
    socket.on('close', () => {
      open.delete(socket)
      onClosed()
      if (open.size === 0) onEmpty?.()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    get connections() {
      return connections
    },
    firstClosed,
    allClosed: () =>
      new Promise((resolve) => {
        if (open.size === 0) resolve()
        else onEmpty = resolve
      }),
  }
}
