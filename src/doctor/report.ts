// The report of `doctor`: its shape as JSON, and its exit code. It contains numbers, versions, and sentences of this program, and
// nothing that the vCenter or the settings name: no host, address, user, object, moid or UUID.

/** Increments when a field is removed or changes its meaning. */
export const reportSchemaVersion = 1

/**
 * - `ok`: checked, nothing to do.
 * - `problem`: something to do.
 * - `unknown`: the check gave no result, for example because the account may not read what it needs.
 * - `skipped`: does not apply here, or needs a check that failed.
 */
export type CheckStatus = 'ok' | 'problem' | 'unknown' | 'skipped'

type Fact = string | number | boolean | null | Readonly<Record<string, number>> | readonly string[]

export interface CheckReport {
  readonly id: string
  readonly title: string
  readonly status: CheckStatus
  /** What was found, in sentences. */
  readonly found: readonly string[]
  /** What to do, in sentences; empty if there is nothing to do. */
  readonly todo: readonly string[]
  /** The same as values for programs. */
  readonly facts: Readonly<Record<string, Fact>>
}

/**
 * - `confirmed`: the server behaves as assumed.
 * - `differs`: it behaves differently.
 * - `unknown`: the probe gave no result.
 * - `skipped`: the server has nothing to probe it with.
 * - `notProbed`: it cannot be probed without a change.
 */
type AssumptionResult = 'confirmed' | 'differs' | 'unknown' | 'skipped' | 'notProbed'

export interface AssumptionReport {
  readonly id: string
  /** What the gateway assumes of a real server. */
  readonly assumed: string
  /** How it is probed, or why it is not. */
  readonly probe: string
  readonly result: AssumptionResult
  /** What the server did; empty if it was not probed. */
  readonly observed: string
}

export interface DoctorReport {
  readonly schemaVersion: typeof reportSchemaVersion
  readonly program: { readonly version: string; readonly node: string }
  /** ISO 8601, UTC, by the clock of this machine. */
  readonly startedAt: string
  readonly durationMs: number
  /** Why checks are missing; null if all were made. */
  readonly endedBy: 'signal' | 'timeout' | null
  readonly exitCode: 0 | 1
  readonly checks: readonly CheckReport[]
  readonly assumptions: readonly AssumptionReport[]
  /** Number of calls of each method, over all checks. */
  readonly calls: Readonly<Record<string, number>>
}

/** Returns 1 if there is a problem, or if checks are missing. */
export const exitCodeOf = (
  checks: readonly Pick<CheckReport, 'status'>[],
  endedBy: DoctorReport['endedBy'],
): 0 | 1 => (endedBy !== null || checks.some(({ status }) => status === 'problem') ? 1 : 0)
