// Power state changes of a machine: power on, power off, suspend and reset.

import {
  closeDisks,
  type Machine,
  notifyChange,
  type PowerState,
  recordGuestWrites,
  stun,
} from '../machine.ts'
import { cardsAfter } from '../network-cards.ts'
import { withLoadedConfig } from '../tracking.ts'

/**
 * Sets the power state. Each change opens or closes the disks, which gives the point a changeId number.
 * Opening them also starts enabled change tracking.
 */
export function setPower(machine: Machine, powerState: PowerState, at: Date): void {
  recordGuestWrites(machine, at)
  endGuestTransition(machine)
  if (machine.powerState === 'poweredOff') machine.settings = withLoadedConfig(machine)
  if (powerState === 'poweredOn') stun(machine)
  else closeDisks(machine)
  if (powerState === 'poweredOn') machine.bootTime = at
  if (powerState === 'poweredOff') {
    machine.bootTime = undefined
    machine.question = undefined
  }
  machine.suspendTime = powerState === 'suspended' ? at : undefined
  // The host updates the machine's configuration file on each power operation, so the change version grows.
  machine.settings = {
    ...machine.settings,
    changeVersion: machine.settings.changeVersion + 1,
    networkCards: cardsAfter(machine.settings.networkCards, machine.powerState, powerState),
  }
  machine.powerState = powerState
  machine.measuredAt = at
  notifyChange(
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

/** Restarts a running machine without its guest: the power state and the boot time stay as they are. */
export function resetMachine(machine: Machine, at: Date): void {
  recordGuestWrites(machine, at)
  endGuestTransition(machine)
  machine.measuredAt = at
  notifyGuestChange(machine)
}

/** Cancels a shutdown or restart that the guest has begun. */
export function endGuestTransition(machine: Machine): void {
  machine.guestTransition?.cancel()
  machine.guestTransition = undefined
}

/** Emits the changes of what depends on the state of the guest. */
export const notifyGuestChange = (machine: Machine): void =>
  notifyChange(machine, 'runtime', 'summary', 'guest', 'guestHeartbeatStatus')
