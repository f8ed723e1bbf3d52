// Runs govc as a user in a shell does, with a login and a logout for each command.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { govc } from './tools.ts'
import type { Untyped } from './untyped.ts'

const run = promisify(execFile)

export interface Govc {
  /** Runs a command. Resolves with its stdout, or rejects with its stderr in the message. */
  (...argv: readonly string[]): Promise<string>
  /** Runs a command with -json and parses its output. */
  json(...argv: readonly string[]): Promise<Untyped>
}

/** Uses govc against the server at `url`, which contains user:password. `env` has additional settings. */
export function govcAt(url: string, env: Readonly<Record<string, string>> = {}): Govc {
  const options = {
    env: { PATH: process.env.PATH, GOVC_URL: url, GOVC_INSECURE: '1', GOVC_PERSIST_SESSION: 'false', ...env },
    maxBuffer: 256 * 1024 * 1024,
    timeout: 30_000,
  }
  const text = async (...argv: readonly string[]) => (await run(govc ?? 'govc', argv, options)).stdout
  return Object.assign(text, {
    json: async (command: string, ...argv: readonly string[]) =>
      JSON.parse(await text(command, '-json', ...argv)),
  })
}

/** The lines of a string, without indentation. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
