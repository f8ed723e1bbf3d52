// Whether a vCenter can be reached, as all calls together know it. While it cannot, nothing is sent to it but a probe of our
// own now and then: no request finds out anew by waiting for a time limit, and nobody's query is the probe.
//
//   reachable --failures in a row, or a login that failed--> out --a probe succeeds--> reachable
//                                                             '--a probe fails: a longer pause--> out

import { TransportError } from '../../transport/transport-error.ts'
import { VimFaultError } from '../vim-fault-error.ts'

/** A time in which the vCenter is not asked. */
interface Outage {
  readonly since: Date
  /** What went wrong last: with a call, with logging in, with a probe. */
  readonly error: unknown
  /** When the next probe is sent; in the past while one is under way. */
  readonly nextProbeAt: Date
}

/** What is not asked because the vCenter is known to be out of reach. Nothing was sent. `cause` is what went wrong last. */
export class CircuitOpenError extends Error {
  override name = 'CircuitOpenError' as const
  readonly since: Date

  constructor({ since, error, nextProbeAt }: Outage) {
    const next =
      nextProbeAt.getTime() > Date.now() ? `again at ${nextProbeAt.toISOString()}` : 'again just now'
    const why = error instanceof Error ? error.message : String(error)
    super(`the vCenter has been out of reach since ${since.toISOString()} and is tried ${next}: ${why}`, {
      cause: error,
    })
    this.since = since
  }
}

export interface CircuitBreakerOptions {
  /**
   * How many calls in a row must fail before no more are made. Those that were under way together count as one; all tries of
   * one read are not enough. @default 5
   */
  readonly failureThreshold?: number
  /** The longest pause before the first probe; each pause is half of it at least, and each is half as long again as the one before. @default 1 second */
  readonly initialDelayMs?: number
  /** No pause is longer. @default 30 seconds */
  readonly maxDelayMs?: number
}

/** By how much each pause is longer than the one before: who waits is told of the end of an outage after half its length at most. */
const backoffFactor = 1.5

export interface CircuitBreaker {
  /** The outage that goes on. */
  readonly outage: Outage | undefined
  /** @throws CircuitOpenError while there is an outage. */
  assertClosed(): void
  /** Makes a call, unless there is an outage, and learns from how it ends. */
  run<T>(call: () => Promise<T>): Promise<T>
  /** An outage begins: to log in has failed, which must not be tried again for each who asks, or it was asked on purpose. */
  open(error: unknown): void
  /** Probes no more. */
  close(): void
}

export interface CircuitEvents {
  /** Told when an outage begins, and whenever a probe fails for another reason than the one before. */
  readonly onOpen: (error: unknown) => void
  readonly onClose: () => void
}

interface CircuitBreakerDeps extends CircuitBreakerOptions, CircuitEvents {
  /** Tries whether the vCenter answers. */
  readonly probe: () => Promise<void>
}

export function createCircuitBreaker({
  failureThreshold = 5,
  initialDelayMs = 1_000,
  maxDelayMs = 30_000,
  probe,
  onOpen,
  onClose,
}: CircuitBreakerDeps): CircuitBreaker {
  let failureCount = 0
  let outage: Outage | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  function assertClosed(): void {
    if (outage) throw new CircuitOpenError(outage)
  }

  function open(error: unknown): void {
    if (outage || isClosed) return
    onOpen(error)
    scheduleProbe({ since: new Date(), error }, initialDelayMs)
  }

  function scheduleProbe(outageInfo: Pick<Outage, 'since' | 'error'>, currentMaxDelayMs: number): void {
    // Gateways that lost the same vCenter do not come back to it all at once.
    const delayMs = (currentMaxDelayMs * (1 + Math.random())) / 2
    outage = { ...outageInfo, nextProbeAt: new Date(Date.now() + delayMs) }
    timer = setTimeout(() => void runProbe(outageInfo, currentMaxDelayMs), delayMs)
  }

  async function runProbe(
    { since, error: last }: Pick<Outage, 'since' | 'error'>,
    currentMaxDelayMs: number,
  ) {
    try {
      await probe()
    } catch (error) {
      if (isClosed) return
      if (String(error) !== String(last)) onOpen(error)
      scheduleProbe({ since, error }, Math.min(currentMaxDelayMs * backoffFactor, maxDelayMs))
      return
    }
    if (isClosed) return
    outage = undefined
    failureCount = 0
    onClose()
  }

  return {
    get outage() {
      return outage
    },
    assertClosed,
    async run(call) {
      assertClosed()
      const failuresBefore = failureCount
      try {
        const result = await call()
        failureCount = 0
        return result
      } catch (error) {
        // What answers, and be it with a fault, can be reached.
        if (error instanceof VimFaultError) failureCount = 0
        // One broken connection may have carried many calls.
        else if (isFailure(error) && failureCount === failuresBefore) failureCount += 1
        if (failureCount >= failureThreshold) open(error)
        throw error
      }
    },
    open,
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** An answer that is too large was one. */
const isFailure = (error: unknown): boolean => error instanceof TransportError && error.code !== 'TOO_LARGE'
