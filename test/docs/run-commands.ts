// Runs the commands of a document in a shell, with free ports and the built gateway.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

const has = (program: string, flag: string) => spawnSync(program, [flag]).status === 0

/** Whether the programs that the commands use are installed. */
export const canRunCommands =
  has('bash', '--version') && has('openssl', 'version') && has('curl', '--version')

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/**
 * Runs commands in an empty folder, with other ports instead of 4000 and 4001. They end when the test ends.
 * @param input standard input of the commands
 * @returns exit code, standard output, and the folder
 */
export async function runCommands(commands: string, input = '') {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [port, adminPort] = await freePorts(2)
  const script = commands
    .replace('dist/cli/main.js', main)
    .replaceAll(/\b4000\b/g, String(port))
    .replaceAll(/\b4001\b/g, String(adminPort))
  const shell = spawn('bash', ['-e', '-o', 'pipefail', '-c', `umask 022\n${script}`], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    // Ends all started processes even if the commands fail.
    detached: true,
  })
  onTestFinished(() => {
    if (shell.exitCode === null && shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL')
  })
  let out = ''
  shell.stdout.on('data', (chunk) => {
    out += chunk
  })
  shell.stdin.end(input)
  const [code] = await once(shell, 'close')
  return { code, out, folder }
}

/** Runs the command that starts a gateway in the background, the others when it listens, and then stops the gateway. */
export const inBackground = (commands: string): string =>
  `${commands.replace(
    /^(node dist\/cli\/main\.js serve .*)$/m,
    '$1 --port 4000 2>/dev/null >/dev/null &\nuntil curl -fs http://127.0.0.1:4000/health; do sleep 0.2; done',
  )}\nkill %1 && wait %1`
