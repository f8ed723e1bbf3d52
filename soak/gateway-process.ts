// The gateway as it is run, `vsphere-graphql serve` in a process of its own, with a probe in it.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Held } from './probe.ts'

export interface GatewayProcess {
  readonly url: string
  held(): Promise<Held>
  /** Lines of its log about faults of its own. */
  readonly complaints: readonly string[]
  /** Sends SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const probe = new URL('probe.js', import.meta.url).href

/** Starts it on the vCenter at a URL. */
export async function startGateway(vcenter: string, password: string): Promise<GatewayProcess> {
  const flags = [
    '--url',
    vcenter,
    '--username',
    'user',
    '--port',
    '0',
    '--timeout',
    '5',
    '--log-format',
    'text',
  ]
  const child = fork(cli, ['serve', ...flags], {
    execArgv: ['--expose-gc', '--import', probe],
    env: { PATH: process.env.PATH, VSPHERE_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const complaints: string[] = []
  let last = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    last = chunk.toString()
    for (const line of last.split('\n'))
      if (line.includes('a fault of the gateway itself')) complaints.push(line)
  })
  const url = await Promise.race([
    urlOf(child),
    ended.then((code) => {
      throw new Error(`the gateway ended with ${code}: ${last}`)
    }),
  ])
  return {
    url,
    complaints,
    async held() {
      const answer = once(child, 'message')
      child.send('held')
      return (await answer)[0] as Held
    },
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

function urlOf({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let written = ''
    stdout?.on('data', (chunk) => {
      written += chunk
      const found = /GraphiQL: (\S+)/.exec(written)
      if (found) resolve(found[1] as string)
    })
  })
}
