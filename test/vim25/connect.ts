// Connects a session of the client to its own simulator, on a stopped clock. Everything is closed when the
// test ends.

import { onTestFinished } from 'vitest'
import {
  createManualClock,
  createSimulator,
  type RecordedCall,
  type Simulator,
  type SimulatorOptions,
} from '../../src/simulator/index.ts'
import type { ManagedObjectReference } from '../../src/soap/vim-types.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { withCookies } from '../../src/transport/with-cookies.ts'
import type { CircuitBreakerOptions } from '../../src/vim25/session/circuit-breaker.ts'
import { createSession } from '../../src/vim25/session/session.ts'
import type { SessionEvent } from '../../src/vim25/session/session-options.ts'

interface ConnectOptions extends SimulatorOptions {
  /** The current login credentials; they may be changed later. */
  readonly loginPassword?: string | (() => string)
  readonly reachability?: CircuitBreakerOptions
  /** Wraps the transport between the client and the simulator. */
  readonly wrap?: (transport: Transport) => Transport
}

export function connect({
  loginPassword = 'pass',
  wrap = (each) => each,
  reachability: circuitBreaker,
  ...options
}: ConnectOptions = {}) {
  const clock = createManualClock()
  const simulator = createSimulator({ clock, ...options })
  let connections = 0
  const changes: SessionEvent['kind'][] = []
  const session = createSession({
    connect: () => {
      connections += 1
      return withCookies(wrap(simulator.transport()))
    },
    userName: 'user',
    password: () => (typeof loginPassword === 'string' ? loginPassword : loginPassword()),
    circuitBreaker,
    onEvent: ({ kind }) => changes.push(kind),
  })
  onTestFinished(async () => {
    simulator.faults.clear()
    await session.close()
    await simulator.close()
  })
  return {
    clock,
    simulator,
    session,
    /** Session events that were reported. */
    changes,
    /** How many connections were opened. */
    get connections() {
      return connections
    },
    /** How often each method was called so far. */
    counts: () => countOf(simulator.calls),
  }
}

function countOf(calls: readonly RecordedCall[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { method } of calls) counts[method] = (counts[method] ?? 0) + 1
  return counts
}

export const noLiveObjects = {
  sessions: 0,
  views: 0,
  filters: 0,
  collectors: 0,
  historyCollectors: 0,
  waits: 0,
  tasks: 0,
  restSessions: 0,
}

/**
 * Yields to the event loop until a condition holds. A test whose condition never holds fails by its
 * timeout.
 */
export async function waitUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

/** Returns the error that a promise is rejected with. */
export function errorOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return promise.then(
    (value) => {
      throw new Error('it succeeded', { cause: value })
    },
    (error) => error,
  )
}

export const vmRef = (simulator: Simulator, name: string): ManagedObjectReference =>
  simulator.inventory.vm(name).ref

/** Rewrites response bodies in transit. */
export function rewriting(rewrite: (text: string) => string): (transport: Transport) => Transport {
  return (transport) => ({
    async send(request) {
      const response = await transport.send(request)
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body) chunks.push(chunk)
      const text = rewrite(Buffer.concat(chunks).toString())
      return { ...response, body: bodyOf(text) }
    },
    close: () => transport.close(),
  })
}

/** Limits how many objects one response of an update stream may contain. */
export function withUpdatesOf(count: number): (transport: Transport) => Transport {
  return (transport) => ({
    ...transport,
    send: ({ body = '', ...request }) =>
      transport.send({ ...request, body: body.replace(/(?<=<maxObjectUpdates>)\d+/, String(count)) }),
  })
}

export async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
