// Power methods of VirtualMachine: tasks that change the power state, requests to the guest, and answers to questions.

import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { MethodTable } from '../../method-table.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'
import { VimFault } from '../../vim-fault.ts'
import { type Machine, machineOf, notifyChange, type PowerState } from '../machine.ts'
import {
  assertAccessible,
  assertNotBusy,
  assertSameHost,
  type Caller,
  startMachineTask,
} from '../machine-task.ts'
import { canRequest, type GuestRequest, startGuestTransition } from './guest-power.ts'
import { recordingFailure, recordPowerChange, recordVmEvent } from './power-events.ts'
import { powerOffMachine } from './power-off.ts'
import { resetMachine, setPower } from './power-state.ts'

export const powerMethods: MethodTable = {
  PowerOnVM_Task({ self, args, ...caller }) {
    assertSameHost(machineOf(self), args.host)
    return powerOn(machineOf(self), caller)
  },

  PowerOffVM_Task: ({ self, ...caller }) =>
    changePower(machineOf(self), caller, {
      method: 'PowerOffVM_Task',
      descriptionId: 'VirtualMachine.powerOff',
      from: ['poweredOn', 'suspended'],
      to: 'poweredOff',
    }),

  SuspendVM_Task: ({ self, ...caller }) =>
    changePower(machineOf(self), caller, {
      method: 'SuspendVM_Task',
      descriptionId: 'VirtualMachine.suspend',
      from: ['poweredOn'],
      to: 'suspended',
    }),

  ResetVM_Task: ({ self, ...caller }) =>
    changePower(machineOf(self), caller, {
      method: 'ResetVM_Task',
      descriptionId: 'VirtualMachine.reset',
      from: ['poweredOn'],
      to: 'poweredOn',
    }),

  ShutdownGuest: ({ self, userName }) => requestGuest(self, 'shutdown', userName),
  RebootGuest: ({ self, userName }) => requestGuest(self, 'reboot', userName),
  StandbyGuest: ({ self, userName }) => requestGuest(self, 'standby', userName),

  TerminateVM({ self, objects, userName }) {
    const machine = machineOf(self)
    assertAccessible(machine)
    assertState(machine, ['poweredOn'], 'poweredOff')
    powerOffMachine(machine, objects.clock.now())
    recordPowerChange(machine, 'poweredOn', userName)
    return undefined
  },

  AnswerVM({ self, args: { questionId, answerChoice } }) {
    const machine = machineOf(self)
    const { question } = machine
    if (!question) throw new VimFault({ _typeName: 'ConcurrentAccess' })
    const isChoice = (question.choice.choiceInfo ?? []).some(({ key }) => key === answerChoice)
    if (question.id !== questionId || !isChoice)
      throw new VimFault({
        _typeName: 'InvalidArgument',
        invalidProperty: question.id === questionId ? 'answerChoice' : 'questionId',
      })
    machine.question = undefined
    notifyChange(machine, 'runtime', 'summary', 'disabledMethod')
    return undefined
  },
}

/** Starts PowerOnVM_Task, also for PowerOnMultiVM_Task. A suspended machine resumes. */
export const powerOn = (machine: Machine, caller: Caller): ManagedObjectReference =>
  changePower(machine, caller, {
    method: 'PowerOnVM_Task',
    descriptionId: 'VirtualMachine.powerOn',
    from: ['poweredOff', 'suspended'],
    to: 'poweredOn',
  })

interface PowerChange {
  readonly method: string
  readonly descriptionId: string
  readonly from: readonly PowerState[]
  readonly to: PowerState
}

/** The states of a machine are checked when the task runs, as on a host. */
function changePower(
  machine: Machine,
  caller: Caller,
  { method, descriptionId, from, to }: PowerChange,
): ManagedObjectReference {
  assertNoTemplate(machine)
  assertNoQuestion(machine)
  return startMachineTask(machine, caller, method, descriptionId, (at) =>
    recordingFailure(machine, to, () => {
      const before = machine.powerState
      assertState(machine, from, to)
      if (before === to) resetMachine(machine, at)
      else if (to === 'poweredOff') powerOffMachine(machine, at)
      else setPower(machine, to, at)
      recordPowerChange(machine, before)
    }),
  )
}

const guestRequests = {
  shutdown: ['poweredOff', 'VmGuestShutdownEvent'],
  reboot: ['poweredOn', 'VmGuestRebootEvent'],
  standby: ['suspended', 'VmGuestStandbyEvent'],
} as const

function requestGuest(self: SimulatedObject, request: GuestRequest, userName: string | undefined): undefined {
  const machine = machineOf(self)
  const [to, event] = guestRequests[request]
  assertAccessible(machine)
  assertNoTemplate(machine)
  assertState(machine, ['poweredOn'], to)
  assertNotBusy(machine)
  assertNoQuestion(machine)
  if (!canRequest(machine)) throw new VimFault({ _typeName: 'ToolsUnavailable' })
  recordVmEvent(machine, event, userName)
  startGuestTransition(machine, request)
  return undefined
}

export function assertNoTemplate({ template }: Machine): void {
  if (template) throw new VimFault({ _typeName: 'InvalidState' })
}

export function assertNoQuestion({ question }: Machine): void {
  if (question) throw new VimFault({ _typeName: 'QuestionPending', text: question.text })
}

export function assertState(machine: Machine, from: readonly PowerState[], requestedState: PowerState): void {
  const existingState = machine.powerState
  if (!from.includes(existingState))
    throw new VimFault({ _typeName: 'InvalidPowerState', requestedState, existingState })
}
