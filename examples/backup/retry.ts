// Repeats what failed for a reason that may pass: a connection that broke, or an error that is marked as retryable.

import { setTimeout as sleep } from 'node:timers/promises'

/** An error that the gateway or the vCenter reported. */
export class ReportedError extends Error {
  /** Such as `CHANGE_ID_STALE`, or an HTTP status. */
  readonly code: string
  readonly retryable: boolean

  constructor(message: string, code: string, retryable: boolean) {
    super(message)
    this.code = code
    this.retryable = retryable
  }
}

export interface RetryOptions {
  /** Before the attempts after the first, in milliseconds. */
  readonly delays?: readonly number[]
  /** Ends the delays. */
  readonly signal?: AbortSignal
}

export async function retry<T>(
  { delays = [1_000, 2_000, 5_000, 10_000, 30_000], signal }: RetryOptions,
  work: () => Promise<T>,
): Promise<T> {
  for (const delay of delays)
    try {
      return await work()
    } catch (error) {
      if (!mayPass(error)) throw error
      await sleep(delay, undefined, signal && { signal })
    }
  return work()
}

/** Errors of the network have a code such as ECONNRESET. */
function mayPass(error: unknown): boolean {
  if (error instanceof ReportedError) return error.retryable
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' && /^E[A-Z]+$/.test(code)
}
