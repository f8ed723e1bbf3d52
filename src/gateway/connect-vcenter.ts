// Connections with a vCenter, each with a session of its own. They share what is the vCenter's (the turns of its reads, its
// figures, what the log says of it) and the room that walks take; nothing that was read through one is seen by another.

import type { ServeConfig } from '../config/config.ts'
import { Background } from '../graphql/background.ts'
import type { VCenter } from '../graphql/context.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics } from '../observability/metrics.ts'
import { Counts } from '../plan/counts.ts'
import type { InventoryMemory } from '../plan/reader.ts'
import { WalkRoom } from '../plan/walks.ts'
import { withCookies } from '../transport/with-cookies.ts'
import { createCallQueue } from '../vim25/call-queue.ts'
import type { CallScope } from '../vim25/call-scope.ts'
import { createInventoryWatcher } from '../vim25/inventory-watcher.ts'
import { createReach } from '../vim25/reach.ts'
import { createSession, type Session } from '../vim25/session.ts'
import { createTaskWatcher } from '../vim25/task-watcher.ts'
import { UnknownProperties } from '../vim25/unknown-properties.ts'
import { createUpdateStream, type UpdateStream } from '../vim25/update-stream.ts'
import { countLogin, createSessionNews } from './session-news.ts'
import type { Account, VCenterEndpoint } from './vcenter-endpoint.ts'

export interface ConnectedVCenter {
  readonly vcenter: VCenter
  readonly memory: InventoryMemory
  /** Something is done through it now: for a request, for a subscription, or behind them. */
  readonly isBusy: boolean
  /** Logs out. */
  close(): Promise<void>
}

export interface VCenterConnections {
  /** What the API calls the vCenter. */
  readonly name: string
  /** Prepares a session for an account; it logs in when it is first used. */
  connect(account: Account): ConnectedVCenter
  /** Resolves when the vCenter answers, which it is asked without a login. */
  reach(scope: CallScope): Promise<void>
  /** Ends the simulator if there is one. Each session is logged out by its own close. */
  close(): Promise<void>
}

type Config = Pick<ServeConfig, 'name' | 'pageSizeDefault' | 'pageSizeMax' | 'maxCalls'>

/** How long what must not be left half done may take when a connection is closed. */
const graceMs = 5_000

/** What is known of a connection from outside. */
interface Open {
  readonly session: Session
  readonly streams: { readonly tasks: UpdateStream; readonly inventory: UpdateStream }
}

export function connectionsWith(
  { name, pageSizeDefault, pageSizeMax, maxCalls }: Config,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics?: Metrics,
): VCenterConnections {
  const queue = createCallQueue(maxCalls)
  const room = new WalkRoom()
  const told = new Set<string>()
  const all = new Set<Open>()
  const count = (is: (open: Open) => boolean) => [...all].filter(is).length
  const measured = metrics?.vcenter(name, () => ({
    reachable: count(({ session }) => session.outage !== undefined) === 0,
    sessions: count(({ session }) => session.connected),
    callsRunning: queue.running,
    callsWaiting: queue.waiting,
    updateStreams: {
      tasks: count(({ streams }) => streams.tasks.isOpen),
      inventory: count(({ streams }) => streams.inventory.isOpen),
    },
  }))
  const news = createSessionNews(name, log, endpoint.account?.userName)
  const probe = withCookies(endpoint.connect())
  const ask = createReach(probe, { path: endpoint.path, onCall: measured?.call })
  let isClosed = false

  return {
    name,
    connect(account) {
      const isOwn = account === endpoint.account
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
          if (!background.isClosing) news.tell(change, isOwn)
          countLogin(change, measured)
        },
        onCall: measured?.call,
        onRetrieval: measured?.retrieval,
        queue,
        reachability: endpoint.reachability,
      })
      // A stream each: what mutations wait for stands behind no subscriber's start, and fails with no filter of theirs.
      const streams = { tasks: createUpdateStream(session), inventory: createUpdateStream(session) }
      const tasks = createTaskWatcher(streams.tasks)
      const inventory = createInventoryWatcher(streams.inventory, unknown)
      const background = new Background((message) => log.warn(message))
      const pageSizes = { standard: pageSizeDefault, maximum: pageSizeMax }
      const open = { session, streams }
      all.add(open)
      return {
        vcenter: { name, session, tasks, inventory, background, pageSizes },
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
    async reach(scope) {
      try {
        await ask(scope)
        news.reached()
      } catch (error) {
        if (!isClosed) news.lost(error)
        throw error
      }
    },
    async close() {
      isClosed = true
      await probe.close()
      await endpoint.close?.()
    },
  }
}

/** The one connection of a gateway that has an account of its own. Its close ends the simulator, too, if there is one. */
export function connectVCenter(
  config: Config,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics?: Metrics,
): ConnectedVCenter {
  if (!endpoint.account) throw new Error('the gateway has no account in this vCenter')
  const connections = connectionsWith(config, endpoint, log, metrics)
  const connected = connections.connect(endpoint.account)
  const { vcenter, memory } = connected
  return {
    vcenter,
    memory,
    get isBusy() {
      return connected.isBusy
    },
    async close() {
      await connected.close()
      await connections.close()
    },
  }
}
