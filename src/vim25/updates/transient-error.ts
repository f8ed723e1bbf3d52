// The one rule for the errors that a subscription survives, and how long it waits before it reads again after one.

import { RequestEncodingError, SoapError } from '../../soap/soap-error.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { CircuitOpenError } from '../session/circuit-breaker.ts'
import { VimFaultError } from '../vim-fault-error.ts'

// Faults that may be over when the call is repeated, perhaps with another session or collector. vSphere would raise every other
// fault again.
const transientFaults = [
  'NotAuthenticated',
  'ManagedObjectNotFound',
  'InvalidCollectorVersion',
  'RequestCanceled',
  'HostCommunication',
  'SystemError',
  'Timedout',
]

/** Whether the same read may succeed later: the vCenter was not reached, gave no usable response, or raised a fault that passes. */
export const isTransient = (error: unknown): boolean =>
  error instanceof TransportError ||
  error instanceof CircuitOpenError ||
  (error instanceof SoapError && !(error instanceof RequestEncodingError)) ||
  (error instanceof VimFaultError && transientFaults.some((faultName) => error.is(faultName)))

/** Delays before a failed read of a subscription is repeated, in milliseconds. */
export const defaultRereadDelays: readonly number[] = [1_000, 2_000, 5_000, 10_000, 30_000]

/** The delays of one subscription. They grow with each failure in a row, so that a vCenter in trouble is not loaded by retries. */
export class RereadDelays {
  readonly #delays: readonly number[]
  #failures = 0

  constructor(delays: readonly number[] = defaultRereadDelays) {
    this.#delays = delays
  }

  /** Returns the delay after a failure. An open circuit sends nothing, so its delay does not grow: its end is noticed soon. */
  after(error: unknown): number {
    const index = error instanceof CircuitOpenError ? 0 : this.#failures++
    return this.#delays[Math.min(index, this.#delays.length - 1)] ?? 0
  }

  /** Begins with the first delay again, after a read that succeeded. */
  reset(): void {
    this.#failures = 0
  }
}
