// Runs a whole gateway on its own simulator in this process, with HTTP requests but without a port.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import type { ExecutionResult } from 'graphql'
import type { Clock, MonotonicClock } from '../src/concurrency/clock.ts'
import { loadServeConfig, type ServeConfig } from '../src/config/config.ts'
import type { LogFields } from '../src/observability/log.ts'
import type { Metrics } from '../src/observability/metrics.ts'
import type { Tracing } from '../src/observability/tracing.ts'
import type { RecoveryDelays } from '../src/schema/tasks/recovery-delays.ts'
import { sharedAccountAccess } from '../src/server/auth/access-provider.ts'
import type { Identity } from '../src/server/auth/identity.ts'
import { createRequestHandler } from '../src/server/create-request-handler.ts'
import { startCaptureExpiry } from '../src/server/start-capture-expiry.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from '../src/simulator/index.ts'
import type { Transport } from '../src/transport/transport.ts'
import { createCaptureSigner } from '../src/vcenter/capture-signer.ts'
import { connectVCenter } from '../src/vcenter/connect-vcenter.ts'
import type { CircuitBreakerOptions } from '../src/vim25/session/circuit-breaker.ts'
import type { StreamOptions } from '../src/vim25/updates/update-stream.ts'

export interface TestGateway {
  readonly simulator: Simulator
  /** The log lines. */
  readonly lines: readonly string[]
  /** The log entries of completed operations. */
  readonly operations: readonly LogFields[]
  /** The audit log entries of mutations. */
  readonly audit: readonly LogFields[]
  /** Executes an operation; `headers` are sent with it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests check the shape of a response
  execute<T = any>(
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<ExecutionResult<T>>
  /** Sends any request; the host is filled in. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Also serves on a local port, by default a free one, and returns the URL of the endpoint. */
  listen(port?: number): Promise<string>
  /** Ends subscriptions, as a server does when it shuts down. */
  stop(): void
  /** Aborted by `stop`. */
  readonly shutdownSignal: AbortSignal
  /** Logs out and stops the simulator. */
  close(): Promise<void>
}

interface TestGatewayOptions extends SimulatorOptions {
  readonly pageSizeDefault?: number
  readonly pageSizeMax?: number
  readonly maxConcurrentCalls?: number
  readonly readOnly?: boolean
  readonly introspection?: boolean
  readonly graphiql?: boolean
  /** @default the build's result, if there is one */
  readonly playgroundDirectory?: string
  readonly allowedOrigins?: readonly string[]
  readonly persisted?: ServeConfig['persistedOperations']
  /** @default those of a gateway without settings */
  readonly limits?: Partial<ServeConfig['limits']>
  /** A shared simulator instead of a separate one; it is left running. */
  readonly simulator?: Simulator
  /** The gateway's vCenter account. @default the simulator's own */
  readonly gatewayUser?: string
  readonly gatewayPassword?: string
  /** The role of all callers. @default they are not authenticated */
  readonly role?: Identity['role']
  readonly concurrency?: Partial<ServeConfig['concurrency']>
  readonly reachability?: CircuitBreakerOptions
  /** @default short delays, so that a test of a lost response takes no seconds */
  readonly recovery?: Partial<RecoveryDelays>
  readonly vapiClock?: MonotonicClock
  readonly alarmClock?: Clock
  /** @default a short interval, so that a test of several events takes no seconds */
  readonly eventPacing?: StreamOptions
  /** The clock of the timers of captures. */
  readonly captureClock?: Clock
  /** The key that signs captures. @default a random one */
  readonly captureKey?: string | undefined
  /** Removes captures whose lease has ended, as a server does. @default false */
  readonly captureExpiry?: boolean
  /** Wraps the transport between the gateway and the simulator. */
  readonly wrap?: (transport: Transport) => Transport
  readonly metrics?: Metrics
  readonly tracing?: Tracing
}

/** Delays of the recovery, short compared to those of a gateway in production. */
export const shortRecovery = { lostResponse: [0, 20, 40, 80], reread: [20] } satisfies Partial<RecoveryDelays>

