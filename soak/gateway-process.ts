// Runs the gateway as in production, `vsphere-graphql serve` in a separate process, with a probe loaded into
// it.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Periods } from './periods.ts'
import type { HeldResources } from './resource-probe.ts'
import type { VCenterUnderTest } from './vcenter/vcenter-under-test.ts'

export interface GatewayProcess {
  readonly url: string
  resources(): Promise<HeldResources>
  /** The times when the gateway rejected requests because its circuit breaker was open. */
  readonly rejected: Periods
  /** Log lines about internal errors. */
  readonly internalErrors: readonly string[]
  /** Sends SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>
}

const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const probe = new URL('resource-probe.js', import.meta.url).href

/** Starts a gateway for a vCenter. */
export async function startGateway({
  flags,
  env,
}: Pick<VCenterUnderTest, 'flags' | 'env'>): Promise<GatewayProcess> {
  const own = ['--vcenter-name', name, '--port', '0', '--call-timeout', '5', '--log-format', 'json']
  const child = fork(cli, ['serve', ...flags, ...own], {
    execArgv: ['--expose-gc', '--import', probe],
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const result = once(child, 'exit').then(([code]) => code as number | null)
  const log = readLog(child.stderr as Readable)
  const url = await Promise.race([
    log.started,
    result.then((code) => {
      throw new Error(`the gateway exited with ${code}: ${log.last}`)
    }),
  ])
  return {
    url,
    rejected: log.rejected,
    internalErrors: log.internalErrors,
    async resources() {
      const response = once(child, 'message')
      child.send('resources')
      return (await response)[0] as HeldResources
    },
    stop() {
      child.kill('SIGTERM')
      return result
    },
  }
}

/** The name of the vCenter in the gateway's log. */
const name = 'soak'

function readLog(stderr: Readable) {
  let start: (url: string) => void = () => {}
  const started = new Promise<string>((resolve) => {
    start = resolve
  })
  const log = { started, rejected: new Periods(), internalErrors: [] as string[], last: '' }
  createInterface(stderr).on('line', (line) => {
    log.last = line
    if (!line.startsWith('{')) return
    const {
      time,
      level,
      msg = '',
      url = '',
    } = JSON.parse(line) as {
      time: string
      level: string
      msg?: string
      url?: string
    }
    if (msg === 'started') start(url)
    if (msg.includes('unexpected error')) log.internalErrors.push(line)
    if (!msg.startsWith(`${name}: `)) return
    if (msg === `${name}: vCenter connection restored`) log.rejected.end(Date.parse(time))
    else if (level === 'error') log.rejected.begin(Date.parse(time))
  })
  return log
}
