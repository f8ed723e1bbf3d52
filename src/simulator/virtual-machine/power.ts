// A machine's power: what changes when it goes on, off, or to sleep.

import { announce, closeDisks, type Machine, type PowerState, recordGuestWrites, stun } from './machine.ts'
import { loaded } from './tracking.ts'

/** Every change of power closes or opens the disks, which is where points get their numbers; tracking begins as they are opened. */
export function setPower(machine: Machine, powerState: PowerState, at: Date): void {
  recordGuestWrites(machine, at)
  if (machine.powerState === 'poweredOff') machine.settings = loaded(machine)
  if (powerState === 'poweredOn') stun(machine)
  else closeDisks(machine)
  if (powerState === 'poweredOn') machine.bootTime = at
  if (powerState === 'poweredOff') machine.bootTime = undefined
  machine.suspendTime = powerState === 'suspended' ? at : undefined
  machine.powerState = powerState
  // The host writes down in the machine's own file that it runs, or that it was shut down.
  machine.settings = { ...machine.settings, changeVersion: machine.settings.changeVersion + 1 }
  machine.measuredAt = at
  announce(
    machine,
    'runtime',
    'summary',
    'guest',
    'guestHeartbeatStatus',
    'config',
    'layoutEx',
    'storage',
    'disabledMethod',
  )
}
