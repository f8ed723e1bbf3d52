// From the configuration to a vCenter that can be asked: the session with its transport, the embedded simulator where no
// vCenter is configured.

import type { ServeConfig } from '../config/config.ts'
import { version } from '../config/version.ts'
import { Background } from '../graphql/background.ts'
import { classifyError } from '../graphql/classify-error.ts'
import type { VCenter } from '../graphql/context.ts'
import type { Log } from '../observability/log.ts'
import type { Metrics, VCenterMetrics } from '../observability/metrics.ts'
import { Counts } from '../plan/counts.ts'
import type { InventoryMemory } from '../plan/reader.ts'
import { Walks } from '../plan/walks.ts'
import type { Transport } from '../transport/transport.ts'
import { createUndiciTransport } from '../transport/undici-transport.ts'
import { withCookies } from '../transport/with-cookies.ts'
import { createCallQueue } from '../vim25/call-queue.ts'
import { createInventoryWatcher } from '../vim25/inventory-watcher.ts'
import type { ReachabilityOptions } from '../vim25/reachability.ts'
import { createSession, type SessionChange } from '../vim25/session.ts'
import { isRefusal } from '../vim25/standing-login.ts'
import { createTaskWatcher } from '../vim25/task-watcher.ts'
import { UnknownProperties } from '../vim25/unknown-properties.ts'
import { createUpdateStream } from '../vim25/update-stream.ts'

export interface ConnectedVCenter {
  readonly vcenter: VCenter
  readonly memory: InventoryMemory
  /** Logs out, and ends the simulator if there is one. */
  close(): Promise<void>
}

export interface VCenterEndpoint {
  /** Opens a connection of its own. */
  readonly connect: () => Transport
  readonly path?: string | undefined
  readonly userName: string
  readonly password: () => string
  readonly close?: () => Promise<void>
  readonly reachability?: ReachabilityOptions
}

type Config = Pick<ServeConfig, 'name' | 'pageSizeDefault' | 'pageSizeMax' | 'maxCalls'>

/** Connections beyond those of the reads in their turns: for long polls, changes, and what ends something. Opened when needed. */
const spareConnections = 5

/** How long what must not be left half done may take when the gateway stops. */
const graceMs = 5_000

/** Where a configuration's vCenter is; the simulator in this process when none is named. */
export async function endpointOf({
  vcenter,
  timeoutMs,
  maxCalls,
  limits,
}: ServeConfig): Promise<VCenterEndpoint> {
  if (vcenter) {
    const { origin: url, path, username, password, tls } = vcenter
    return {
      connect: () =>
        createUndiciTransport({
          url,
          tls,
          timeoutMs,
          maxConnections: maxCalls + spareConnections,
          // For calls of no operation; an operation's own limit comes first, and says more.
          maxResponseBytes: 2 * limits.bytes,
          userAgent: `vsphere-graphql/${version}`,
        }),
      path,
      userName: username,
      password: () => password.reveal(),
    }
  }
  const { createSimulator } = await import('../simulator/index.ts')
  const simulator = createSimulator()
  return {
    connect: () => simulator.transport(),
    userName: 'user',
    password: () => 'pass',
    close: () => simulator.close(),
  }
}

/** Prepares the session; it logs in when it is first used. */
export function connectVCenter(
  { name, pageSizeDefault, pageSizeMax, maxCalls }: Config,
  endpoint: VCenterEndpoint,
  log: Log,
  metrics?: Metrics,
): ConnectedVCenter {
  const unknown = new UnknownProperties((type, path) =>
    log.warn(`${name} does not know the property ${type}.${path}; it reads as null from now on`),
  )
  const queue = createCallQueue(maxCalls)
  const measured = metrics?.vcenter(name, () => ({
    reachable: session.outage === undefined,
    sessions: session.connected ? 1 : 0,
    callsRunning: queue.running,
    callsWaiting: queue.waiting,
    updateStreams: { tasks: Number(updates.tasks.isOpen), inventory: Number(updates.inventory.isOpen) },
  }))
  const session = createSession({
    connect: () => withCookies(endpoint.connect()),
    path: endpoint.path,
    userName: endpoint.userName,
    password: endpoint.password,
    onChange: (change) => {
      if (change.kind === 'logged in') unknown.forget()
      // What is cut off when the gateway stops is no outage.
      if (!background.isClosing) tell(name, change, log)
      count(change, measured)
    },
    onCall: measured?.call,
    onRetrieval: measured?.retrieval,
    queue,
    reachability: endpoint.reachability,
  })
  // A stream each: what mutations wait for stands behind no subscriber's start, and fails with no filter of theirs.
  const updates = { tasks: createUpdateStream(session), inventory: createUpdateStream(session) }
  const tasks = createTaskWatcher(updates.tasks)
  const inventory = createInventoryWatcher(updates.inventory, unknown)
  const background = new Background((message) => log.warn(message))
  const pageSizes = { standard: pageSizeDefault, maximum: pageSizeMax }
  return {
    vcenter: { name, session, tasks, inventory, background, pageSizes },
    memory: { unknown, walks: new Walks(), counts: new Counts() },
    async close() {
      await background.close(graceMs)
      tasks.close()
      inventory.close()
      await session.close()
      await endpoint.close?.()
    },
  }
}

/** Told once at each change, so that an outage leaves its trace and its end too. */
function tell(name: string, change: SessionChange, log: Log): void {
  switch (change.kind) {
    case 'logged in':
      log.info(`${name}: logged in as ${change.login.userName} to ${change.login.content.about.fullName}`)
      break
    case 'lost':
      log.error(`${name}: ${sentences(change.error)}`)
      break
    case 'back':
      log.info(`${name}: is reached again`)
      break
    case 'login failed':
      // Any other failure is an outage, which is told.
      if (isRefusal(change.error)) log.error(`${name}: ${sentences(change.error)}`)
      break
  }
}

/** What went wrong and what to do about it, as a person reads it in the log. */
function sentences(error: unknown): string {
  const { message = (error as Error).message, remedy } = classifyError(error)
  if (remedy === undefined) return message
  return `${message}${/[.!?]$/.test(message) ? '' : '.'} ${remedy}`
}

function count(change: SessionChange, measured: VCenterMetrics | undefined): void {
  if (change.kind === 'logged in') measured?.login('success')
  if (change.kind !== 'login failed') return
  measured?.login(isRefusal(change.error) ? 'refused' : 'failed')
}
