// Starts a gateway with --auth vsphere over real sockets, on a simulator with several accounts.

import { onTestFinished } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { type ServerTimings, startServer } from '../../../src/server/start-server.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/index.ts'

export const passwords = {
  alice: 'alice’s pass:word',
  bob: 'bob-hunter2',
  carol: 'carol-tr0ub4dor',
} as const

export type TestUser = keyof typeof passwords

export const basic = (userName: string, password: string): string =>
  `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`

export const authorizationOf = (user: TestUser): string => basic(user, passwords[user])

interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests check the shape of a response
  readonly result: any
}

export interface PerUserGateway {
  readonly url: string
  readonly adminUrl: string | undefined
  readonly simulator: Simulator
  /** The log lines; those with fields also as JSON. */
  readonly lines: readonly string[]
  execute(
    authorization: string | undefined,
    query: string,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Answer>
  /** How many calls of a method the vCenter received. */
  called(method: string): number
  stop(): Promise<void>
}

interface PersonalOptions {
  readonly flags?: readonly string[]
  /** Names of machines on which bob has no role. @default none */
  readonly hiddenFromBob?: readonly string[]
  /** Delays of the gateway. */
  readonly timings?: ServerTimings
  /** The clock of the vCenter. */
  readonly clock?: SimulatorOptions['clock']
}

const readOnly = [{ role: 'ReadOnly' }] as const

/** Alice has all permissions; bob and carol are read-only. */
export async function startPerUserGateway({
  flags = [],
  hiddenFromBob = [],
  timings,
  clock,
}: PersonalOptions = {}): Promise<PerUserGateway> {
  const { alice, bob, carol } = passwords
  const simulator = createSimulator({
    username: 'alice',
    password: alice,
    users: [
      { username: 'bob', password: bob, grants: readOnly },
      { username: 'carol', password: carol, grants: readOnly },
    ],
    tasks: { queuedMs: 0, durationMs: 5 },
    ...(clock && { clock }),
  })
  for (const name of hiddenFromBob)
    simulator.authorization.grant('bob', { role: 'NoAccess', on: simulator.inventory.machine(name).ref })
  onTestFinished(() => simulator.close())
  const { url: vcenter } = await simulator.listen()
  const lines: string[] = []
  const add = (line: string, fields?: object) => {
    lines.push(fields ? JSON.stringify({ line, ...fields }) : line)
  }
  const url = flags.includes('--url') ? [] : ['--url', vcenter]
  const argv = ['--port', '0', ...url, '--auth', 'vsphere', ...flags]
  const config = loadServeConfig({ argv, env: {} })
  const server = await startServer(config, { info: add, warn: add, error: add }, timings)
  onTestFinished(() => server.stop())
  return {
    url: server.url,
    adminUrl: server.adminUrl,
    simulator,
    lines,
    async execute(authorization, query, headers = {}, signal) {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(authorization !== undefined && { authorization }),
          ...headers,
        },
        body: JSON.stringify({ query }),
        ...(signal && { signal }),
      })
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        result: text === '' ? undefined : JSON.parse(text),
      }
    },
    called: (method) => simulator.calls.filter((call) => call.method === method).length,
    stop: () => server.stop(),
  }
}
