// A connection with a vCenter: a session, and what follows it. Those with the same one share what is the vCenter's (the turns of
// its reads, its figures) and the room that walks take; nothing that was read through one is seen by another.

import type { ServeConfig } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { VCenterMetrics } from '../observability/vcenter-metrics.ts'
import type { PlannerCache } from '../planner/inventory-reader.ts'
import { SharedPageOrderCache } from '../planner/page-order-cache.ts'
import { SizeHints } from '../planner/size-hints.ts'
import type { VCenter } from '../schema/context.ts'
import { BackgroundJobs } from '../schema/tasks/background-jobs.ts'
import { defaultRecoveryDelays } from '../schema/tasks/recovery-delays.ts'
import { TransportError } from '../transport/transport-error.ts'
import { withCookies } from '../transport/with-cookies.ts'
import { UnknownProperties } from '../vim25/property-collector/unknown-properties.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { CircuitBreaker } from '../vim25/session/circuit-breaker.ts'
import { createFairQueue } from '../vim25/session/fair-queue.ts'
import {
  createSession,
  type Session,
  type SessionEvent,
  type SharedVCenter,
} from '../vim25/session/session.ts'
import { createTaskWatcher } from '../vim25/tasks/task-watcher.ts'
import { createInventoryWatcher } from '../vim25/updates/inventory-watcher.ts'
import { createUpdateStream, type UpdateStream } from '../vim25/updates/update-stream.ts'
import type { VCenterEndpoint, VSphereAccount } from './vcenter-endpoint.ts'
import { createVCenterLog, isAtTheEnd, recordLogin } from './vcenter-log.ts'

export interface ConnectedVCenter {
  readonly vcenter: VCenter
  readonly plannerCache: PlannerCache
  /** Something is done through it now: for a request, for a subscription, or behind them. */
  readonly isBusy: boolean
  /** Logs out. */
  close(): Promise<void>
}

/** The connection of a gateway that has an account of its own. */
export interface ServiceVCenter extends ConnectedVCenter {
  /** Resolves when the vCenter answers and has not refused us. The log is told why not at once, be it an outage or not yet. */
  checkReachable(callOptions: CallOptions): Promise<void>
}

export type ConnectConfig = Pick<
  ServeConfig,
  'vcenterName' | 'pageSizeDefault' | 'pageSizeMax' | 'maxConcurrentCalls'
>

interface ConnectOptions {
  readonly sharedVCenter?: SharedVCenter
  /** Told what the session tells, but not that it is cut off when it is closed. */
  readonly onEvent: (event: SessionEvent) => void
}

interface VCenterConnector {
  readonly vcenterMetrics: VCenterMetrics | undefined
  /** Prepares a session for an account; it logs in when it is first used. */
  connect(account: VSphereAccount, options: ConnectOptions): ConnectedVCenter
}

/** How long what must not be left half done may take when a connection is closed. */
const closeTimeoutMs = 5_000

/** What is known of a connection from outside. */
interface TrackedConnection {
  readonly session: Session
  readonly streams: { readonly tasks: UpdateStream; readonly inventory: UpdateStream }
}

/** @param currentOutage the one that goes on, if one does */
export function createVCenterConnector(
  { vcenterName, pageSizeDefault, pageSizeMax, maxConcurrentCalls }: ConnectConfig,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics: Metrics | undefined,
  currentOutage: () => CircuitBreaker['outage'],
): VCenterConnector {
  const queue = createFairQueue(maxConcurrentCalls)
  const pageOrders = new SharedPageOrderCache()
  const loggedProperties = new Set<string>()
  const connections = new Set<TrackedConnection>()
  const count = (predicate: (tracked: TrackedConnection) => boolean) =>
    [...connections].filter(predicate).length
  const vcenterMetrics = metrics?.vcenter(vcenterName, () => ({
    isUp: currentOutage() === undefined,
    sessions: count(({ session }) => session.isConnected),
    readsInFlight: queue.inFlight,
    readsQueued: queue.queued,
    updateStreams: {
      tasks: count(({ streams }) => streams.tasks.isOpen),
      inventory: count(({ streams }) => streams.inventory.isOpen),
    },
  }))

  return {
    vcenterMetrics,
    connect(account, { sharedVCenter, onEvent }) {
      // Each finds out for itself what the server does not know, as its login may be older than an upgrade; it is told once.
      const unknownProperties = new UnknownProperties((type, path) => {
        const property = `${type}.${path}`
        if (loggedProperties.has(property)) return
        loggedProperties.add(property)
        log.warn(`${vcenterName} does not know the property ${property}; it reads as null from now on`)
      })
      const session = createSession({
        connect: () => withCookies(endpoint.connect()),
        path: endpoint.path,
        userName: account.userName,
        password: account.password,
        onEvent: (event) => {
          if (event.kind === 'loggedIn') unknownProperties.forget()
          // What is cut off when the gateway stops is no outage.
          if (!backgroundJobs.isClosing || isAtTheEnd(event)) onEvent(event)
          recordLogin(event, vcenterMetrics)
        },
        onCall: vcenterMetrics?.call,
        onRetrieval: vcenterMetrics?.retrieval,
        queue,
        circuitBreaker: endpoint.circuitBreaker,
        sharedVCenter,
      })
      // A stream each: what mutations wait for stands behind no subscriber's start, and fails with no filter of theirs.
      const streams = { tasks: createUpdateStream(session), inventory: createUpdateStream(session) }
      const tasks = createTaskWatcher(streams.tasks)
      const inventory = createInventoryWatcher(streams.inventory, unknownProperties)
      const backgroundJobs = new BackgroundJobs((message) => log.warn(message))
      const recovery = { ...defaultRecoveryDelays, ...endpoint.recovery }
      const pageSizes = { defaultSize: pageSizeDefault, maxSize: pageSizeMax }
      const tracked = { session, streams }
      connections.add(tracked)
      return {
        vcenter: { name: vcenterName, session, tasks, inventory, backgroundJobs, recovery, pageSizes },
        plannerCache: { unknownProperties, pageOrders: pageOrders.partition(), sizeHints: new SizeHints() },
        get isBusy() {
          return session.isBusy || streams.tasks.isOpen || streams.inventory.isOpen || backgroundJobs.isBusy
        },
        async close() {
          await backgroundJobs.close(closeTimeoutMs)
          tasks.close()
          inventory.close()
          await session.close()
          connections.delete(tracked)
        },
      }
    },
  }
}

/** The one connection. Its close ends the simulator, too, if there is one. */
export function connectVCenter(
  config: ConnectConfig,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics?: Metrics,
): ServiceVCenter {
  if (!endpoint.account) throw new Error('the gateway has no account in this vCenter')
  const vcenterLog = createVCenterLog(config.vcenterName, log, endpoint.account.userName)
  const connector = createVCenterConnector(
    config,
    endpoint,
    log,
    metrics,
    () => connected.vcenter.session.outage,
  )
  const connected = connector.connect(endpoint.account, { onEvent: vcenterLog.onSessionEvent })
  const { vcenter, plannerCache } = connected
  let isClosed = false
  return {
    vcenter,
    plannerCache,
    get isBusy() {
      return connected.isBusy
    },
    async checkReachable(callOptions) {
      try {
        await vcenter.session.probe(callOptions)
        vcenterLog.onRecovered()
      } catch (error) {
        // All else has been told where it was found out.
        if (error instanceof TransportError && !isClosed) vcenterLog.onUnreachable(error)
        throw error
      }
    },
    async close() {
      isClosed = true
      await connected.close()
      await endpoint.close?.()
    },
  }
}
