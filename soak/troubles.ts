// A vCenter that has a bad day: one trouble after the other, in turn, for as long as it is told to.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Simulator } from 'vsphere-graphql'

/** The port on which a simulator answers, or not. */
export interface Port {
  open(): Promise<void>
  close(): Promise<void>
}

// No cut reaches a login: one whose answer is lost leaves a session that nobody knows, on any vCenter.
const cut = [
  'RetrievePropertiesEx',
  'WaitForUpdatesEx',
  'QueryChangedDiskAreas',
  'CreateSnapshot_Task',
] as const
const slow = ['RetrievePropertiesEx', 'RemoveSnapshot_Task'] as const

type Trouble = (simulator: Simulator, port: Port) => Promise<void> | void

const troubles: Readonly<Record<string, Trouble>> = {
  'connections that break': ({ trouble }) => {
    for (const method of cut) {
      for (const how of ['unread', 'unanswered', 'midBody'] as const) trouble.cut(how, { method, times: 2 })
    }
  },
  'sessions that expired': ({ trouble }) => trouble.expireSessions(),
  'slow answers': async ({ trouble }) => {
    const undo = slow.map((method) => trouble.latency(300, { method }))
    await sleep(1_000)
    for (const each of undo) each()
  },
  'a proxy that says 503': async ({ trouble }) => {
    const undo = trouble.unavailable({ times: Number.POSITIVE_INFINITY })
    await sleep(300)
    undo()
  },
  'refused connections': async (_, port) => {
    await port.close()
    await sleep(700)
    await port.open()
  },
  'a restart': ({ trouble }) => trouble.restart(),
}

/** How often each is made until the signal; then all is well again. */
export async function makeTroubles(
  simulator: Simulator,
  port: Port,
  until: AbortSignal,
): Promise<Record<string, number>> {
  const made: Record<string, number> = {}
  while (!until.aborted) {
    for (const [name, make] of Object.entries(troubles)) {
      await sleep(2_500, undefined, { signal: until }).catch(() => {})
      if (until.aborted) break
      await make(simulator, port)
      made[name] = (made[name] ?? 0) + 1
    }
  }
  simulator.trouble.clear()
  return made
}
