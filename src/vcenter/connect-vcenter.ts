// A connection with a vCenter: a session, and what follows it. Those with the same one share what is the vCenter's (the turns of
// its reads, its figures) and the room that walks take; nothing that was read through one is seen by another.

import type { ServeConfig } from '../config/config.ts'
import { Background } from '../schema/tasks/background-jobs.ts'
import type { VCenter } from '../schema/context.ts'
import { defaultRecoveryDelays } from '../schema/tasks/recovery-delays.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { VCenterMetrics } from '../observability/vcenter-metrics.ts'
import { Counts } from '../planner/size-hints.ts'
import type { InventoryMemory } from '../planner/inventory-reader.ts'
import { WalkRoom } from '../planner/page-order-cache.ts'
import { TransportError } from '../transport/transport-error.ts'
import { withCookies } from '../transport/with-cookies.ts'
import { createCallQueue } from '../vim25/session/fair-queue.ts'
import type { CallScope } from '../vim25/session/call-options.ts'
import { createInventoryWatcher } from '../vim25/updates/inventory-watcher.ts'
import type { Reachability } from '../vim25/session/circuit-breaker.ts'
import { createSession, type Session, type SessionChange, type SharedVCenter } from '../vim25/session/session.ts'
import { createTaskWatcher } from '../vim25/tasks/task-watcher.ts'
import { UnknownProperties } from '../vim25/property-collector/unknown-properties.ts'
import { createUpdateStream, type UpdateStream } from '../vim25/updates/update-stream.ts'
import { countLogin, createSessionNews, isAtTheEnd } from './vcenter-log.ts'
import type { Account, VCenterEndpoint } from './vcenter-endpoint.ts'

export interface ConnectedVCenter {
  readonly vcenter: VCenter
  readonly memory: InventoryMemory
  /** Something is done through it now: for a request, for a subscription, or behind them. */
  readonly isBusy: boolean
  /** Logs out. */
  close(): Promise<void>
}

/** The connection of a gateway that has an account of its own. */
export interface OwnVCenter extends ConnectedVCenter {
  /** Resolves when the vCenter answers and has not refused us. The log is told why not at once, be it an outage or not yet. */
  reach(scope: CallScope): Promise<void>
}

export type ConnectConfig = Pick<ServeConfig, 'name' | 'pageSizeDefault' | 'pageSizeMax' | 'maxCalls'>

interface ConnectOptions {
  readonly shared?: SharedVCenter
  /** Told what the session tells, but not that it is cut off when it is closed. */
  readonly onChange: (change: SessionChange) => void
}

interface Connector {
  readonly measured: VCenterMetrics | undefined
  /** Prepares a session for an account; it logs in when it is first used. */
  connect(account: Account, options: ConnectOptions): ConnectedVCenter
}

/** How long what must not be left half done may take when a connection is closed. */
const graceMs = 5_000

/** What is known of a connection from outside. */
interface Open {
  readonly session: Session
  readonly streams: { readonly tasks: UpdateStream; readonly inventory: UpdateStream }
}

/** @param outage the one that goes on, if one does */
export function createConnector(
  { name, pageSizeDefault, pageSizeMax, maxCalls }: ConnectConfig,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics: Metrics | undefined,
  outage: () => Reachability['outage'],
): Connector {
  const queue = createCallQueue(maxCalls)
  const room = new WalkRoom()
  const told = new Set<string>()
  const all = new Set<Open>()
  const count = (is: (open: Open) => boolean) => [...all].filter(is).length
  const measured = metrics?.vcenter(name, () => ({
    reachable: outage() === undefined,
    sessions: count(({ session }) => session.connected),
    callsRunning: queue.running,
    callsWaiting: queue.waiting,
    updateStreams: {
      tasks: count(({ streams }) => streams.tasks.isOpen),
      inventory: count(({ streams }) => streams.inventory.isOpen),
    },
  }))

  return {
    measured,
    connect(account, { shared, onChange }) {
      // Each finds out for itself what the server does not know, as its login may be older than an upgrade; it is told once.
      const unknown = new UnknownProperties((type, path) => {
        const property = `${type}.${path}`
        if (told.has(property)) return
        told.add(property)
        log.warn(`${name} does not know the property ${property}; it reads as null from now on`)
      })
      const session = createSession({
        connect: () => withCookies(endpoint.connect()),
        path: endpoint.path,
        userName: account.userName,
        password: account.password,
        onChange: (change) => {
          if (change.kind === 'logged in') unknown.forget()
          // What is cut off when the gateway stops is no outage.
          if (!background.isClosing || isAtTheEnd(change)) onChange(change)
          countLogin(change, measured)
        },
        onCall: measured?.call,
        onRetrieval: measured?.retrieval,
        queue,
        reachability: endpoint.reachability,
        shared,
      })
      // A stream each: what mutations wait for stands behind no subscriber's start, and fails with no filter of theirs.
      const streams = { tasks: createUpdateStream(session), inventory: createUpdateStream(session) }
      const tasks = createTaskWatcher(streams.tasks)
      const inventory = createInventoryWatcher(streams.inventory, unknown)
      const background = new Background((message) => log.warn(message))
      const recovery = { ...defaultRecoveryDelays, ...endpoint.recovery }
      const pageSizes = { standard: pageSizeDefault, maximum: pageSizeMax }
      const open = { session, streams }
      all.add(open)
      return {
        vcenter: { name, session, tasks, inventory, background, recovery, pageSizes },
        memory: { unknown, walks: room.part(), counts: new Counts() },
        get isBusy() {
          return session.isBusy || streams.tasks.isOpen || streams.inventory.isOpen || background.isBusy
        },
        async close() {
          await background.close(graceMs)
          tasks.close()
          inventory.close()
          await session.close()
          all.delete(open)
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
): OwnVCenter {
  if (!endpoint.account) throw new Error('the gateway has no account in this vCenter')
  const news = createSessionNews(config.name, log, endpoint.account.userName)
  const connector = createConnector(config, endpoint, log, metrics, () => connected.vcenter.session.outage)
  const connected = connector.connect(endpoint.account, { onChange: news.tell })
  const { vcenter, memory } = connected
  let isClosed = false
  return {
    vcenter,
    memory,
    get isBusy() {
      return connected.isBusy
    },
    async reach(scope) {
      try {
        await vcenter.session.look(scope)
        news.reached()
      } catch (error) {
        // All else has been told where it was found out.
        if (error instanceof TransportError && !isClosed) news.lost(error)
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
