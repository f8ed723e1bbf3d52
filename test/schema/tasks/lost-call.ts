// Provides a gateway that loses one call, and what happens on the vCenter meanwhile: the call itself, or a
// similar action of another client with the same account.

import { expect, test } from 'vitest'
import { startTask } from '../../../src/simulator/tasks.ts'
import type { Machine, Snapshot } from '../../../src/simulator/virtual-machine/machine.ts'
import { takeSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import type { MethodName } from '../../../src/soap/envelope.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { searches, startGateway, type TestGateway } from '../../test-gateway.ts'

type CarryOut = () => Promise<unknown>

interface TaskOptions {
  /** @default 'erp-01' */
  readonly on?: string
  /** @default 1,500 */
  readonly durationMs?: number
}

export interface LostCall {
  readonly gateway: TestGateway
  machine(name?: string): Machine
  snapshot(name: string, on?: string): Snapshot
  /**
   * Loses the next call of the method. An exception of the callback breaks the connection; otherwise the
   * connection is closed when the callback returns.
   */
  lose(method: MethodName, meanwhile: (carryOut: CarryOut) => unknown): void
  /** Loses the call before it arrives, and runs another client's task of the method instead. */
  instead(method: MethodName, work: (machine: Machine) => unknown, options?: TaskOptions): void
  /**
   * Starts a task of the same account, but of another client. It takes effect when its duration is over.
   */
  othersTask(
    method: MethodName,
    work: (machine: Machine) => unknown,
    options?: TaskOptions,
  ): ManagedObjectReference
  /** Returns work for a task that takes a snapshot with this name. */
  take(name: string): (machine: Machine) => ManagedObjectReference
  now(): Date
}

const timedOut = () => new TransportError('TIMEOUT', 'no complete response within 60000 ms')

/** How a call is abandoned while the vCenter may still execute it. */
export const abandonedResponses = [
  ['timed out', timedOut],
  ['was given up by a proxy', () => new TransportError('STATUS', 'status 504', { status: 504 })],
] as const

/** A missing effect does not prove that the call was not or will not be executed. */
export const notProved = {
  code: 'OUTCOME_UNKNOWN',
  retryable: false,
  message: expect.stringContaining('may still execute the call'),
  remedy: expect.stringContaining('before you retry'),
}

/** Each test has its own gateway. The tests run concurrently, since polling takes seconds. */
export const it = test.extend<{ lost: LostCall }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies of a fixture from the pattern
  lost: async ({}, use) => {
    const { close, ...lost } = await startLost()
    await use(lost)
    await close()
  },
})

export async function startLost(
  options: Parameters<typeof startGateway>[0] = {},
): Promise<LostCall & { close(): Promise<void> }> {
  let next: { readonly method: MethodName; readonly meanwhile: (carryOut: CarryOut) => unknown } | undefined
  const wrap = (transport: Transport): Transport => ({
    close: () => transport.close(),
    async send(request) {
      if (!next || !String(request.body).includes(`<${next.method} `)) return transport.send(request)
      const { meanwhile } = next
      next = undefined
      await meanwhile(() => transport.send(request))
      throw new TransportError('CLOSED', 'the connection was lost')
    },
  })
  const gateway = startGateway({
    tasks: { queuedMs: 0, durationMs: 5 },
    recovery: { lostResponse: [0, 50, 150, 300], leftSnapshot: searches },
    wrap,
    ...options,
  })
  await gateway.execute('{ vcenters { name } }')
  const { objects, inventory } = gateway.simulator
  const now = () => objects.clock.now()
  const machine = (name = 'erp-01') => inventory.machine(name)
  const othersTask: LostCall['othersTask'] = (method, work, { on, durationMs = 1_500 } = {}) => {
    const { ref } = machine(on)
    const about = { name: method, descriptionId: 'of.others', entity: ref, userName: 'user', durationMs }
    return startTask(objects, about, () => work(machine(on)))
  }
  const lose: LostCall['lose'] = (method, meanwhile) => {
    next = { method, meanwhile }
  }
  return {
    gateway,
    machine,
    now,
    othersTask,
    lose,
    instead: (method, work, options) => lose(method, () => void othersTask(method, work, options)),
    snapshot(name, on) {
      const found = machine(on)
        .rootSnapshots.flatMap(withAllBelow)
        .find((each) => each.name === name)
      if (found) return found
      throw new Error(`there is no snapshot ${name}`)
    },
    take: (name) => (vm) =>
      takeSnapshot(vm, { name, description: '', memory: false, quiesced: false, at: now() }).ref,
    close: () => gateway.close(),
  }
}

const withAllBelow = (snapshot: Snapshot): Snapshot[] => [
  snapshot,
  ...snapshot.children.flatMap(withAllBelow),
]
