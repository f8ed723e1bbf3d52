// The oracle for mutations: compares what the client and the audit log report with what the simulator did.

import type { ExecutionResult } from 'graphql'
import type { LogFields } from '../../src/observability/log.ts'
import type { MutationCase } from './mutation-cases.ts'
import { claimsSuccess, type PowerResult } from './power-cases.ts'
import { codeViolations, errorsOf } from './read-oracle.ts'

export const isRetryable = (response: ExecutionResult): boolean =>
  errorsOf(response).some(({ extensions }) => extensions.retryable === true) ||
  powerResultOf(response)?.error?.retryable === true

/** The result of changePower, whose errors are data. */
const powerResultOf = ({ data }: ExecutionResult): PowerResult | undefined =>
  (data as { changePower?: { results: PowerResult[] } | null } | null | undefined)?.changePower?.results[0]

/** One mutation that a client sent, with its effect on the simulator after all delayed calls. */
export interface SentMutation {
  readonly response: ExecutionResult
  /** How often its change was made, at any time. */
  readonly effects: number
  /** Whether the inventory is as expected after one success. */
  readonly isApplied: boolean
  /** Whether the call was executed after the response had been sent. */
  readonly isLate: boolean
  /** Whether the scenario disturbs a call that cleans up after the change. */
  readonly isCleanup: boolean
  readonly audit: LogFields | undefined
}

/** Returns what the response and the audit log report incorrectly about one mutation. */
export function mutationViolations(
  mutation: MutationCase,
  { response, effects, isApplied, isLate, isCleanup, audit }: SentMutation,
): string[] {
  const { field } = mutation
  const violations: string[] = [...codeViolations(response)]
  const powerResult = powerResultOf(response)
  type Payload = { task?: { state: string } | null; activated?: boolean | null }
  const payload = (response.data as Record<string, Payload | null> | null)?.[field]
  const errors = errorsOf(response)
  const codes = [
    ...errors.map(({ extensions, message }) => `${extensions.code} (${message})`),
    ...(powerResult?.error ? [`${powerResult.error.code} (${powerResult.error.message})`] : []),
  ].join(', ')
  const state = payload?.task?.state
  const isSuccess = powerResult
    ? claimsSuccess(mutation, powerResult)
    : Boolean(payload) && (state === undefined || state === 'SUCCESS')
  // A change that was not needed has no task; a power action is not needed if another call has made it.
  const wasNeeded = (powerResult ? effects > 0 : payload?.task !== null) || !isApplied
  if (isSuccess && effects !== 1 && wasNeeded) violations.push(`success, but done ${effects} times`)
  if (!payload && errors.length === 0) violations.push('neither a payload nor an error')
  if (effects > 0 && isRetryable(response))
    violations.push(`retryable, but executed${isLate ? ' later' : ''}: ${codes}`)
  if (!audit) return [...violations, 'no line in the audit']
  if (audit.outcome === 'success' && effects !== 1 && wasNeeded)
    violations.push(`audit: success, but done ${effects} times`)
  if ((audit.outcome === 'failed' || audit.outcome === 'canceled') && effects > 0 && !isCleanup)
    violations.push(
      `audit: ${audit.outcome} ${audit.code ?? ''}, but executed${isLate ? ' later' : ''}: ${codes}`,
    )
  // If the start of tracking could not be read, both report that.
  const isUnconfirmed = payload?.activated === null && audit.outcome === 'partial'
  if (isSuccess && audit.outcome !== 'success' && !isUnconfirmed)
    violations.push(`success, but audit: ${audit.outcome}`)
  return violations
}
