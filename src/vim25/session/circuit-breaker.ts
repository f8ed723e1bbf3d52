// A circuit breaker for all calls to one vCenter. While the vCenter is unreachable, calls fail at once and only periodic probes
// are sent. So no request has to wait for a timeout, and no user request serves as the probe.
//
//   closed --consecutive failures, or a failed login--> open --a probe succeeds--> closed
//                                                        '--a probe fails: a longer delay--> open

import { TransportError } from '../../transport/transport-error.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { SoapCall } from './soap-call.ts'

/** A period in which the vCenter is unreachable and no calls are sent. */
interface Outage {
  readonly since: Date
  /** The last error of a call, a login or a probe. */
  readonly error: unknown
  /** Time of the next probe; in the past while a probe is in flight. */
  readonly nextProbeAt: Date
}

/** A call was rejected because the vCenter is known to be unreachable. Nothing was sent. `cause` is the last error. */
export class CircuitOpenError extends Error {
  override name = 'CircuitOpenError' as const
  readonly since: Date

  constructor({ since, error, nextProbeAt }: Outage) {
    const next =
      nextProbeAt.getTime() > Date.now()
        ? `next attempt at ${nextProbeAt.toISOString()}`
        : 'attempt in progress'
    const why = error instanceof Error ? error.message : String(error)
    super(`the vCenter has been unreachable since ${since.toISOString()} (${next}): ${why}`, {
      cause: error,
    })
    this.since = since
  }
}

export interface CircuitBreakerOptions {
  /**
   * Number of consecutive failures that open the circuit. Concurrent failures count as one. It exceeds the attempts of one
   * read, so a single read cannot open the circuit. @default 5
   */
  readonly failureThreshold?: number
  /**
   * Maximum delay before the first probe; it grows by a factor of 1.5 with each further probe. The actual delay is random, at
   * least half of the maximum. @default 1 second
   */
  readonly initialDelayMs?: number
  /** Upper limit of the delays between probes. @default 30 seconds */
  readonly maxDelayMs?: number
}

/** Growth of the delay between probes. Recovery is detected after at most half the length of the outage. */
const backoffFactor = 1.5

export interface CircuitBreaker {
  /** The current outage; undefined while the circuit is closed. */
  readonly outage: Outage | undefined
  /** @throws CircuitOpenError during an outage */
  assertClosed(): void
  /**
   * Makes a call and records whether it succeeds.
   * @throws CircuitOpenError during an outage, without making the call
   */
  run<T>(call: () => Promise<T>): Promise<T>
  /**
   * Starts an outage without waiting for further failures: after a failed login, which must not be repeated for each request,
   * or after failed probes.
   */
  open(error: unknown): void
  /** Stops probing. */
  close(): void
}

export interface CircuitEvents {
  /** Called when an outage starts, and when a probe fails with another error than the one before. */
  readonly onOpen: (error: unknown) => void
  /** Called when an outage ends. */
  readonly onClose: () => void
}

interface CircuitBreakerDeps extends CircuitBreakerOptions, CircuitEvents {
  /** Resolves if the vCenter responds, rejects if it does not. */
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
    // Random, so that several gateways that lost the same vCenter do not reconnect at the same time.
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
        // A fault is a response too, so the vCenter is reachable.
        if (error instanceof VimFaultError) failureCount = 0
        // Count concurrent failures once: many calls may have shared one broken connection.
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

/** Rejects calls during an outage, and counts the others. */
export function withCircuitBreaker(circuitBreaker: CircuitBreaker, call: SoapCall): SoapCall {
  return (...request) => circuitBreaker.run(() => call(...request))
}

/** A response that is too large is no failure: the vCenter has responded. */
const isFailure = (error: unknown): boolean => error instanceof TransportError && error.code !== 'TOO_LARGE'
