// The events of power operations. Inside a task, they have the user and the chain of the task.

import { recordEvent } from '../../history/event-log.ts'
import { faultInData } from '../../tasks.ts'
import { VimFault } from '../../vim-fault.ts'
import type { Machine, PowerState } from '../machine.ts'

const eventsOfChange = {
  poweredOn: {
    poweredOn: ['VmResettingEvent'],
    poweredOff: ['VmStartingEvent', 'VmPoweredOnEvent'],
    suspended: ['VmResumingEvent', 'VmPoweredOnEvent'],
  },
  poweredOff: {
    poweredOn: ['VmStoppingEvent', 'VmPoweredOffEvent'],
    suspended: ['VmPoweredOffEvent'],
    poweredOff: [],
  },
  suspended: {
    poweredOn: ['VmSuspendingEvent', 'VmSuspendedEvent'],
    poweredOff: [],
    suspended: [],
  },
} as const

/** Records a change of the power state. A machine that was and is on was reset. */
export function recordPowerChange(machine: Machine, before: PowerState, userName?: string): void {
  for (const type of eventsOfChange[machine.powerState][before]) recordVmEvent(machine, type, userName)
}

/** Records a request to the guest. */
export const recordVmEvent = (machine: Machine, _typeName: string, userName?: string): void =>
  void recordEvent(machine.context.objects, { _typeName, vm: machine.ref, userName })

/** Runs a power operation and records its failure. vCenter has events for two of the operations. */
export function recordingFailure(machine: Machine, requested: PowerState, change: () => void): void {
  try {
    change()
  } catch (error) {
    const type = requested === 'suspended' ? undefined : failures[requested]
    if (error instanceof VimFault && type)
      recordEvent(machine.context.objects, { _typeName: type, vm: machine.ref, reason: faultInData(error) })
    throw error
  }
}

const failures = { poweredOn: 'VmFailedToPowerOnEvent', poweredOff: 'VmFailedToPowerOffEvent' } as const
