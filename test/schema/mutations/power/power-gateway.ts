// A gateway with quick guests, and the power mutation of machines by name.

import { onTestFinished } from 'vitest'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { mutate } from '../mutate.ts'

type VirtualMachineBy = Readonly<Record<string, string>>

interface PowerResult {
  readonly virtualMachine: { readonly name: string; readonly powerState: string } | null
  readonly task: { readonly moid: string; readonly operation: string; readonly state: string } | null
  readonly error: {
    readonly code: string
    readonly message: string
    readonly fault: string | null
    readonly remedy: string | null
    readonly retryable: boolean
  } | null
}

const selection =
  'results { virtualMachine { name powerState } task { moid operation state } error { code message fault remedy retryable } }'

export function powerGateway(options: Parameters<typeof startGateway>[0] = {}) {
  const gateway = startGateway(options)
  const { simulator, audit } = gateway
  onTestFinished(() => gateway.close())
  Object.assign(simulator.inventory.settings, { guestShutdownMs: 5, guestsWrite: false })
  const machine = (name: string) => simulator.inventory.machine(name)
  return {
    gateway,
    simulator,
    audit,
    machine,
    stateOf: (name: string) => machine(name).powerState,
    /** The write calls that the simulator received, in order. */
    sent: () =>
      simulator.calls
        .map(({ method }) => method)
        .filter((method) => /^(Power|Suspend|Reset|Shutdown|Reboot)/.test(method)),
    power: (machines: string | readonly (string | VirtualMachineBy)[], action: string, more = {}) =>
      changePower(gateway, machines, action, more),
  }
}

export async function changePower(
  gateway: TestGateway,
  machines: string | readonly (string | VirtualMachineBy)[],
  action: string,
  more: Record<string, unknown> = {},
) {
  const by = (each: string | VirtualMachineBy) => (typeof each === 'string' ? { name: each } : each)
  const virtualMachines = typeof machines === 'string' ? by(machines) : machines.map(by)
  const { payload, reported } = await mutate(
    gateway,
    'changePower',
    { virtualMachines, action, ...more },
    selection,
  )
  return { results: (payload?.results ?? []) as PowerResult[], payload, reported }
}
