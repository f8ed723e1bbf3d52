// From the configuration to a vCenter that can be asked: the session with its transport, the embedded simulator where no
// vCenter is configured, and the patience to keep trying one that cannot be reached.

import { setTimeout } from 'node:timers/promises'
import type { ServeConfig } from '../config/config.ts'
import { version } from '../config/version.ts'
import { classifyError } from '../graphql/classify-error.ts'
import type { VCenter } from '../graphql/context.ts'
import type { Log } from '../observability/log.ts'
import type { InventoryMemory } from '../plan/reader.ts'
import type { Transport } from '../transport/transport.ts'
import { createUndiciTransport } from '../transport/undici-transport.ts'
import { withCookies } from '../transport/with-cookies.ts'
import { UnknownProperties } from '../vim25/property-collector.ts'
import { createSession } from '../vim25/session.ts'
import { createTaskWatcher } from '../vim25/task-watcher.ts'

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
}

type Config = Pick<ServeConfig, 'name' | 'pageSizeDefault' | 'pageSizeMax'>

/** Where a configuration's vCenter is; the simulator in this process when none is named. */
export async function endpointOf({ vcenter, timeoutMs }: ServeConfig): Promise<VCenterEndpoint> {
  if (vcenter) {
    const { origin: url, path, username, password, tls } = vcenter
    return {
      connect: () => createUndiciTransport({ url, tls, timeoutMs, userAgent: `vsphere-graphql/${version}` }),
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
  { name, pageSizeDefault, pageSizeMax }: Config,
  endpoint: VCenterEndpoint,
  log: Log,
): ConnectedVCenter {
  const session = createSession({
    connect: () => withCookies(endpoint.connect()),
    path: endpoint.path,
    userName: endpoint.userName,
    password: endpoint.password,
  })
  const tasks = createTaskWatcher(session)
  return {
    vcenter: { name, session, tasks, pageSizes: { standard: pageSizeDefault, maximum: pageSizeMax } },
    memory: {
      unknown: new UnknownProperties((type, path) =>
        log.warn(`${name} does not know the property ${type}.${path}; it reads as null from now on`),
      ),
      counts: new Map(),
    },
    async close() {
      tasks.close()
      await session.close()
      await endpoint.close?.()
    },
  }
}

const firstPauseMs = 1_000
const longestPauseMs = 30_000

/** Logs in at start, and goes on trying while the vCenter cannot be reached. Ends at success, at a refusal, and when aborted. */
export async function keepConnecting(
  { name, session }: VCenter,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let said = ''
  for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await session.run(async () => {}, { signal })
      if (said) log.info(`${name} is reached`)
      return
    } catch (error) {
      if (signal.aborted) return
      const { message, remedy, retryable } = classifyError(error)
      const told = `${name}: ${message ?? (error as Error).message}${remedy ? ` ${remedy}` : ''}`
      // Once each: the same line every half a minute hides the others.
      if (told !== said) log.error(told)
      said = told
      if (!retryable && session.refused) return
      await setTimeout(pauseMs, undefined, { signal }).catch(() => {})
    }
  }
}
