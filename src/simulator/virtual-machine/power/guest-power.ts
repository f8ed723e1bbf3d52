// Shutdown, restart and standby of the guest by VMware Tools: the call returns at once, and the guest takes its time.

import type { Machine } from '../machine.ts'
import { toolsRun } from '../status.ts'
import { recordPowerChange } from './power-events.ts'
import { powerOffMachine } from './power-off.ts'
import { endGuestTransition, notifyGuestChange, setPower } from './power-state.ts'

export type GuestRequest = 'shutdown' | 'reboot' | 'standby'

/** Begins what the request is for. A guest that is already shutting down or restarting ignores another request. */
export function startGuestTransition(machine: Machine, request: GuestRequest): void {
  if (machine.guestTransition) return
  const { objects, settings } = machine.context
  const { guestShutdownMs } = settings
  const never = { cancel: () => {}, isDown: false }
  if (machine.guestHangs || guestShutdownMs === Number.POSITIVE_INFINITY) {
    machine.guestTransition = never
    return
  }
  const stop = () => {
    const at = objects.clock.now()
    if (!objects.find(machine.ref)) return
    if (request === 'reboot') return restart()
    machine.guestTransition = undefined
    if (request === 'shutdown') powerOffMachine(machine, at)
    else setPower(machine, 'suspended', at)
    // Not caused by a user: the guest has done it.
    recordPowerChange(machine, 'poweredOn')
  }
  const restart = () => {
    machine.guestTransition = { cancel: objects.clock.schedule(guestShutdownMs, start), isDown: true }
    notifyGuestChange(machine)
  }
  const start = () => {
    endGuestTransition(machine)
    notifyGuestChange(machine)
  }
  machine.guestTransition = { cancel: objects.clock.schedule(guestShutdownMs, stop), isDown: false }
}

/** Whether VMware Tools can receive a request. */
export const canRequest = (machine: Machine): boolean => toolsRun(machine)
