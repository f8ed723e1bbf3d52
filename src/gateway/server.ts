// The process's side: a port to listen on, the vCenter to log in to, and a stop that leaves nothing behind.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServeConfig } from '../config/config.ts'
import { createLog, type Log } from '../observability/log.ts'
import { connectVCenter, endpointOf, keepConnecting } from './connect-vcenter.ts'
import { createGateway } from './gateway.ts'

export interface RunningServer {
  /** The address of the GraphQL endpoint, which is GraphiQL's too. */
  readonly url: string
  /** Stops accepting, lets what runs finish within a limit, and logs out. */
  stop(): Promise<void>
}

/** How long running requests may take to finish when the server stops. */
const graceMs = 5_000

/** Starts serving. A vCenter that cannot be reached is no reason to fail: it is tried again, and told by /ready. */
export async function startServer(
  config: ServeConfig,
  log: Log = createLog(process.stderr),
): Promise<RunningServer> {
  const connected = connectVCenter(config, await endpointOf(config), log)
  const { allowedHosts, readOnly, host, port } = config
  const server = createServer(createGateway({ connected, log, allowedHosts, readOnly }))
  try {
    await listen(server, port, host)
  } catch (error) {
    await connected.close()
    throw error
  }
  const stopping = new AbortController()
  const connecting = keepConnecting(connected.vcenter, log, stopping.signal)
  const { port: actual } = server.address() as AddressInfo
  const shownHost =
    host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  let stopped: Promise<void> | undefined
  return {
    url: `http://${shownHost}:${actual}/graphql`,
    stop() {
      stopped ??= (async () => {
        stopping.abort()
        await Promise.all([closed(server), connecting])
        await connected.close()
      })()
      return stopped
    },
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function closed(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
  clearTimeout(timer)
}
