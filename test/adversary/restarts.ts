// The moments at which an adversary restarts the vCenter: before or after a call, with or without its response.

import type { ProxiedCall } from '../soap-proxy.ts'
import { type Rig, restart } from './rig.ts'

interface Moment {
  readonly name: string
  handle(call: ProxiedCall, rig: Rig): Promise<void>
}

const settled = async ({ simulator }: Rig): Promise<void> => {
  while (simulator.live.tasks > 0 && simulator.tasks.queuedMs < 1_000)
    await new Promise((resolve) => setTimeout(resolve, 5))
}

export const moments: readonly Moment[] = [
  {
    name: 'before the call',
    async handle(call, { simulator }) {
      restart(simulator)
      await call.rewrite((text) => text)
    },
  },
  {
    name: 'after the call',
    async handle(call, rig) {
      const { status, text, headers } = await call.forward()
      await settled(rig)
      restart(rig.simulator)
      call.respond(status, text, headers)
    },
  },
  {
    name: 'after the call, its response lost',
    async handle(call, rig) {
      await call.forward()
      await settled(rig)
      restart(rig.simulator)
      call.cut()
    },
  },
  {
    name: 'instead of the call',
    async handle(call, { simulator }) {
      restart(simulator)
      call.cut()
    },
  },
]