/** Delays of a search for what appears later, which ends when it is found: long enough for a slow machine. */
export const searches: readonly number[] = Array.from({ length: 150 }, () => 200)

const defaults = loadServeConfig({ argv: [], env: {} })
export const { limits: defaultLimits } = defaults

export function startGateway(options: TestGatewayOptions = {}): TestGateway {
  const {
    pageSizeDefault = 100,
    pageSizeMax = 1000,
    maxConcurrentCalls = 8,
    readOnly = false,
    introspection = true,
    graphiql = true,
    playgroundDirectory,
    allowedOrigins = [],
    persisted: persistedOperations,
    limits,
    concurrency,
    gatewayUser = 'user',
    gatewayPassword = 'pass',
    role,
    wrap = (transport) => transport,
    reachability: circuitBreaker,
    recovery = shortRecovery,
    vapiClock,
    alarmClock,
    eventPacing = { minReopenIntervalMs: 5 },
    captureClock,
    captureKey,
    captureExpiry = false,
    metrics,
    tracing,
    simulator: shared,
    ...simulated
  } = options
  const simulator = shared ?? createSimulator({ tasks: { queuedMs: 0, durationMs: 5 }, ...simulated })
  const lines: string[] = []
  const operations: LogFields[] = []
  const audit: LogFields[] = []
  // Ignores the log line of the login.
  const log = {
    info: (_line: string, fields?: LogFields) => {
      if (fields) (fields.audit ? audit : operations).push(fields)
    },
    warn: add,
    error: add,
  }
  function add(line: string, fields?: LogFields): void {
    lines.push(fields ? `${line} ${inspect(fields)}` : line)
  }
  const shutdownSignal = new AbortController()
  const servers: Server[] = []
  const connected = connectVCenter(
    { vcenterName: 'test', pageSizeDefault, pageSizeMax, maxConcurrentCalls },
    {
      connect: () => wrap(simulator.transport()),
      account: { userName: gatewayUser, password: () => gatewayPassword },
      ...(circuitBreaker && { circuitBreaker }),
      recovery,
      ...(vapiClock && { vapiClock }),
      ...(alarmClock && { alarmClock }),
      eventPacing,
      ...(captureClock && { captureClock }),
      ...(captureKey !== undefined && { captureSigner: createCaptureSigner(() => [captureKey]) }),
      close: async () => {
        if (!shared) await simulator.close()
      },
    },
    log,
    metrics,
  )
  const gateway = createRequestHandler({
    accessProvider: sharedAccountAccess(
      connected,
      role && { scheme: undefined, authenticate: () => ({ name: 'tester', role }) },
    ),
    log,
    metrics,
    tracing,
    allowedHosts: ['localhost', '127.0.0.1'],
    shutdownSignal: shutdownSignal.signal,
    allowedOrigins,
    readOnly,
    introspection,
    graphiql,
    ...(playgroundDirectory !== undefined && { playgroundDirectory }),
    persistedOperations,
    limits: { ...defaultLimits, ...limits },
    concurrency: { ...defaults.concurrency, ...concurrency },
  })
  if (captureExpiry)
    startCaptureExpiry(connected, { ...defaultLimits, ...limits }, log, shutdownSignal.signal)
  const request = async (path: string, init: RequestInit = {}): Promise<Response> =>
    gateway.fetch(`http://localhost${path}`, {
      ...init,
      headers: { host: 'localhost', ...(init.headers as Record<string, string>) },
    })
  return {
    simulator,
    lines,
    operations,
    audit,
    fetch: request,
    async execute(query, variables, headers) {
      const response = await request('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as ExecutionResult<never>
    },
    async listen(port = 0) {
      const server = createServer(gateway)
      servers.push(server)
      await once(server.listen(port, '127.0.0.1'), 'listening')
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
    },
    stop: () => shutdownSignal.abort(),
    shutdownSignal: shutdownSignal.signal,
    async close() {
      shutdownSignal.abort()
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
      await connected.close()
    },
  }
}
