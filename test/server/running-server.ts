// Runs a whole server on a port with a configured vCenter, and captures its log; stops it after the test.

import type { ExecutionResult } from 'graphql'
import { onTestFinished } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'
import { type RunningServer, type ServerTimings, startServer } from '../../src/server/start-server.ts'

export interface TestServer extends RunningServer {
  /** The log lines, without those of operations and mutations. */
  readonly lines: readonly string[]
  // biome-ignore lint/suspicious/noExplicitAny: depends on the operation's selection
  execute(query: string, variables?: Record<string, unknown>): Promise<ExecutionResult<any>>
  get(path: string): Promise<{ status: number; text: string }>
}

/** Cleanup after the test. */
export type OnCleanup = (end: () => Promise<void>) => void

/** `env` and `flags` are those of the command line. Concurrent tests pass their own `atEnd`. */
export async function startTestServer(
  flags: readonly string[],
  env: Record<string, string>,
  atEnd: OnCleanup = onTestFinished,
  timings: ServerTimings = {},
): Promise<TestServer> {
  const lines: string[] = []
  const config = loadServeConfig({ argv: ['--port', '0', ...flags], env })
  const add = (line: string, fields?: object) => {
    if (!fields) lines.push(line)
  }
  const server = await startServer(config, { info: add, warn: add, error: add }, timings)
  atEnd(() => server.stop())
  return {
    ...server,
    lines,
    async execute(query, variables) {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as ExecutionResult
    },
    async get(path) {
      const response = await fetch(new URL(path, server.url))
      return { status: response.status, text: await response.text() }
    },
  }
}
