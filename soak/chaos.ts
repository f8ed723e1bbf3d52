// A vCenter that has a bad day: one trouble after the other, in turn, for as long as it is told to.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Simulator } from 'vsphere-graphql'
import type { Periods } from './periods.ts'

interface Troubled {
  readonly simulator: Simulator
  /** On which it answers, or not. */
  readonly port: { open(): Promise<void>; close(): Promise<void> }
  /** Told when nobody can reach it. */
  readonly away: Periods
}

const cut = [
  'RetrievePropertiesEx',
  'WaitForUpdatesEx',
  'QueryChangedDiskAreas',
  'CreateSnapshot_Task',
] as const
const slow = ['RetrievePropertiesEx', 'RemoveSnapshot_Task'] as const

type Trouble = (troubled: Troubled) => Promise<void> | void

const troubles: Readonly<Record<string, Trouble>> = {
  'connections that break': ({ simulator: { trouble } }) => {
    for (const method of cut) {
      for (const how of ['unread', 'unanswered', 'midBody'] as const) trouble.cut(how, { method, times: 2 })
    }
  },
  'sessions that expired': ({ simulator: { trouble } }) => trouble.expireSessions(),
  'slow answers': async ({ simulator: { trouble } }) => {
    const undo = slow.map((method) => trouble.latency(300, { method }))
    await sleep(1_000)
    for (const each of undo) each()
  },
  'a proxy that says 503': async ({ simulator: { trouble }, away }) => {
    const undo = trouble.unavailable({ times: Number.POSITIVE_INFINITY })
    await awayFor(300, away)
    undo()
  },
  'a login without an answer': ({ simulator: { trouble } }) => {
    trouble.cut('unanswered', { method: 'Login' })
    trouble.expireSessions()
  },
  'refused connections': async ({ port, away }) => {
    await port.close()
    await awayFor(700, away)
    await port.open()
  },
  'a restart': ({ simulator: { trouble } }) => trouble.restart(),
}

async function awayFor(ms: number, away: Periods): Promise<void> {
  away.begin(Date.now())
  await sleep(ms)
  away.end(Date.now())
}

/** Between one trouble and the next, and between one round of all of them and the next. */
const pauseMs = 2_500
const calmMs = 5_000

/** How often each is made until the signal; then all is well again. */
export async function makeTroubles(troubled: Troubled, until: AbortSignal): Promise<Record<string, number>> {
  const made: Record<string, number> = {}
  const pause = (ms: number) => sleep(ms, undefined, { signal: until }).catch(() => {})
  while (!until.aborted) {
    for (const [name, make] of Object.entries(troubles)) {
      await pause(pauseMs)
      if (until.aborted) break
      await make(troubled)
      made[name] = (made[name] ?? 0) + 1
    }
    await pause(calmMs)
  }
  troubled.simulator.trouble.clear()
  return made
}
