// The power actions: what each needs and results in, and the call that it makes.

import { builder } from '../../builder.ts'

export type VimPowerState = 'poweredOn' | 'poweredOff' | 'suspended'

type Action = 'POWER_ON' | 'POWER_OFF' | 'SHUTDOWN_GUEST' | 'REBOOT_GUEST' | 'RESET' | 'SUSPEND'

interface PowerActionRule {
  /** The states from which the action is possible. */
  readonly from: readonly VimPowerState[]
  /** The state in which the action results; undefined if the machine only restarts. */
  readonly wanted: VimPowerState | undefined
  readonly method:
    | 'PowerOnVM_Task'
    | 'PowerOffVM_Task'
    | 'ResetVM_Task'
    | 'SuspendVM_Task'
    | 'ShutdownGuest'
    | 'RebootGuest'
}

const rules: Readonly<Record<Action, PowerActionRule>> = {
  POWER_ON: { from: ['poweredOff', 'suspended'], wanted: 'poweredOn', method: 'PowerOnVM_Task' },
  POWER_OFF: { from: ['poweredOn', 'suspended'], wanted: 'poweredOff', method: 'PowerOffVM_Task' },
  SHUTDOWN_GUEST: { from: ['poweredOn'], wanted: 'poweredOff', method: 'ShutdownGuest' },
  REBOOT_GUEST: { from: ['poweredOn'], wanted: undefined, method: 'RebootGuest' },
  RESET: { from: ['poweredOn'], wanted: undefined, method: 'ResetVM_Task' },
  SUSPEND: { from: ['poweredOn'], wanted: 'suspended', method: 'SuspendVM_Task' },
}

export interface PowerAction extends PowerActionRule {
  readonly name: Action
  /** Whether it requests something from the guest, which has no task. */
  readonly isGuestRequest: boolean
}

export const powerAction = (name: Action): PowerAction => ({
  name,
  ...rules[name],
  isGuestRequest: name.endsWith('_GUEST'),
})

const descriptions: Readonly<Record<Action, string>> = {
  POWER_ON:
    'Powers on, or resumes a suspended virtual machine. On a vCenter, one call serves all virtual machines of a datacenter, so that DRS can place them. If DRS only recommends a host, and a person must approve it, the error is CONFLICT. Needs the privilege VirtualMachine.Interact.PowerOn. Source: `Datacenter.PowerOnMultiVM_Task`, on an ESXi host `PowerOnVM_Task`.',
  POWER_OFF:
    'Powers off at once, without shutting down the guest operating system, which may lose data. Needs the privilege VirtualMachine.Interact.PowerOff. Source: `PowerOffVM_Task`.',
  SHUTDOWN_GUEST:
    'Shuts down the guest operating system through VMware Tools, and waits until the virtual machine is off. There is no task. If a question is pending, the error is CONFLICT with its text. Needs the privilege VirtualMachine.Interact.PowerOff. Source: `ShutdownGuest`.',
  REBOOT_GUEST:
    'Restarts the guest operating system through VMware Tools. There is no task, and the mutation does not wait for the restart, during which the power state stays POWERED_ON. CONFLICT unless it is powered on. Needs the privilege VirtualMachine.Interact.Reset. Source: `RebootGuest`.',
  RESET:
    'Restarts at once, like a reset button, without shutting down the guest operating system, which may lose data. CONFLICT unless it is powered on. Needs the privilege VirtualMachine.Interact.Reset. Source: `ResetVM_Task`.',
  SUSPEND:
    'Pauses the virtual machine and saves its memory to disk. CONFLICT if it is powered off. Needs the privilege VirtualMachine.Interact.Suspend. Source: `SuspendVM_Task`.',
}

export const PowerActionType = builder.enumType('PowerAction', {
  description:
    'What to do with the power state of a virtual machine. A virtual machine that is already in the resulting state is left alone: no error, and task is null. So a request can be repeated safely, except for RESET and REBOOT_GUEST.',
  values: Object.fromEntries(
    Object.entries(descriptions).map(([name, description]) => [name, { description }]),
  ) as Record<Action, { description: string }>,
})
