// Runs a program beside the tests: waits until it is ready, and ends it by its process id.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface RunningProgram {
  /** The match of `ready`. */
  readonly match: RegExpExecArray
  readonly output: { readonly stdout: string; readonly stderr: string }
  /** Sends the signal and resolves with the exit code, or null if the signal ended the process. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts a program. Resolves when its stdout or stderr matches `ready`. */
export async function startProgram(
  command: string,
  argv: readonly string[],
  ready: RegExp,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunningProgram> {
  const child = spawn(command, argv, { env })
  const output = { stdout: '', stderr: '' }
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const match = await Promise.race([
    matched(child, ready, output),
    ended.then((code) => {
      throw new Error(`${command} ${argv.join(' ')} ended with ${code}: ${output.stderr || output.stdout}`)
    }),
  ])
  return {
    match,
    output: output,
    stop(signal = 'SIGTERM') {
      if (child.exitCode === null) child.kill(signal)
      return ended
    },
  }
}

function matched(
  child: ChildProcessWithoutNullStreams,
  ready: RegExp,
  output: { stdout: string; stderr: string },
): Promise<RegExpExecArray> {
  return new Promise((resolve) => {
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk) => {
        output[name] += chunk
        const match = ready.exec(output[name])
        if (match) resolve(match)
      })
  })
}
