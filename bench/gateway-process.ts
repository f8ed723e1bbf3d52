// The gateway as it is run: `vsphere-graphql serve` in a process of its own, asked over HTTP. Its memory is read from outside.

import { readFile } from 'node:fs/promises'
import { Pool } from 'undici'
import { type ExecuteOperation, plainHeaders, tracedHeaders } from './graphql-request.ts'
import { startProgram } from './program.ts'
import { cli, type Server, serveFlags, serveVariables } from './servers.ts'

export interface GatewayProcess {
  /** Where it answers. */
  readonly url: string
  /** Asks with the trace. */
  readonly execute: ExecuteOperation
  /** Megabytes that it holds now, and has held at most; undefined where the system does not tell. */
  memory(): Promise<{ readonly now: number; readonly peak: number } | undefined>
  /** CPU time that all its threads have had, in milliseconds, to 10; undefined where the system does not tell. */
  cpuMs(): Promise<number | undefined>
  stop(): Promise<void>
}

/** Starts a gateway on a server. */
export async function startGateway(server: Server): Promise<GatewayProcess> {
  const argv = [cli, 'serve', ...serveFlags(server)]
  const program = await startProgram(process.execPath, argv, /GraphiQL: (\S+)/, serveVariables)
  const url = program.match[1] as string
  const { execute, close } = createClient(url, tracedHeaders)
  return {
    url,
    execute,
    async memory() {
      const status = await readFile(`/proc/${program.pid}/status`, 'utf8').catch(() => '')
      // Linux says kB and means 1,024 bytes.
      const megabytes = (field: string) =>
        Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1.024e-3
      const [now, peak] = [megabytes('VmRSS'), megabytes('VmHWM')]
      return Number.isNaN(now + peak) ? undefined : { now, peak }
    },
    async cpuMs() {
      const stat = await readFile(`/proc/${program.pid}/stat`, 'utf8').catch(() => undefined)
      // The name, which comes second, may hold anything; behind it utime and stime are the twelfth and thirteenth.
      const [user, system] =
        stat
          ?.slice(stat.lastIndexOf(')') + 2)
          .split(' ')
          .slice(11, 13)
          .map(Number) ?? []
      return user === undefined || system === undefined ? undefined : (user + system) * 10
    },
    async stop() {
      await close()
      await program.stop()
    },
  }
}

/** Asks a GraphQL server over kept-alive connections, as many as there are questions at a time. */
export function createClient(
  url: string,
  headers: Readonly<Record<string, string>> = plainHeaders,
): { execute: ExecuteOperation; close: () => Promise<void> } {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin)
  return {
    async execute(operation) {
      const started = performance.now()
      const answer = await pool.request({
        method: 'POST',
        path: pathname,
        headers,
        body: JSON.stringify(operation),
      })
      const body = await answer.body.bytes()
      return { ms: performance.now() - started, body }
    },
    close: () => pool.destroy(),
  }
}
