// The process's side: a port to listen on, the vCenter to log in to, and a stop that leaves nothing behind.

import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { ListenAddress, ServeConfig } from '../config/config.ts'
import { isWildcard } from '../config/host-name.ts'
import type { Secret } from '../config/secret.ts'
import { version } from '../config/version.ts'
import { createLog, type Log } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import type { Tracing } from '../observability/tracing.ts'
import { createAdminListener } from './admin-listener.ts'
import { connectVCenter, endpointOf } from './connect-vcenter.ts'
import { createGateway } from './gateway.ts'

export interface RunningServer {
  /** The address of the GraphQL endpoint, which is GraphiQL's too. */
  readonly url: string
  /** Of the address that /ready and /metrics have to themselves, if they have. */
  readonly adminUrl: string | undefined
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
  const { allowedHosts, readOnly, limits, admin } = config
  const metrics = createMetrics({ ofProcess: true })
  const tracing = await tracingTo(config.otlpEndpoint, log)
  const connected = connectVCenter(config, await endpointOf(config), log, metrics)
  const stopping = new AbortController()
  const gateway = createGateway({
    connected,
    log,
    metrics,
    tracing,
    allowedHosts,
    readOnly,
    limits,
    stopping: stopping.signal,
    isSimulator: !config.vcenter,
    adminElsewhere: admin !== undefined,
  })
  const server = createServer((request, response) => {
    // Yoga makes a URL of the Host header and fails on one that is none.
    if (URL.canParse(`http://${request.headers.host ?? 'localhost'}${request.url}`))
      void gateway(request, response)
    else response.writeHead(400).end()
  })
  const { session } = connected.vcenter
  const adminServer = admin && createServer(createAdminListener({ session, metrics }))
  const close = closer(server)
  const closeAdmin = adminServer && closer(adminServer)
  const end = async () => {
    await connected.close()
    await closeAdmin?.()
    await tracing?.close()
  }
  try {
    await listen(server, config)
    if (admin && adminServer) await listen(adminServer, admin)
  } catch (error) {
    await close()
    await end()
    throw error
  }
  // The first query need not wait for it. What goes wrong is logged, and tried again unless it is a refusal.
  session.loggedIn().catch(() => {})
  let stopped: Promise<void> | undefined
  return {
    url: `${originOf(server, config)}/graphql`,
    adminUrl: admin && adminServer && originOf(adminServer, admin),
    stop() {
      stopped ??= (async () => {
        stopping.abort()
        await close()
        await end()
      })()
      return stopped
    },
  }
}

async function tracingTo(endpoint: Secret | undefined, log: Log): Promise<Tracing | undefined> {
  if (!endpoint) return undefined
  // Loaded where it is wanted: it takes longer than all the rest.
  const { createTracing } = await import('../observability/tracing.ts')
  const onFailure = () => log.warn('spans cannot be sent to the collector; see --otlp-endpoint')
  return createTracing({ endpoint: endpoint.reveal(), version, onFailure })
}

function originOf(server: Server, { host }: Pick<ListenAddress, 'host'>): string {
  const { port } = server.address() as AddressInfo
  const shownHost = isWildcard(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${shownHost}:${port}`
}

function listen(server: Server, { port, host }: ListenAddress): Promise<void> {
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
