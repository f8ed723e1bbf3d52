// Shutdown, restart and standby of the guest by VMware Tools: the call returns at once, and the guest takes its time.

import type { Machine } from '../machine.ts'
import { toolsRun } from '../status.ts'
import { endGuestTransition, notifyGuestChange, setPower } from './power-state.ts'

export type GuestRequest = 'shutdown' | 'reboot' | 'standby'

/**
 * Begins what the request asks for. A guest that is already shutting down or restarting ignores another request.
 * @param ended is called when the guest has finished
 */
export function startGuestTransition(machine: Machine, request: GuestRequest, ended: () => void): void {
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
    setPower(machine, request === 'shutdown' ? 'poweredOff' : 'suspended', at)
    ended()
  }
  const restart = () => {
    machine.guestTransition = { cancel: objects.clock.schedule(guestShutdownMs, start), isDown: true }
    notifyGuestChange(machine)
  }
  const start = () => {
    endGuestTransition(machine)
    notifyGuestChange(machine)
    ended()
  }
  machine.guestTransition = { cancel: objects.clock.schedule(guestShutdownMs, stop), isDown: false }
}

/** Whether VMware Tools can receive a request. */
export const canRequest = (machine: Machine): boolean => toolsRun(machine)
