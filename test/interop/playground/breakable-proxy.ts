// A TCP proxy whose connections break on request, as when a gateway is killed. Its shutdown would end subscriptions with an error.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

interface BreakableProxy {
  readonly port: number
  /** Breaks all connections, and accepts no others. */
  breakAll(): void
}

export async function startBreakableProxy(targetPort: number): Promise<BreakableProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1')
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    breakAll() {
      server.close()
      for (const socket of sockets) socket.resetAndDestroy()
    },
  }
}
