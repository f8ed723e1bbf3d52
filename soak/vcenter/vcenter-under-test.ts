// The interface of a soak's vCenter: our simulator, with injected faults (simulated-vcenter.ts), or an
// existing vCenter, with faults from outside (external-vcenter.ts).

import type { OperationResult } from '../operation-stats.ts'
import type { Periods } from '../periods.ts'

export interface VCenterUnderTest {
  /** Flags for `serve`. */
  readonly flags: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Glob for the names of virtual machines to create snapshots of; undefined for none. */
  readonly changes: string | undefined
  /** The times when the vCenter was unreachable. */
  readonly outages: Periods
  /** Injects faults, or only observes, until the signal aborts. Returns a line for the report. */
  injectFaults(until: AbortSignal): Promise<string>
  /** Whether an operation may end like this, given the times when the gateway rejected requests. */
  isExpected(result: OperationResult, rejected: Periods): boolean
  /** Open sessions of the gateway; undefined if they cannot be listed. */
  sessions(): Promise<Sessions | undefined>
  /** Returns what the gateway has left on the vCenter, one sentence each. */
  leftovers(): Promise<readonly string[]>
  close(): Promise<void>
}

interface Sessions {
  /** Sessions that the gateway knows. */
  readonly open: number
  /** Sessions whose login response was lost. */
  readonly orphans: number
}

/**
 * Acceptable error codes during an outage: the vCenter is unavailable or slow, or the outcome of a change is
 * unknown.
 */
export const outageCodes: ReadonlySet<string> = new Set([
  'VCENTER_UNAVAILABLE',
  'VCENTER_TIMEOUT',
  'OPERATION_TIMEOUT',
  'OVERLOADED',
  'OUTCOME_UNKNOWN',
])
