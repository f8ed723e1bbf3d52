// Injects faults into a simulated vCenter, one scenario after the other, until a signal aborts.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Simulator } from 'vsphere-graphql'
import type { Periods } from '../periods.ts'

interface ChaosTargets {
  readonly simulator: Simulator
  /** The port on which the simulator listens. */
  readonly port: { open(): Promise<void>; close(): Promise<void> }
  /** Records the times when the vCenter is unreachable. */
  readonly outages: Periods
}

const droppedMethods = [
  'RetrievePropertiesEx',
  'WaitForUpdatesEx',
  'QueryChangedDiskAreas',
  'CreateSnapshot_Task',
] as const
const slowMethods = ['RetrievePropertiesEx', 'RemoveSnapshot_Task'] as const

type FaultScenario = (targets: ChaosTargets) => Promise<void> | void

const scenarios: Readonly<Record<string, FaultScenario>> = {
  'dropped connections': ({ simulator: { faults } }) => {
    for (const method of droppedMethods) {
      for (const drop of ['unread', 'unanswered', 'midBody'] as const)
        faults.dropConnection(drop, { method, times: 2 })
    }
  },
  'expired sessions': ({ simulator: { faults } }) => faults.expireSessions(),
  'slow responses': async ({ simulator: { faults } }) => {
    const undo = slowMethods.map((method) => faults.latency(300, { method }))
    await sleep(1_000)
    for (const each of undo) each()
  },
  '503 from a proxy': async ({ simulator: { faults }, outages }) => {
    const undo = faults.unavailable({ times: Number.POSITIVE_INFINITY })
    await simulateOutage(300, outages)
    undo()
  },
  'lost login response': ({ simulator: { faults } }) => {
    faults.dropConnection('unanswered', { method: 'Login' })
    faults.expireSessions()
  },
  'refused connections': async ({ port, outages }) => {
    await port.close()
    await simulateOutage(700, outages)
    await port.open()
  },
  restart: ({ simulator: { faults } }) => faults.restart(),
}

async function simulateOutage(ms: number, outages: Periods): Promise<void> {
  outages.begin(Date.now())
  await sleep(ms)
  outages.end(Date.now())
}

/** Pause between scenarios, and between rounds of all scenarios. */
const pauseMs = 2_500
const pauseBetweenRoundsMs = 5_000

/** Injects faults until the signal aborts, then clears them all. Returns how often each scenario ran. */
export async function injectFaults(
  targets: ChaosTargets,
  until: AbortSignal,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const pause = (ms: number) => sleep(ms, undefined, { signal: until }).catch(() => {})
  while (!until.aborted) {
    for (const [name, inject] of Object.entries(scenarios)) {
      await pause(pauseMs)
      if (until.aborted) break
      await inject(targets)
      counts[name] = (counts[name] ?? 0) + 1
    }
    await pause(pauseBetweenRoundsMs)
  }
  targets.simulator.faults.clear()
  return counts
}
