// A login and its calls: composes them from the client and the decorators, memoizes session-scoped objects, and destroys those
// that are no longer needed.

import type { FairQueue } from '../../concurrency/fair-queue.ts'
import { delay } from '../../concurrency/timing.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import {
  type WriteVersion,
  withFairQueue,
  withLoginReplacement,
  withWriteVersion,
} from './call-decorators.ts'
import { type CircuitBreaker, withCircuitBreaker } from './circuit-breaker.ts'
import { provesNotExecuted } from './fault-evidence.ts'
import { type RetryBudget, withRetries } from './retries.ts'
import type { SoapCall } from './soap-call.ts'
import type { SoapClient } from './soap-client.ts'

type DestroyMethod = 'DestroyView' | 'DestroyPropertyCollector' | 'DestroyCollector'

/** A successful login. Everything memoized on it ends with it, because vSphere destroys session-scoped objects with the session. */
export interface Login {
  readonly content: DataObject<'ServiceContent'>
  /** Identifies the vCenter independently of its host name: the instanceUuid, or the hardware UUID of an ESXi host. */
  readonly identity: string
  /** The key of the UserSession; not the cookie. */
  readonly key: string
  readonly userName: string
  /** See `Session.writeVersion`. */
  readonly writeVersion: number
  /** Makes a SOAP call. Reads wait in the vCenter's queue, other calls are sent at once. */
  readonly call: SoapCall
  /** Records that a task has ended and increments the write version. Does so once per task, even if called repeatedly. */
  markTaskEnded(task: ManagedObjectReference): void
  /** Records the number of objects that a retrieval has returned. */
  recordRetrieval(objects: number): void
  /**
   * Destroys a session-scoped object in the background. Retries until the server responds or the session closes, because the
   * object would otherwise use vCenter resources until the session ends.
   */
  discard(method: DestroyMethod, object: ManagedObjectReference): void
  /** Destroys a session-scoped object as `discard` does. Resolves when it is destroyed, or when the session closes. */
  destroy(method: DestroyMethod, object: ManagedObjectReference): Promise<void>
  /** Creates a session-scoped object once per name and login. Later calls return the same object; a failure is not cached. */
  memoize<T>(name: string, make: () => Promise<T>): Promise<T>
}

/** Number of ended tasks to remember. An older task may be recorded twice, which only prevents one shared retrieval. */
const maxEndedTasks = 1_000

const cleanUpTimeoutMs = 5_000
const discardRetryMs = 1_000
const maxDiscardRetryMs = 60_000

/** Dependencies shared by all logins of a session. */
export interface LoginDeps {
  readonly queue: FairQueue
  readonly circuitBreaker: CircuitBreaker
  readonly retryBudget: RetryBudget
  readonly writeVersion: WriteVersion
  readonly onRetrieval: (objects: number) => void
}

/** What a login and the session that holds it report to each other. */
export interface LoginHooks {
  /** Aborted when the session closes. This stops the calls before Login, but not a Login that was sent. */
  readonly closeSignal: AbortSignal
  /** Replaces the login by a new one, because the server holds objects of it whose references were lost. */
  readonly replaceLogin: () => void
}

export function createLogin(
  client: SoapClient,
  loginInfo: Pick<Login, 'content' | 'identity' | 'key' | 'userName'>,
  {
    queue,
    circuitBreaker,
    retryBudget,
    writeVersion,
    onRetrieval,
    replaceLogin,
    closeSignal,
  }: LoginDeps & LoginHooks,
): Login {
  const memo = new Map<string, Promise<unknown>>()
  const endedTasks = new Set<string>()
  const callDirectly = withCircuitBreaker(circuitBreaker, client.call)
  // Each attempt of a read is queued separately, so that it occupies no slot while it waits for the next.
  const callWithRetries = withRetries(retryBudget, withFairQueue(queue, callDirectly))
  const call = withWriteVersion(writeVersion, withLoginReplacement(replaceLogin, callWithRetries))
  const destroy = async (...[method, object]: Parameters<Login['destroy']>): Promise<void> => {
    for (
      let delayMs = discardRetryMs;
      !closeSignal.aborted;
      delayMs = Math.min(2 * delayMs, maxDiscardRetryMs)
    ) {
      try {
        const callOptions = { signal: AbortSignal.timeout(cleanUpTimeoutMs) }
        await callDirectly(method, object, {}, callOptions)
        return
      } catch (error) {
        // The object no longer exists, its login has ended, or the call would be rejected again. After any other fault, such as
        // SystemError, the object may still exist.
        if (error instanceof VimFaultError && provesNotExecuted(error, 'synchronous')) return
      }
      await delay(delayMs, { signal: closeSignal, ref: false })
    }
  }
  return {
    ...loginInfo,
    discard(method, object) {
      void destroy(method, object)
    },
    destroy,
    get writeVersion() {
      return writeVersion.current
    },
    call,
    markTaskEnded({ value }) {
      if (endedTasks.has(value)) return
      endedTasks.add(value)
      if (endedTasks.size > maxEndedTasks) endedTasks.delete(endedTasks.values().next().value as string)
      writeVersion.current += 1
    },
    recordRetrieval: onRetrieval,
    memoize<T>(name: string, make: () => Promise<T>): Promise<T> {
      let promise = memo.get(name) as Promise<T> | undefined
      if (!promise) {
        const promiseOfValue = make()
        promise = promiseOfValue
        memo.set(name, promiseOfValue)
        promiseOfValue.catch(() => memo.get(name) === promiseOfValue && memo.delete(name))
      }
      return promise
    },
  }
}
