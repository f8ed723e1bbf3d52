// Starts the gateway as `serve` does, on a free port, with a client.

import type { ExecutionResult } from 'graphql'
import { loadServeConfig } from '../../src/config/config.ts'
import type { LogFields } from '../../src/observability/log.ts'
import { startServer } from '../../src/server/start-server.ts'
import type { Untyped } from './untyped.ts'

interface ExecuteOptions {
  readonly variables?: Record<string, unknown>
  /** Requests the trace. */
  readonly trace?: boolean
}

export interface Gateway {
  readonly url: string
  /** The lines of its log. */
  readonly lines: readonly string[]
  execute(query: string, options?: ExecuteOptions): Promise<ExecutionResult<Untyped, Untyped>>
  stop(): Promise<void>
}

/** Starts it in this process, with the environment and the flags of `serve`. */
export async function startGateway(
  env: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<Gateway> {
  const lines: string[] = []
  const add = (line: string): void => void lines.push(line)
  // Leaves out the log lines of operations and mutations.
  const info = (line: string, fields?: LogFields): void => (fields ? undefined : add(line))
  const config = loadServeConfig({ argv: ['--port', '0', ...flags], env })
  const server = await startServer(config, { info, warn: add, error: add })
  return { url: server.url, lines, execute: executorOf(server.url), stop: () => server.stop() }
}

/** A client for the GraphQL endpoint at `url`. */
export function executorOf(url: string): Gateway['execute'] {
  return async (query, { variables, trace = false } = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(trace && { 'x-vsphere-trace': '1' }) },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as ExecutionResult<Untyped, Untyped>
  }
}
