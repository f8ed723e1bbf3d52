// What a soak needs of the vCenter that it is made on: our simulator, which has troubles of its own making
// (simulated-vcenter.ts), or one that is given, whose troubles others make (external-vcenter.ts).

import type { Periods } from './periods.ts'
import type { Ended } from './operation-stats.ts'

export interface SoakedVCenter {
  /** For `serve`. */
  readonly flags: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The names of the virtual machines that may be given snapshots, as a glob; undefined is none. */
  readonly changes: string | undefined
  /** When nobody could reach it. */
  readonly away: Periods
  /** Has troubles, or is watched, until the signal; gives a sentence of what there was. */
  live(until: AbortSignal): Promise<string>
  /** Whether an operation may have ended so, the gateway having refused its callers in these times. */
  isExpected(ended: Ended, refused: Periods): boolean
  /** Sessions of the gateway that stand; undefined when they cannot be listed. */
  sessions(): Promise<Sessions | undefined>
  /** What the gateway has left behind, sentences. */
  left(): Promise<readonly string[]>
  close(): Promise<void>
}

interface Sessions {
  /** Of which the gateway can know. */
  readonly known: number
  /** Whose login was answered to nobody. */
  readonly orphans: number
}

/** What may be answered while a vCenter is away: that it is, or is late, or that nobody knows what became of a change. */
export const ofOutages: ReadonlySet<string> = new Set([
  'VCENTER_UNAVAILABLE',
  'VCENTER_TIMEOUT',
  'OUTCOME_UNKNOWN',
])
