// Runs the gateway as in production: `vsphere-graphql serve` in a separate process, queried over HTTP. Its
// memory is measured from outside, its load by a probe that is loaded into it.

import { readFile } from 'node:fs/promises'
import { Pool } from 'undici'
import { type ExecuteOperation, plainHeaders, tracedHeaders } from './graphql-request.ts'
import type { Load } from './load-probe.ts'
import { startProgram } from './program.ts'
import { cli, type Server, serveFlags, serveVariables } from './servers.ts'

export interface GatewayProcess {
  /** The GraphQL endpoint. */
  readonly url: string
  /** Executes an operation with the SOAP trace header. */
  readonly execute: ExecuteOperation
  /** Current and peak memory in megabytes; undefined if the system does not report it. */
  memory(): Promise<{ readonly now: number; readonly peak: number } | undefined>
  /** The load since the previous call. */
  load(): Promise<Load>
  stop(): Promise<void>
}

const probe = new URL('load-probe.js', import.meta.url).href

/** Starts a gateway for a server. */
export async function startGateway(server: Server): Promise<GatewayProcess> {
  const argv = ['--import', probe, cli, 'serve', ...serveFlags(server)]
  const program = await startProgram(process.execPath, argv, /GraphiQL: (\S+)/, serveVariables, true)
  const url = program.match[1] as string
  const { execute, close } = createClient(url, tracedHeaders)
  return {
    url,
    execute,
    async memory() {
      const status = await readFile(`/proc/${program.pid}/status`, 'utf8').catch(() => '')
      // Linux writes kB, but means 1,024 bytes.
      const megabytes = (field: string) =>
        Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1.024e-3
      const [now, peak] = [megabytes('VmRSS'), megabytes('VmHWM')]
      return Number.isNaN(now + peak) ? undefined : { now, peak }
    },
    load: async () => (await program.request('load')) as Load,
    async stop() {
      await close()
      await program.stop()
    },
  }
}

/** Creates a client with kept-alive connections, as many as there are concurrent operations. */
export function createClient(
  url: string,
  headers: Readonly<Record<string, string>> = plainHeaders,
): { execute: ExecuteOperation; close: () => Promise<void> } {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin)
  return {
    async execute(operation) {
      const started = performance.now()
      const response = await pool.request({
        method: 'POST',
        path: pathname,
        headers,
        body: JSON.stringify(operation),
      })
      const body = await response.body.bytes()
      return { ms: performance.now() - started, body }
    },
    close: () => pool.destroy(),
  }
}
