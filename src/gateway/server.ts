// The process's side: a port to listen on, the vCenter to log in to, and a stop that leaves nothing behind.

import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { ServeConfig } from '../config/config.ts'
import { isWildcard } from '../config/host-name.ts'
import { createLog, type Log } from '../observability/log.ts'
import { type ConnectedVCenter, connectVCenter, endpointOf } from './connect-vcenter.ts'
import { createGateway } from './gateway.ts'
import { keepConnecting } from './keep-connecting.ts'

export interface RunningServer {
  /** The address of the GraphQL endpoint, which is GraphiQL's too. */
  readonly url: string
  /** Stops accepting, lets what runs finish within a limit, ends subscriptions, and logs out. */
  stop(): Promise<void>
}

/** How long running requests may take to finish when the server stops. */
const graceMs = 5_000

/** Starts serving. A vCenter that cannot be reached is no reason to fail: it is tried again, and told by /ready. */
export async function startServer(
  config: ServeConfig,
  log: Log = createLog(process.stderr),
): Promise<RunningServer> {
  const connected = connectVCenter(config, await endpointOf(config), log)
  try {
    return await serve(connected, config, log)
  } catch (error) {
    await connected.close()
    throw error
  }
}

async function serve(connected: ConnectedVCenter, config: ServeConfig, log: Log): Promise<RunningServer> {
  const { host, port } = config
  const stopping = new AbortController()
  const gateway = createGateway({
    ...config,
    connected,
    log,
    stopping: stopping.signal,
    isSimulator: !config.vcenter,
  })
  const server = createServer((request, response) => {
    // Yoga makes a URL of the Host header and fails on one that is none.
    if (URL.canParse(`http://${request.headers.host ?? 'localhost'}${request.url}`))
      void gateway(request, response)
    else response.writeHead(400).end()
  })
  const close = closer(server)
  await listen(server, port, host)
  const connecting = keepConnecting(connected.vcenter, log, stopping.signal)
  const { port: actual } = server.address() as AddressInfo
  const shownHost = isWildcard(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  let stopped: Promise<void> | undefined
  return {
    url: `http://${shownHost}:${actual}/graphql`,
    stop() {
      stopped ??= (async () => {
        stopping.abort()
        await Promise.all([close(), connecting])
        await connected.close()
      })()
      return stopped
    },
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/**
 * What closes the server once the requests that run have been answered. Node's own way waits for kept-alive connections,
 * and for those that a browser opened in advance.
 */
function closer(server: Server): () => Promise<void> {
  const running = new Map<Socket, number>()
  let closing = false
  server.on('connection', (socket: Socket) => {
    running.set(socket, 0)
    socket.once('close', () => running.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    running.set(socket, (running.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = running.get(socket)
      if (left === undefined) return
      running.set(socket, left - 1)
      if (closing && left === 1) socket.destroySoon()
    })
  })
  return async () => {
    closing = true
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const [socket, count] of running) if (count === 0) socket.destroy()
    })
    clearTimeout(timer)
  }
}
