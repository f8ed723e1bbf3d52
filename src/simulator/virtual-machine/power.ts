// A machine's power: what changes when it goes on, off, or to sleep.

import { announce, letGuestWrite, type Machine, type PowerState, stun } from './machine.ts'

/** Every change of power closes and opens the disks, which is where tracking begins and points get their numbers. */
export function setPower(machine: Machine, powerState: PowerState, at: Date): void {
  letGuestWrite(machine, at)
  stun(machine)
  if (powerState === 'poweredOn') machine.bootTime = at
  if (powerState === 'poweredOff') machine.bootTime = undefined
  machine.suspendTime = powerState === 'suspended' ? at : undefined
  machine.powerState = powerState
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
