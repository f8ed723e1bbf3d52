// Whether a vCenter can be reached, as all sessions with it together know it, found out without a user name:
// RetrieveServiceContent is for anyone. So nobody's session is kept alive for it, and nobody's password is tried.
//
//   a call of a session that fails: one of those that make an outage (circuit-breaker.ts)
//   a login that fails on its way, or /ready: the vCenter is asked now, a few times, and then it is known

import { setTimeout } from 'node:timers/promises'
import type { Transport } from '../../transport/transport.ts'
import { abortable } from './with-signal.ts'
import type { CallRecord, CallScope } from './call-options.ts'
import {
  createReachability,
  OutageError,
  type Reachability,
  type ReachabilityNews,
  type ReachabilityOptions,
} from './circuit-breaker.ts'
import { createSoapClient } from './soap-client.ts'
import { serviceInstance } from './established-login.ts'
import { oldestVersion } from './api-version.ts'
import { VimFaultError } from '../vim-fault-error.ts'

interface ReachOptions extends ReachabilityOptions, ReachabilityNews {
  /** Where the SDK is on the server. @default '/sdk' */
  readonly path?: string | undefined
  /** Told of each call. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
}

export interface Reach {
  /** Of the vCenter: each session has its calls watched by it. */
  readonly reachability: Reachability
  /**
   * Resolves when the vCenter answers now. Whoever asks meanwhile waits for the same answer.
   * @throws OutageError when it does not, also without asking while that is known; VimFaultError when that is its answer.
   */
  ask(scope?: Pick<CallScope, 'signal'>): Promise<void>
  /** Asks no more. */
  close(): Promise<void>
}

/** One broken connection is no outage: tried so often. */
const mostTries = 3

/** Between two tries at most; half of it at least. */
const pauseMs = 400

/** How long an answer may take: not as long as a probe of /ready waits. */
const patienceMs = 4_000

/** @param transport a connection of its own, which it closes */
export function createReach(
  transport: Transport,
  { path = '/sdk', onCall, ...options }: ReachOptions,
): Reach {
  const client = createSoapClient(transport, { version: oldestVersion, path, onCall })
  const askOnce = async () => {
    await client.call('RetrieveServiceContent', serviceInstance, {}, { timeoutMs: patienceMs })
  }
  const reachability = createReachability({ ...options, probe: askOnce })
  let asking: Promise<void> | undefined

  async function askUntilKnown(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await reachability.watch(askOnce)
      } catch (error) {
        if (error instanceof OutageError || error instanceof VimFaultError) throw error
        if (attempt === mostTries) {
          reachability.begin(error)
          reachability.check()
          throw error
        }
        await setTimeout((pauseMs * (1 + Math.random())) / 2, undefined, { ref: false })
      }
    }
  }

  return {
    reachability,
    ask({ signal } = {}) {
      asking ??= askUntilKnown().finally(() => {
        asking = undefined
      })
      return abortable(asking, signal)
    },
    async close() {
      reachability.close()
      await transport.close()
    },
  }
}
