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
  readonly nextTryAt: Date
}

/** What is not asked because the vCenter is known to be out of reach. Nothing was sent. `cause` is what went wrong last. */
export class OutageError extends Error {
  override name = 'OutageError' as const
  readonly since: Date

  constructor({ since, error, nextTryAt }: Outage) {
    const next = nextTryAt.getTime() > Date.now() ? `again at ${nextTryAt.toISOString()}` : 'again just now'
    const why = error instanceof Error ? error.message : String(error)
    super(`the vCenter has been out of reach since ${since.toISOString()} and is tried ${next}: ${why}`, {
      cause: error,
    })
    this.since = since
  }
}

export interface ReachabilityOptions {
  /**
   * How many calls in a row must fail before no more are made. Those that were under way together count as one; all tries of
   * one read are not enough. @default 5
   */
  readonly failures?: number
  /** The longest pause before the first probe; each pause is half of it at least, and each is half as long again as the one before. @default 1 second */
  readonly firstPauseMs?: number
  /** No pause is longer. @default 30 seconds */
  readonly longestPauseMs?: number
}

/** By how much each pause is longer than the one before: who waits is told of the end of an outage after half its length at most. */
const growth = 1.5

export interface Reachability {
  /** The outage that goes on. */
  readonly outage: Outage | undefined
  /** @throws OutageError while there is an outage. */
  check(): void
  /** Makes a call, unless there is an outage, and learns from how it ends. */
  watch<T>(call: () => Promise<T>): Promise<T>
  /** An outage begins: to log in has failed, which must not be tried again for each who asks, or it was asked on purpose. */
  begin(error: unknown): void
  /** Probes no more. */
  close(): void
}

export interface ReachabilityNews {
  /** Told when an outage begins, and whenever a probe fails for another reason than the one before. */
  readonly onLost: (error: unknown) => void
  readonly onBack: () => void
}

interface ReachabilityParts extends ReachabilityOptions, ReachabilityNews {
  /** Tries whether the vCenter answers. */
  readonly probe: () => Promise<void>
}

export function createReachability({
  failures: most = 5,
  firstPauseMs = 1_000,
  longestPauseMs = 30_000,
  probe,
  onLost,
  onBack,
}: ReachabilityParts): Reachability {
  let failures = 0
  let outage: Outage | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  function check(): void {
    if (outage) throw new OutageError(outage)
  }

  function begin(error: unknown): void {
    if (outage || isClosed) return
    onLost(error)
    wait({ since: new Date(), error }, firstPauseMs)
  }

  function wait(known: Pick<Outage, 'since' | 'error'>, longestMs: number): void {
    // Gateways that lost the same vCenter do not come back to it all at once.
    const pauseMs = (longestMs * (1 + Math.random())) / 2
    outage = { ...known, nextTryAt: new Date(Date.now() + pauseMs) }
    timer = setTimeout(() => void tryAgain(known, longestMs), pauseMs)
  }

  async function tryAgain({ since, error: last }: Pick<Outage, 'since' | 'error'>, longestMs: number) {
    try {
      await probe()
    } catch (error) {
      if (isClosed) return
      if (String(error) !== String(last)) onLost(error)
      wait({ since, error }, Math.min(longestMs * growth, longestPauseMs))
      return
    }
    if (isClosed) return
    outage = undefined
    failures = 0
    onBack()
  }

  return {
    get outage() {
      return outage
    },
    check,
    async watch(call) {
      check()
      const before = failures
      try {
        const result = await call()
        failures = 0
        return result
      } catch (error) {
        // What answers, and be it with a fault, can be reached.
        if (error instanceof VimFaultError) failures = 0
        // One broken connection may have carried many calls.
        else if (isFailure(error) && failures === before) failures += 1
        if (failures >= most) begin(error)
        throw error
      }
    },
    begin,
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** An answer that is too large was one. */
const isFailure = (error: unknown): boolean => error instanceof TransportError && error.code !== 'TOO_LARGE'
