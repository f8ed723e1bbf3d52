// What a soak needs of the vCenter that it is made on: our simulator, which has troubles of its own making
// (simulated-vcenter.ts), or one that is given, whose troubles others make (external-vcenter.ts).

import type { OperationResult } from './operation-stats.ts'
import type { Periods } from './periods.ts'

export interface VCenterUnderTest {
  /** For `serve`. */
  readonly flags: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The names of the virtual machines that may be given snapshots, as a glob; undefined is none. */
  readonly changes: string | undefined
  /** When nobody could reach it. */
  readonly outages: Periods
  /** Has troubles, or is watched, until the signal; gives a sentence of what there was. */
  live(until: AbortSignal): Promise<string>
  /** Whether an operation may have ended so, the gateway having refused its callers in these times. */
  isExpected(result: OperationResult, rejected: Periods): boolean
  /** Sessions of the gateway that stand; undefined when they cannot be listed. */
  sessions(): Promise<Sessions | undefined>
  /** What the gateway has left behind, sentences. */
  leftovers(): Promise<readonly string[]>
  close(): Promise<void>
}

interface Sessions {
  /** Of which the gateway can know. */
  readonly targets: number
  /** Whose login was answered to nobody. */
  readonly orphans: number
}

/** What may be answered while a vCenter is away: that it is, or is late, or that nobody knows what became of a change. */
export const outageCodes: ReadonlySet<string> = new Set([
  'VCENTER_UNAVAILABLE',
  'VCENTER_TIMEOUT',
  'OPERATION_TIMEOUT',
  'OVERLOADED',
  'OUTCOME_UNKNOWN',
])
