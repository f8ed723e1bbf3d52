// Power state changes of a machine: power on, power off and suspend.

import {
  closeDisks,
  type Machine,
  notifyChange,
  type PowerState,
  recordGuestWrites,
  stun,
} from './machine.ts'
import { cardsAfter } from './network-cards.ts'
import { withLoadedConfig } from './tracking.ts'

/**
 * Sets the power state. Each change opens or closes the disks, which gives the point a changeId number.
 * Opening them also starts enabled change tracking.
 */
export function setPower(machine: Machine, powerState: PowerState, at: Date): void {
  recordGuestWrites(machine, at)
  if (machine.powerState === 'poweredOff') machine.settings = withLoadedConfig(machine)
  if (powerState === 'poweredOn') stun(machine)
  else closeDisks(machine)
  if (powerState === 'poweredOn') machine.bootTime = at
  if (powerState === 'poweredOff') machine.bootTime = undefined
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
