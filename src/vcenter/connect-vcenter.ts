// Creates connections to a vCenter: a session with its update streams, watchers and caches. Connections to
// the same vCenter share its read queue, its metrics and the memory limit for page orders. They share no data
// that was read.

import { backgroundClock } from '../concurrency/clock.ts'
import { FairQueue } from '../concurrency/fair-queue.ts'
import type { ServeConfig } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { VCenterMetrics } from '../observability/vcenter-metrics.ts'
import type { PageSizes } from '../planner/connections/page.ts'
import { SharedPageOrderCache } from '../planner/connections/page-order-cache.ts'
import { SizeHints } from '../planner/connections/size-hints.ts'
import { createPropertyCollectorSource } from '../planner/property-collector/property-collector-source.ts'
import { Captures, SharedCaptures } from '../schema/captures/captures.ts'
import { BackgroundJobs } from '../schema/tasks/background-jobs.ts'
import { defaultRecoveryDelays } from '../schema/tasks/recovery-delays.ts'
import type { VCenter } from '../schema/vcenters.ts'
import { TransportError } from '../transport/transport-error.ts'
import { withCookies } from '../transport/with-cookies.ts'
import { VapiCallLimits } from '../vapi/call-limits.ts'
import { TagDefinitions } from '../vapi/tag-definitions.ts'
import { Tagging } from '../vapi/tagging.ts'
import { createVapiSession } from '../vapi/vapi-session.ts'
import { WindowPrefetch } from '../vim25/changed-disk-areas/window-prefetch.ts'
import { AlarmWatcher } from '../vim25/history/alarm-watcher.ts'
import { EventFollowers } from '../vim25/history/event-follower.ts'
import { HistoryCollectors } from '../vim25/history/history-collectors.ts'
import { UnknownProperties } from '../vim25/property-collector/unknown-properties.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { CircuitBreaker } from '../vim25/session/circuit-breaker.ts'
import { createSession, type Session } from '../vim25/session/session.ts'
import type { SessionEvent, SharedVCenter } from '../vim25/session/session-options.ts'
import { createTaskWatcher } from '../vim25/tasks/task-watcher.ts'
import { createInventoryWatcher } from '../vim25/updates/inventory-watcher.ts'
import { createPowerStateWatcher } from '../vim25/updates/power-state-watcher.ts'
import { createUpdateStream, type UpdateStream } from '../vim25/updates/update-stream.ts'
import { createProcessSigner } from './capture-signer.ts'
import type { VCenterEndpoint, VSphereAccount } from './vcenter-endpoint.ts'
import { createVapiLog, createVCenterLog, isSessionEnd, recordLogin } from './vcenter-log.ts'

export interface ConnectedVCenter {
  readonly vcenter: VCenter
  readonly pageSizes: PageSizes
  /** Whether a request, a subscription or a background job uses the connection. */
  readonly isBusy: boolean
  /** Logs out. */
  close(): Promise<void>
}

/** The connection of a gateway with a service account. */
export interface ServiceVCenter extends ConnectedVCenter {
  /**
   * Checks that the vCenter responds, and has not rejected the login. Logs a failure immediately, even before
   * it counts as an outage.
   */
  checkReachable(callOptions: CallOptions): Promise<void>
}

export type ConnectConfig = Pick<
  ServeConfig,
  'vcenterName' | 'pageSizeDefault' | 'pageSizeMax' | 'maxConcurrentCalls'
>

interface ConnectOptions {
  readonly sharedVCenter?: SharedVCenter
  /** Receives the session's events, except the aborted calls of a connection that is closing. */
  readonly onEvent: (event: SessionEvent) => void
}

interface VCenterConnector {
  readonly vcenterMetrics: VCenterMetrics | undefined
  /** Prepares a session for an account. It logs in on first use. */
  connect(account: VSphereAccount, options: ConnectOptions): ConnectedVCenter
}

/** How long background jobs that must not be interrupted may take when a connection closes. */
const closeTimeoutMs = 5_000

/** A connection, as the metrics see it. */
interface TrackedConnection {
  readonly session: Session
  readonly streams: Readonly<Record<'tasks' | 'inventory' | 'events', UpdateStream>>
}

