// The power actions that an adversary disturbs.

import type { MutationCase } from './mutation-cases.ts'
import { recordTasks, succeeded, vmId } from './mutation-effects.ts'

/** A result of changePower, as the oracle reads it. */
export interface PowerResult {
  readonly virtualMachine?: { readonly powerState: string | null } | null
  readonly task?: { readonly state: string } | null
  readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean } | null
}

interface PowerCase {
  readonly action: string
  readonly machine: string
  readonly method: string
  /** The task whose success is the effect; undefined for a request to the guest. */
  readonly task?: string
  /** The state in which it results; undefined if the machine only restarts. */
  readonly wanted?: string
}

const cases: readonly PowerCase[] = [
  {
    action: 'POWER_ON',
    machine: 'mail-01',
    method: 'PowerOnMultiVM_Task',
    task: 'PowerOnVM_Task',
    wanted: 'poweredOn',
  },
  {
    action: 'POWER_OFF',
    machine: 'web-01',
    method: 'PowerOffVM_Task',
    task: 'PowerOffVM_Task',
    wanted: 'poweredOff',
  },
  {
    action: 'SUSPEND',
    machine: 'web-01',
    method: 'SuspendVM_Task',
    task: 'SuspendVM_Task',
    wanted: 'suspended',
  },
  { action: 'RESET', machine: 'web-01', method: 'ResetVM_Task', task: 'ResetVM_Task' },
  { action: 'SHUTDOWN_GUEST', machine: 'web-01', method: 'ShutdownGuest', wanted: 'poweredOff' },
  { action: 'REBOOT_GUEST', machine: 'web-01', method: 'RebootGuest' },
]

export const powerCases: readonly MutationCase[] = cases.map(
  ({ action, machine: name, method, task, wanted }) => ({
    name: `changePower ${action}`,
    field: 'changePower',
    writeMethods: [method],
    async prepare(fixture, gateway) {
      const { simulator, proxy } = fixture
      simulator.inventory.settings.guestShutdownMs = 1
      const machine = simulator.inventory.machine(name)
      const virtualMachines = { id: await vmId(gateway, name) }
      const tasks = recordTasks(fixture)
      const effects = () =>
        task
          ? succeeded(tasks(), task)
          : // A request that is rejected has no effect.
            proxy.executed.filter((executed) => executed === method).length
      return {
        query:
          'mutation ($input: ChangePowerInput!) { changePower(input: $input) { results { virtualMachine { powerState } task { state } error { code message retryable } } } }',
        // The end of a shutdown is awaited after a lost response, too.
        variables: { input: { virtualMachines, action, waitSeconds: 5 } },
        effects,
        isApplied: () =>
          wanted === undefined
            ? effects() > 0
            : machine.powerState === wanted || (!task && machine.guestTransition !== undefined),
      }
    },
  }),
)

const stateNames: Readonly<Record<string, string>> = {
  poweredOn: 'POWERED_ON',
  poweredOff: 'POWERED_OFF',
  suspended: 'SUSPENDED',
}

/** Whether a result claims that the change was made. */
export function claimsSuccess({ name }: MutationCase, { virtualMachine, task, error }: PowerResult): boolean {
  const wanted = cases.find(({ action }) => name.endsWith(action))?.wanted
  if (error) return false
  if (task?.state === 'SUCCESS') return true
  if (wanted === undefined) return !task
  return virtualMachine?.powerState === stateNames[wanted]
}
