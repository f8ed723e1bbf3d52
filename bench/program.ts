// Starts the programs of a run, waits until they are ready, and ends them with this process, each by its own
// process id.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Program {
  readonly pid: number
  /** The match of `ready`. */
  readonly match: RegExpExecArray
  /** Sends a message over the channel, and returns the response. */
  request(message: string): Promise<unknown>
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

/** Without variables that configure the user's own gateways, govc or Node. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(GOVC|VSPHERE)_|^(HOST|PORT|NODE_OPTIONS)$/.test(name)),
)

/**
 * Starts a program. Resolves when its stdout matches `ready`.
 * @param hasChannel whether it is a Node program that answers messages
 */
export async function startProgram(
  command: string,
  argv: readonly string[],
  ready: RegExp,
  env: NodeJS.ProcessEnv = {},
  hasChannel = false,
): Promise<Program> {
  const child = spawn(command, argv, {
    env: { ...environment, ...env },
    stdio: ['pipe', 'pipe', 'pipe', ...(hasChannel ? (['ipc'] as const) : [])],
  })
  running.add(child)
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr = `${stderr}${chunk}`.slice(-4_000)
  })
  const ended = once(child, 'exit').finally(() => running.delete(child))
  let stdout = ''
  const match = await Promise.race([
    new Promise<RegExpExecArray>((resolve) => {
      child.stdout?.on('data', (chunk) => {
        stdout = `${stdout}${chunk}`.slice(-4_000)
        const result = ready.exec(stdout)
        if (result) resolve(result)
      })
    }),
    ended.then(([code]) => {
      throw new Error(`${command} ${argv.join(' ')} exited with ${code}: ${stderr || stdout}`)
    }),
  ])
  return {
    pid: child.pid as number,
    match,
    async request(message) {
      const response = once(child, 'message')
      child.send(message)
      return (await response)[0]
    },
    async stop() {
      child.kill()
      await ended
    },
  }
}

/** Runs a program to its end. Returns its duration, and the number of bytes that it wrote. */
export async function timeProgram(
  command: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ ms: number; bytes: number }> {
  const started = performance.now()
  const child = spawn(command, argv, { env: { ...environment, ...env } })
  running.add(child)
  let bytes = 0
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = await once(child, 'close').finally(() => running.delete(child))
  if (code !== 0) throw new Error(`${command} exited with ${code}: ${stderr}`)
  return { ms: performance.now() - started, bytes }
}

/**
 * Finds one of govmomi's programs: on the PATH, in Go's install directory, or in that of the interop tests.
 */
export function findProgram(name: string): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    join(homedir(), 'go', 'bin'),
    join('test', 'interop', '.tools', 'bin'),
  ]
  const result = folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
  return result && spawnSync(result, ['-h'], { stdio: 'ignore' }).error === undefined ? result : undefined
}
