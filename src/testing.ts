// A gateway on its own simulator for the tests of other programs: in their process, without a port.

import { checkTestGatewayOptions } from './config/options/simulator-options.ts'
import { createLog, type Log } from './observability/log.ts'
import { createGatewayWith } from './server/create-gateway.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator/index.ts'

export { createManualClock } from './simulator/index.ts'

export interface TestGatewayOptions extends SimulatorOptions {
  /** A simulator that several gateways share. It is left running. @default a new one with the other options */
  readonly simulator?: Simulator
  /** The account that the gateway uses, which must be one of the simulator’s. @default its administrator */
  readonly account?: { readonly username: string; readonly password: string }
  /** The role of all requests. @default 'operator', which may run all mutations */
  readonly role?: 'reader' | 'power' | 'operator'
  /** Omits mutations from the schema. @default false */
  readonly readOnly?: boolean
  /** Receives the events of the gateway. @default prints only unexpected errors of the gateway itself, on stderr */
  readonly log?: Log
}

export interface TestGateway {
  /**
   * Replaces the global `fetch` in the code under test. Requests to `http://localhost/graphql` and to `/graphql`
   * reach the gateway.
   */
  readonly fetch: typeof globalThis.fetch
  /**
   * Executes a query or a mutation, and returns its response. Subscriptions need a client, which receives `fetch`.
   * @param query the document
   * @param variables its variables
   * @throws Error if the operation is a subscription, or the response is not one of GraphQL
   */
  execute<T = unknown>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<TestResponse<T>>
  /** The simulated vCenter: its inventory, the calls that it received, and its faults. */
  readonly simulator: Simulator
  /** Ends subscriptions, logs out, and stops the simulator. Call it after each test or test file. */
  close(): Promise<void>
}

/** A response as in the GraphQL specification. `data` is absent if the operation was not executed. */
export interface TestResponse<T> {
  readonly data?: T | null
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions?: { readonly code: string; readonly [name: string]: unknown }
  }[]
}

/** Delays after which a lost response is searched for: a test should not wait seconds for an error. */
const shortRecovery = { lostResponse: [0, 20, 40, 80] }

const responseTypes = 'application/graphql-response+json, application/json'

/** The responses have only their request ids. */
const unexpectedErrors: Log = {
  info() {},
  warn() {},
  error(message, fields) {
    if (fields?.err !== undefined) createLog(process.stderr, { format: 'text' }).error(message, fields)
  },
}

/**
 * Starts a gateway on a simulated vCenter. Tasks take 5 ms unless `tasks` says otherwise, and the same `seed` gives
 * the same inventory.
 * @throws ConfigError if an option is unknown or invalid
 */
export function createTestGateway(options: TestGatewayOptions = {}): TestGateway {
  checkTestGatewayOptions(options)
  const {
    simulator: shared,
    account,
    role = 'operator',
    readOnly = false,
    log = unexpectedErrors,
    ...simulated
  } = options
  const simulator = shared ?? createSimulator({ tasks: { queuedMs: 0, durationMs: 5 }, ...simulated })
  const gateway = createGatewayWith(
    {
      vcenter: { transport: () => simulator.transport(), account: account ?? simulator.account },
      authenticate: () => ({ name: 'tester', role }),
      readOnly,
      log,
    },
    { recovery: shortRecovery },
  )
  return {
    fetch: gateway.fetch,
    simulator,
    async execute(query, variables) {
      const response = await gateway.fetch('/graphql', {
        method: 'POST',
        // Without event streams, so that a subscription is rejected.
        headers: { 'content-type': 'application/json', accept: responseTypes },
        body: JSON.stringify({ query, variables }),
      })
      if (response.status === 406)
        throw new Error('execute runs no subscriptions: pass fetch to a client, such as graphql-sse')
      const text = await response.text()
      if (!response.headers.get('content-type')?.includes('json'))
        throw new Error(`the gateway responded with ${response.status}: ${text}`)
      return JSON.parse(text)
    },
    async close() {
      await gateway.close()
      if (!shared) await simulator.close()
    },
  }
}
