// When an adversary restarts the vCenter: before or after a call, with or without its response.

import type { ProxiedCall } from '../soap-proxy.ts'
import { type AdversaryFixture, restartVCenter } from './fixture.ts'

interface RestartTiming {
  readonly name: string
  handle(call: ProxiedCall, fixture: AdversaryFixture): Promise<void>
}

const waitForTasks = async ({ simulator }: AdversaryFixture): Promise<void> => {
  while (simulator.live.tasks > 0 && simulator.tasks.queuedMs < 1_000)
    await new Promise((resolve) => setTimeout(resolve, 5))
}

export const restartTimings: readonly RestartTiming[] = [
  {
    name: 'before the call',
    async handle(call, { simulator }) {
      restartVCenter(simulator)
      await call.rewrite((text) => text)
    },
  },
  {
    name: 'after the call',
    async handle(call, fixture) {
      const { status, text, headers } = await call.forward()
      await waitForTasks(fixture)
      restartVCenter(fixture.simulator)
      call.respond(status, text, headers)
    },
  },
  {
    name: 'after the call, its response lost',
    async handle(call, fixture) {
      await call.forward()
      await waitForTasks(fixture)
      restartVCenter(fixture.simulator)
      call.dropConnection()
    },
  },
  {
    name: 'instead of the call',
    async handle(call, { simulator }) {
      restartVCenter(simulator)
      call.dropConnection()
    },
  },
]
