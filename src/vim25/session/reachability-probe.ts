// Whether a vCenter can be reached, as all sessions with it together know it, found out without a user name:
// RetrieveServiceContent is for anyone. So nobody's session is kept alive for it, and nobody's password is tried.
//
//   a call of a session that fails: one of those that make an outage (circuit-breaker.ts)
//   a login that fails on its way, or /ready: the vCenter is asked now, a few times, and then it is known

import { setTimeout } from 'node:timers/promises'
import type { Transport } from '../../transport/transport.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { oldestVersion } from './api-version.ts'
import type { CallOptions, CallRecord } from './call-options.ts'
import {
  type CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitEvents,
  CircuitOpenError,
  createCircuitBreaker,
} from './circuit-breaker.ts'
import { serviceInstance } from './established-login.ts'
import { createSoapClient } from './soap-client.ts'
import { withSignal } from './with-signal.ts'

interface ReachabilityProbeOptions extends CircuitBreakerOptions, CircuitEvents {
  /** Where the SDK is on the server. @default '/sdk' */
  readonly path?: string | undefined
  /** Told of each call. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
}

export interface ReachabilityProbe {
  /** Of the vCenter: each session has its calls watched by it. */
  readonly circuitBreaker: CircuitBreaker
  /**
   * Resolves when the vCenter answers now. Whoever asks meanwhile waits for the same answer.
   * @throws CircuitOpenError when it does not, also without asking while that is known; VimFaultError when that is its answer.
   */
  check(callOptions?: Pick<CallOptions, 'signal'>): Promise<void>
  /** Asks no more. */
  close(): Promise<void>
}

/** One broken connection is no outage: tried so often. */
const maxAttempts = 3

/** Between two tries at most; half of it at least. */
const retryDelayMs = 400

/** How long an answer may take: not as long as a probe of /ready waits. */
const probeTimeoutMs = 4_000

/** @param transport a connection of its own, which it closes */
export function createReachabilityProbe(
  transport: Transport,
  { path = '/sdk', onCall, ...options }: ReachabilityProbeOptions,
): ReachabilityProbe {
  const client = createSoapClient(transport, { version: oldestVersion, path, onCall })
  const probeOnce = async () => {
    await client.call('RetrieveServiceContent', serviceInstance, {}, { timeoutMs: probeTimeoutMs })
  }
  const circuitBreaker = createCircuitBreaker({ ...options, probe: probeOnce })
  let inFlight: Promise<void> | undefined

  async function probeUntilKnown(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await circuitBreaker.run(probeOnce)
      } catch (error) {
        if (error instanceof CircuitOpenError || error instanceof VimFaultError) throw error
        if (attempt === maxAttempts) {
          circuitBreaker.open(error)
          circuitBreaker.assertClosed()
          throw error
        }
        await setTimeout((retryDelayMs * (1 + Math.random())) / 2, undefined, { ref: false })
      }
    }
  }

  return {
    circuitBreaker,
    check({ signal } = {}) {
      inFlight ??= probeUntilKnown().finally(() => {
        inFlight = undefined
      })
      return withSignal(inFlight, signal)
    },
    async close() {
      circuitBreaker.close()
      await transport.close()
    },
  }
}
