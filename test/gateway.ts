// A whole gateway on a simulator of its own, in this process: asked by HTTP requests as a client would, without a port.

import type { ExecutionResult } from 'graphql'
import { connectVCenter } from '../src/gateway/connect-vcenter.ts'
import { createGateway } from '../src/gateway/gateway.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from '../src/simulator/index.ts'

export interface TestGateway {
  readonly simulator: Simulator
  /** What the log was told, a line each. */
  readonly lines: readonly string[]
  /** Asks an operation; `headers` go with it. */
  ask<T = any>(
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<ExecutionResult<T>>
  /** Any request; the host is filled in. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Logs out and ends the simulator. */
  close(): Promise<void>
}

interface TestGatewayOptions extends SimulatorOptions {
  readonly pageSizeDefault?: number
  readonly pageSizeMax?: number
  readonly readOnly?: boolean
  /** What the gateway logs in with; the simulator's own unless told otherwise. */
  readonly gatewayPassword?: string
}

export function startGateway(options: TestGatewayOptions = {}): TestGateway {
  const {
    pageSizeDefault = 100,
    pageSizeMax = 1000,
    readOnly = false,
    gatewayPassword = 'pass',
    ...simulated
  } = options
  const simulator = createSimulator({ tasks: { queuedMs: 0, durationMs: 5 }, ...simulated })
  const lines: string[] = []
  const log = { info: add, warn: add, error: add }
  function add(line: string): void {
    lines.push(line)
  }
  const connected = connectVCenter(
    { name: 'test', pageSizeDefault, pageSizeMax },
    {
      connect: () => simulator.transport(),
      userName: 'user',
      password: () => gatewayPassword,
      close: () => simulator.close(),
    },
    log,
  )
  const gateway = createGateway({ connected, log, allowedHosts: ['localhost'], readOnly })
  const request = async (path: string, init: RequestInit = {}): Promise<Response> =>
    gateway.fetch(`http://localhost${path}`, {
      ...init,
      headers: { host: 'localhost', ...(init.headers as Record<string, string>) },
    })
  return {
    simulator,
    lines,
    fetch: request,
    async ask(query, variables, headers) {
      const response = await request('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as ExecutionResult<any>
    },
    close: () => connected.close(),
  }
}
