// The process's side: a port to listen on, the vCenter to log in to, and a stop that leaves nothing behind.

import { createServer, type Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { ListenAddress, ServeConfig } from '../config/config.ts'
import { isLoopbackAddress, isWildcard } from '../config/host-name.ts'
import { version } from '../config/version.ts'
import { createLog, type Log } from '../observability/log.ts'
import { createMetrics, type Metrics } from '../observability/metrics.ts'
import type { Tracing } from '../observability/tracing.ts'
import { AdminListenError, createAdminListener } from './http/admin-listener.ts'
import type { Entrance } from './auth/access-provider.ts'
import { openEntrance } from './auth/create-access-provider.ts'
import { closer } from './http/graceful-shutdown.ts'
import { createGateway } from './create-gateway.ts'
import { createListener } from './http/listener.ts'
import { normalizeRequest } from './http/normalize-request.ts'
import { createReadiness, reasons } from './http/readiness.ts'
import { handleRequests } from './http/unread-bodies.ts'

export interface RunningServer {
  /** The address of the GraphQL endpoint, which is GraphiQL's too. */
  readonly url: string
  /** Of the address that /ready and /metrics have to themselves, if they have. */
  readonly adminUrl: string | undefined
  /** Stops accepting, lets what runs finish within a limit, ends subscriptions, and logs out. */
  stop(): Promise<void>
}

/** How long running requests may take to finish when the server stops; then those that still run are ended with an error. */
const graceMs = 5_000

/** How long their clients may take to receive that error. */
const answerMs = 1_000

/** How long a change may still take that the vCenter has not answered: until it is known that it will not. */
const unansweredMs = 5_000

/** Starts serving. A vCenter that cannot be reached is no reason to fail: it is tried again, and told by /ready. */
export async function startServer(
  config: ServeConfig,
  log: Log = createLog(process.stderr),
): Promise<RunningServer> {
  const metrics = createMetrics({ version, ofProcess: true, keptMs: 1_000 })
  const tracing = await tracingTo(config, log)
  const stopping = new AbortController()
  let entrance: Entrance | undefined
  try {
    entrance = await openEntrance(config, log, metrics, stopping.signal)
    return await serve({ entrance, metrics, tracing, stopping, log }, config)
  } catch (error) {
    stopping.abort()
    await entrance?.close()
    await tracing?.close()
    throw error
  }
}

interface Parts {
  readonly entrance: Entrance
  readonly metrics: Metrics
  readonly tracing: Tracing | undefined
  readonly stopping: AbortController
  readonly log: Log
}

async function serve(
  { entrance, metrics, tracing, stopping, log }: Parts,
  config: ServeConfig,
): Promise<RunningServer> {
  const { admin, tls } = config
  const cutOff = new AbortController()
  const readiness = createReadiness(entrance.reach, stopping.signal)
  metrics.readiness(entrance.name, reasons, readiness.reason)
  const gateway = createGateway({
    ...config,
    entrance,
    log,
    metrics,
    tracing,
    stopping: stopping.signal,
    readiness,
    cutOff: cutOff.signal,
    isSimulator: !config.vcenter,
    adminElsewhere: admin !== undefined,
  })
  const server = createListener(
    (request, response) => {
      const status = normalizeRequest(request)
      if (status === undefined) return void gateway(request, response)
      metrics.refusal(status)
      response.writeHead(status).end()
    },
    { tls, following: { log, metrics, signal: stopping.signal } },
  )
  const adminServer = admin && createServer()
  if (adminServer) handleRequests(adminServer, createAdminListener({ readiness, metrics }))
  const close = closer(server)
  const closeAdmin = adminServer && closer(adminServer)
  try {
    await listen(server, config)
    if (admin && adminServer) {
      await listen(adminServer, admin).catch((error) => {
        throw new AdminListenError(error)
      })
    }
  } catch (error) {
    await close()
    throw error
  }
  if (config.auth.mode === 'none' && !isLoopbackAddress(config.host)) {
    log.warn(`anyone who reaches ${config.host} may use the gateway: --allow-anonymous`)
  }
  entrance.start()
  let stopped: Promise<void> | undefined
  return {
    url: `${originOf(server, config)}/graphql`,
    adminUrl: admin && adminServer && originOf(adminServer, admin),
    stop() {
      stopped ??= (async () => {
        stopping.abort()
        const closed = close()
        await within(graceMs, closed)
        cutOff.abort()
        await within(answerMs, closed)
        try {
          await entrance.close()
          await within(unansweredMs, closed)
        } finally {
          server.closeAllConnections()
          await Promise.all([closed, closeAdmin?.()])
          await tracing?.close()
        }
      })()
      return stopped
    },
  }
}

async function tracingTo({ otlpEndpoint, name }: ServeConfig, log: Log): Promise<Tracing | undefined> {
  if (!otlpEndpoint) return undefined
  // Loaded where it is wanted: it takes longer than all the rest.
  const { createTracing } = await import('../observability/tracing.ts')
  const endpoint = otlpEndpoint.reveal()
  // Not all of the URL: there may be a password in it.
  const collector = `the collector at ${new URL(endpoint).host}`
  const onChange = (change: 'lost' | 'back', reason?: string) =>
    change === 'lost'
      ? log.warn(`spans cannot be sent to ${collector}: ${reason}; see --otlp-endpoint`)
      : log.info(`spans are sent to ${collector} again`)
  return createTracing({ endpoint, version, vcenter: name, onChange })
}

function originOf(server: Server | TlsServer, { host }: Pick<ListenAddress, 'host'>): string {
  const { port } = server.address() as AddressInfo
  const shownHost = isWildcard(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${server instanceof TlsServer ? 'https' : 'http'}://${shownHost}:${port}`
}

function listen(server: Server | TlsServer, { port, host }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Resolves with the promise, or when the time is over. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  await Promise.race([promise, setTimeout(ms, undefined, { signal: over.signal }).catch(() => {})])
  over.abort()
}
