// Checks whether a vCenter is reachable, for all sessions with it, without a login: RetrieveServiceContent needs none. So the
// probe keeps no user's session alive and sends no user's password.
//
//   a failed call of a session: counts towards opening the circuit (circuit-breaker.ts)
//   a login that failed in transport, or /ready: probes the vCenter up to 3 times, then opens the circuit

import { delay, withSignal } from '../../concurrency/timing.ts'
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

interface ReachabilityProbeOptions extends CircuitBreakerOptions, CircuitEvents {
  /** Path of the SDK on the server. @default '/sdk' */
  readonly path?: string | undefined
  /** Called after each SOAP call. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
}

export interface ReachabilityProbe {
  /** The circuit breaker of the vCenter, shared by all its sessions. */
  readonly circuitBreaker: CircuitBreaker
  /**
   * Probes the vCenter and resolves if it responds. Concurrent callers share one probe.
   * @throws CircuitOpenError if it does not respond, or at once during a known outage; VimFaultError if it responds with a fault
   */
  check(callOptions?: Pick<CallOptions, 'signal'>): Promise<void>
  /** Stops probing and closes the connection. */
  close(): Promise<void>
}

/** Attempts of one check: a single broken connection is not an outage. */
const maxAttempts = 3

/** Maximum delay between two attempts; the actual delay is random, at least half of it. */
const retryDelayMs = 400

/** Timeout of one attempt, shorter than the timeout of a typical /ready probe. */
const probeTimeoutMs = 4_000

/** @param transport a separate connection, which `close` closes */
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
        await delay((retryDelayMs * (1 + Math.random())) / 2, { ref: false })
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
