// The servers behind the gateway: our simulator and vcsim, each in a separate process, so that its time is on
// both sides of every comparison. Each starts with the first part that needs it, and is reused by the others.

import { fileURLToPath } from 'node:url'
import { findProgram, type Program, startProgram } from './program.ts'
import type { Counts, Ready } from './simulator.ts'

export interface Server {
  /** The name in the report, such as `vcsim 1,000`. */
  readonly name: string
  readonly kind: 'simulator' | 'vcsim'
  readonly vms: number
  /** The URL of its SDK endpoint. */
  readonly url: string
}

const userName = 'user'
const password = 'pass'

/** The flags of a gateway for this server. */
export const serveFlags = ({ url }: Server): string[] => ['--url', url, '--username', userName, '--port', '0']
export const serveVariables = { VSPHERE_PASSWORD: password }

/** The environment of govc. By default, govc stores its sessions in the user's home directory. */
export const govcVariables = ({ url }: Server) => ({
  GOVC_URL: url,
  GOVC_USERNAME: userName,
  GOVC_PASSWORD: password,
  GOVC_PERSIST_SESSION: 'false',
})

/** The command built by `npm run build`. */
export const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export const vcsim = findProgram('vcsim')

const started = new Map<string, Promise<Server>>()

/** Starts a server unless it is running. */
export function startServer(kind: Server['kind'], vms: number): Promise<Server> {
  const name = `${kind} ${vms.toLocaleString('en-US')}`
  const server = started.get(name) ?? start(kind, vms).then((url) => ({ name, kind, vms, url }))
  started.set(name, server)
  return server
}

async function start(kind: Server['kind'], vms: number): Promise<string> {
  if (kind === 'simulator') {
    const argv = [cli, 'simulate', '--port', '0', '--vms', String(vms)]
    return (await startProgram(process.execPath, argv, /(http:\S+) \(user: user/)).match[1] as string
  }
  if (vcsim === undefined) throw new Error('vcsim is not installed')
  // All virtual machines in one resource pool. vcsim creates about 50 per second, half as many if it also
  // powers them on.
  const model = ['-standalone-host', '0', '-vm', String(vms), '-autostart=false']
  const argv = ['-tls=false', '-l', '127.0.0.1:0', '-username', userName, '-password', password, ...model]
  const { match } = await startProgram(vcsim, ['-stdinexit', ...argv], /GOVC_URL=(\S+) GOVC_SIM_PID/)
  const url = new URL(match[1] as string)
  return `${url.origin}${url.pathname}`
}

/** The simulator of simulator.ts, which ends with the part that needs it. */
export interface PreparedSimulator extends Server, Pick<Ready, 'disks'>, Pick<Program, 'stop'> {
  /** Returns the calls since the previous count. */
  counts(): Promise<Counts>
}

/** Starts a prepared simulator with these flags. */
export async function startPrepared(
  name: string,
  vms: number,
  flags: readonly string[],
): Promise<PreparedSimulator> {
  const script = fileURLToPath(new URL('simulator.js', import.meta.url))
  const argv = [script, '--vms', String(vms), ...flags]
  const { match, stop } = await startProgram(process.execPath, argv, /^(\{.*\})$/m)
  const { url, countsUrl, disks } = JSON.parse(match[1] as string) as Ready
  const counts = async () => (await (await fetch(countsUrl)).json()) as Counts
  return { name, kind: 'simulator', vms, url, disks, counts, stop }
}
