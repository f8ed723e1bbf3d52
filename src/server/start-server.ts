// Starts the server process: listens on a port, connects to the vCenter, and shuts down cleanly.

import { createServer, type Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { withTimeout } from '../concurrency/timing.ts'
import type { ListenAddress, ServeConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { isLoopbackAddress, isWildcard } from '../config/host-name.ts'
import { version } from '../config/version.ts'
import { createLog, type Log } from '../observability/log.ts'
import { createMetrics, type Metrics } from '../observability/metrics.ts'
import type { Tracing } from '../observability/tracing.ts'
import type { VCenterTimings } from '../vcenter/vcenter-endpoint.ts'
import type { AccessProvider } from './auth/access-provider.ts'
import { createAccessProvider } from './auth/create-access-provider.ts'
import { createRequestHandler } from './create-request-handler.ts'
import { drain } from './drain.ts'
import { AdminListenError, createAdminListener } from './http/admin-listener.ts'
import { gracefulShutdown } from './http/graceful-shutdown.ts'
import { createListener } from './http/listener.ts'
import { normalizing } from './http/normalize-request.ts'
import { createReadiness, notReadyReasons } from './http/readiness.ts'
import { handleRequests } from './http/unread-bodies.ts'
import type { WatchOptions } from './http/watch-files.ts'
import { startCaptureExpiry } from './start-capture-expiry.ts'

/** Delays that tests shorten. @default those of their modules */
export interface ServerTimings extends VCenterTimings {
  /** Interval between two checks whether a watched file has changed. */
  readonly filePollIntervalMs?: number
}

export interface RunningServer {
  /** URL of the GraphQL endpoint, which also serves GraphiQL. */
  readonly url: string
  /** URL of the separate listener for /ready and /metrics, if there is one. */
  readonly adminUrl: string | undefined
  /**
   * Stops accepting connections, ends subscriptions, lets running requests finish within a limit, and logs
   * out.
   */
  stop(): Promise<void>
}

/**
 * How long to wait at shutdown for a mutation whose vCenter call has no response yet, until it is certain
 * that none comes.
 */
const pendingMutationTimeoutMs = 5_000

/**
 * Starts the server. An unreachable vCenter is not an error: the gateway retries, and /ready reports it.
 * @param config the result of `loadServeConfig`
 * @throws ConfigError if `config` is something else
 */
export async function startServer(
  config: ServeConfig,
  log: Log = createLog(process.stderr),
  timings: ServerTimings = {},
): Promise<RunningServer> {
  // A caller without types may have passed nothing, or flags.
  if ((config as Partial<ServeConfig> | undefined)?.limits === undefined)
    throw new ConfigError('startServer needs the result of loadServeConfig')
  const metrics = createMetrics({ version, includeProcess: true, cacheMs: 1_000 })
  const tracing = await createTracingFor(config, log)
  const shutdown = new AbortController()
  let accessProvider: AccessProvider | undefined
  try {
    const watchOptions = {
      log,
      metrics,
      signal: shutdown.signal,
      pollIntervalMs: timings.filePollIntervalMs,
    }
    accessProvider = await createAccessProvider(config, watchOptions, timings)
    return await serve({ accessProvider, watchOptions, tracing, shutdown }, config)
  } catch (error) {
    shutdown.abort()
    await accessProvider?.close()
    await tracing?.close()
    throw error
  }
}

interface ServerDeps {
  readonly accessProvider: AccessProvider
  readonly watchOptions: WatchOptions & { readonly metrics: Metrics }
  readonly tracing: Tracing | undefined
  readonly shutdown: AbortController
}

async function serve(
  { accessProvider, watchOptions, tracing, shutdown }: ServerDeps,
  config: ServeConfig,
): Promise<RunningServer> {
  const { admin, tls } = config
  const { log, metrics } = watchOptions
  const forceShutdown = new AbortController()
  const readiness = createReadiness(accessProvider.checkReachable, shutdown.signal)
  metrics.readiness(accessProvider.name, notReadyReasons, readiness.reason)
  const gateway = createRequestHandler({
    ...config,
    accessProvider,
    log,
    metrics,
    tracing,
    shutdownSignal: shutdown.signal,
    readiness,
    forceShutdownSignal: forceShutdown.signal,
    isSimulator: !config.vcenter,
    hasAdminServer: admin !== undefined,
  })
  const server = createListener(normalizing(gateway, metrics), { tls, watchOptions })
  const adminServer = admin && createServer()
  if (adminServer) handleRequests(adminServer, createAdminListener({ readiness, metrics }))
  const close = gracefulShutdown(server)
  const closeAdmin = adminServer && gracefulShutdown(adminServer)
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
    log.warn(`listening on ${config.host} without authentication (--allow-anonymous)`)
  }
  accessProvider.start()
  if (accessProvider.serviceVCenter && !config.readOnly)
    startCaptureExpiry(accessProvider.serviceVCenter, config.limits, log, shutdown.signal)
  let stopped: Promise<void> | undefined
  return {
    url: `${originOf(server, config)}/graphql`,
    adminUrl: admin && adminServer && originOf(adminServer, admin),
    stop() {
      stopped ??= (async () => {
        const allClosed = close()
        await drain(allClosed, { shutdown, forceShutdown })
        try {
          await accessProvider.close()
          await withTimeout(allClosed, pendingMutationTimeoutMs)
        } finally {
          server.closeAllConnections()
          await Promise.all([allClosed, closeAdmin?.()])
          await tracing?.close()
        }
      })()
      return stopped
    },
  }
}

async function createTracingFor(
  { otlpEndpoint, vcenterName }: ServeConfig,
  log: Log,
): Promise<Tracing | undefined> {
  if (!otlpEndpoint) return undefined
  // Loaded only if needed: this import takes longer than all others together.
  const { createTracing } = await import('../observability/tracing.ts')
  const endpoint = otlpEndpoint.reveal()
  // The host only: the URL may contain a password.
  const collectorLabel = `the collector at ${new URL(endpoint).host}`
  const onChange = (change: 'failing' | 'recovered', reason?: string) =>
    change === 'failing'
      ? log.warn(`span export to ${collectorLabel} failed: ${reason}; see --otlp-endpoint`)
      : log.info(`span export to ${collectorLabel} recovered`)
  return createTracing({ endpoint, version, vcenter: vcenterName, onChange })
}

function originOf(server: Server | TlsServer, { host }: Pick<ListenAddress, 'host'>): string {
  const { port } = server.address() as AddressInfo
  const displayHost = isWildcard(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${server instanceof TlsServer ? 'https' : 'http'}://${displayHost}:${port}`
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
