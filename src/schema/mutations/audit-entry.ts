// The audit record of a mutation field, which audit.ts creates.

import type { ErrorCode } from '../errors/api-error.ts'

/**
 * The outcome of a mutation, derived from the calls that it made and not from its response. `partial`: some of the calls took
 * effect; others failed or were never sent. `running`: the task had not ended when the gateway stopped watching it, or shut down.
 * `unknown`: it may have been executed. `canceled`: the client disconnected before any call was sent.
 */
export type MutationOutcome = 'success' | 'partial' | 'failed' | 'running' | 'unknown' | 'canceled'

/** The outcome for one of several virtual machines. `unchanged`: it had the requested state already, and nothing was sent. */
export type MachineOutcome = Exclude<MutationOutcome, 'partial'> | 'unchanged'

/** What a mutation of several virtual machines did to one of them. */
export interface MachineRecord {
  /** Absent if it was not found. */
  readonly moid?: string
  /** How the request named it, such as `name web-01`; only if it was not found, or is ambiguous. */
  readonly requested?: string
  readonly name?: string
  readonly outcome: MachineOutcome
  readonly code?: ErrorCode
}

/** The audit record of a mutation field. */
export interface AuditEntry {
  /** The name of the mutation field, such as `createSnapshot`. */
  readonly mutation: string
  readonly outcome: MutationOutcome
  /** The code of the error that it ended with; absent for `success` and `canceled`. */
  readonly code?: ErrorCode
  /** The virtual machine, if known. */
  readonly virtualMachine?: { readonly moid: string; readonly name?: string }
  /** The object, if known and no virtual machine. */
  readonly object?: { readonly type: string; readonly moid: string; readonly name?: string }
  /** The definition of the alarm that is acknowledged. */
  readonly alarm?: { readonly moid: string; readonly name?: string }
  /** The virtual machines of a mutation that changes several, in the order of its input. */
  readonly virtualMachines?: readonly MachineRecord[]
  /** The calls that were sent; empty if the mutation failed before its first call. */
  readonly calls: readonly {
    readonly method: string
    readonly object: string
    readonly task?: string
    readonly tag?: string
  }[]
  /** From the start of the mutation until its outcome was known. */
  readonly durationMs: number
}