/** @param currentOutage returns the current outage, if there is one */
export function createVCenterConnector(
  { vcenterName, pageSizeDefault, pageSizeMax, maxConcurrentCalls }: ConnectConfig,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics: Metrics | undefined,
  currentOutage: () => CircuitBreaker['outage'],
): VCenterConnector {
  const queue = new FairQueue({ capacity: maxConcurrentCalls })
  const pageOrders = new SharedPageOrderCache()
  const vapiLimits = new VapiCallLimits(endpoint.vapiClock)
  const loggedProperties = new Set<string>()
  const vapiLog = createVapiLog(vcenterName, log)
  const sharedCaptures = new SharedCaptures(endpoint.captureSigner ?? createProcessSigner(vcenterName, log))
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
      events: count(({ streams }) => streams.events.isOpen),
    },
  }))

  return {
    vcenterMetrics,
    connect(account, { sharedVCenter, onEvent }) {
      // Each connection detects unknown properties by itself, since its login may precede an upgrade of the
      // vCenter. The log has each property once.
      const unknownProperties = new UnknownProperties((type, path) => {
        const property = `${type}.${path}`
        if (loggedProperties.has(property)) return
        loggedProperties.add(property)
        log.warn(`${vcenterName}: unknown property ${property}; it reads as null from now on`)
      })
      let acceptedAt: number | undefined
      const session = createSession({
        connect: () => withCookies(endpoint.connect()),
        path: endpoint.path,
        userName: account.userName,
        password: account.password,
        onEvent: (event) => {
          if (event.kind === 'loggedIn') {
            unknownProperties.forget()
            acceptedAt = vapiLimits.clock.now()
          }
          // Calls that are aborted at shutdown are not an outage.
          if (!backgroundJobs.isClosing || isSessionEnd(event)) onEvent(event)
          recordLogin(event, vcenterMetrics)
        },
        onCall: vcenterMetrics?.call,
        onRetrieval: vcenterMetrics?.retrieval,
        queue,
        circuitBreaker: endpoint.circuitBreaker,
        sharedVCenter,
      })
      const vapi = createVapiSession({
        connect: endpoint.connect,
        userName: account.userName,
        password: account.password,
        acceptedAt: () => (session.isConnected ? acceptedAt : undefined),
        limits: vapiLimits,
        onCall: vcenterMetrics?.call,
        onLoginFailed: (error) => vapiLog.onLoginFailed(error),
      })
      // Separate streams, so that mutations waiting for tasks neither queue behind the start of a
      // subscription nor fail with its filter.
      const streams = {
        tasks: createUpdateStream(session),
        inventory: createUpdateStream(session),
        events: createUpdateStream(session, { ...endpoint.eventPacing, pacesChanges: true }),
      }
      const tasks = createTaskWatcher(streams.tasks)
      const powerStates = createPowerStateWatcher(streams.tasks)
      const inventory = createInventoryWatcher(streams.inventory, unknownProperties)
      const history = new HistoryCollectors(session)
      const recovery = { ...defaultRecoveryDelays, ...endpoint.recovery }
      const eventFollowers = new EventFollowers(streams.events, history, { rereadDelays: recovery.reread })
      const alarms = new AlarmWatcher(eventFollowers, endpoint.alarmClock)
      const windowPrefetch = new WindowPrefetch(session)
      const backgroundJobs = new BackgroundJobs((message) => log.warn(message))
      const pageSizes = { defaultSize: pageSizeDefault, maxSize: pageSizeMax }
      const tracked = { session, streams }
      connections.add(tracked)
      return {
        vcenter: {
          name: vcenterName,
          session,
          source: createPropertyCollectorSource(session, unknownProperties),
          plannerCache: { pageOrders: pageOrders.partition(), sizeHints: new SizeHints() },
          tasks,
          powerStates,
          inventory,
          alarms,
          history,
          eventFollowers,
          windowPrefetch,
          backgroundJobs,
          tags: new TagDefinitions(new Tagging(vapi), vapiLimits.clock),
          recovery,
          captures: new Captures(sharedCaptures, endpoint.captureClock ?? backgroundClock),
        },
        pageSizes,
        get isBusy() {
          return (
            session.isBusy || Object.values(streams).some(({ isOpen }) => isOpen) || backgroundJobs.isBusy
          )
        },
        async close() {
          windowPrefetch.close()
          await backgroundJobs.close(closeTimeoutMs)
          tasks.close()
          powerStates.close()
          inventory.close()
          alarms.close()
          await Promise.all([session.close(), vapi.close()])
          connections.delete(tracked)
        },
      }
    },
  }
}

/** Connects with the service account. Closing the connection also closes the simulator, if there is one. */
export function connectVCenter(
  config: ConnectConfig,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics?: Metrics,
): ServiceVCenter {
  if (!endpoint.account) throw new Error('the endpoint has no service account')
  const vcenterLog = createVCenterLog(config.vcenterName, log, endpoint.account)
  const connector = createVCenterConnector(
    config,
    endpoint,
    log,
    metrics,
    () => connected.vcenter.session.outage,
  )
  const connected = connector.connect(endpoint.account, { onEvent: vcenterLog.onSessionEvent })
  const { vcenter, pageSizes } = connected
  let isClosed = false
  return {
    vcenter,
    pageSizes,
    get isBusy() {
      return connected.isBusy
    },
    async checkReachable(callOptions) {
      try {
        await vcenter.session.probe(callOptions)
        vcenterLog.onRecovered()
      } catch (error) {
        // All other errors are logged where they are detected.
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
