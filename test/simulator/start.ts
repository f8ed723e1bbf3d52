// Starts a simulator for one test, with a manual clock, and connects to it. Everything closes after the test.

import { onTestFinished } from 'vitest'
import { createManualClock, createSimulator, type SimulatorOptions } from '../../src/simulator/index.ts'
import type { ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { rootFolder, SoapConnection, viewManager } from './soap-connection.ts'

export function start(options: SimulatorOptions = {}) {
  const clock = createManualClock()
  const simulator = createSimulator({ clock, ...options })
  onTestFinished(() => simulator.close())
  return { simulator, clock, connect: () => new SoapConnection(simulator.transport()) }
}

export async function startLoggedIn(options?: SimulatorOptions) {
  const started = start(options)
  const connection = started.connect()
  const session = await connection.login()
  return { ...started, connection, session }
}

export const viewOf = (
  connection: SoapConnection,
  type: string,
  container: ManagedObjectReference = rootFolder,
): Promise<ManagedObjectReference> =>
  connection.call('CreateContainerView', viewManager, { container, type: [type], recursive: true })

/** The detail of the fault with which a call fails. */
export async function faultOf(call: Promise<unknown>): Promise<Readonly<Record<string, unknown>>> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error as { detail?: Readonly<Record<string, unknown>> },
  )
  if (!outcome?.detail) throw new Error('the call did not end with a fault', { cause: outcome })
  return outcome.detail
}
