// Sends the calls of one login: queues and retries reads, sends write calls at once and increments the write version, and
// rejects all calls while the circuit is open. Also memoizes the login's session-scoped objects.

import type { FairQueue } from '../../concurrency/fair-queue.ts'
import { delay } from '../../concurrency/timing.ts'
import type { MethodArgs, MethodName, MethodResult } from '../../soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { createsServerObject, isRetryable, kindOf } from './call-kind.ts'
import type { CallOptions } from './call-options.ts'
import { type CircuitBreaker, CircuitOpenError } from './circuit-breaker.ts'
import type { Retries } from './retries.ts'
import type { SoapClient, StreamingOptions } from './soap-client.ts'

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
  /**
   * Makes a SOAP call. Reads wait in the vCenter's queue, other calls are sent at once.
   * @param streaming decodes the response as it arrives and passes its items to handlers
   */
  call<M extends MethodName>(
    method: M,
    self: ManagedObjectReference,
    args: MethodArgs<M>,
    callOptions: CallOptions,
    streaming?: StreamingOptions,
  ): Promise<MethodResult<M>>
  /** Records that a task has ended and increments the write version. Does so once per task, even if called repeatedly. */
  markTaskEnded(task: ManagedObjectReference): void
  /** Records the number of objects that a retrieval has returned. */
  recordRetrieval(objects: number): void
  /**
   * Destroys a session-scoped object in the background. Retries until the server responds or the session closes, because the
   * object would otherwise use vCenter resources until the session ends.
   */
  discard(method: 'DestroyView' | 'DestroyPropertyCollector', object: ManagedObjectReference): void
  /** Creates a session-scoped object once per name and login. Later calls return the same object; a failure is not cached. */
  memoize<T>(name: string, make: () => Promise<T>): Promise<T>
}

/** Number of ended tasks to remember. An older task may be recorded twice, which only prevents one shared retrieval. */
const maxEndedTasks = 1_000

const cleanUpTimeoutMs = 5_000
const discardRetryMs = 1_000
const maxDiscardRetryMs = 60_000

/** Counts the changes made by this identity, over all its logins. */
export interface WriteVersion {
  current: number
}

/** Dependencies shared by all logins of a session. */
export interface LoginDeps {
  readonly queue: FairQueue
  readonly circuitBreaker: CircuitBreaker
  readonly retries: Retries
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
    retries,
    writeVersion,
    onRetrieval,
    replaceLogin,
    closeSignal,
  }: LoginDeps & LoginHooks,
): Login {
  const memo = new Map<string, Promise<unknown>>()
  const endedTasks = new Set<string>()
  const bumpWriteVersion = () => {
    writeVersion.current += 1
  }
  /** Replaces the login if the call may have created an object whose reference was lost: only the end of the session destroys it. */
  const replaceIfResponseLost = (error: unknown): never => {
    const wasNotSent =
      error instanceof CircuitOpenError || (error instanceof TransportError && !error.mayHaveBeenSent)
    if (!wasNotSent && !(error instanceof VimFaultError)) replaceLogin()
    throw error
  }
  const discard = async (...[method, object]: Parameters<Login['discard']>): Promise<void> => {
    for (
      let delayMs = discardRetryMs;
      !closeSignal.aborted;
      delayMs = Math.min(2 * delayMs, maxDiscardRetryMs)
    ) {
      try {
        const callOptions = { signal: AbortSignal.timeout(cleanUpTimeoutMs) }
        await circuitBreaker.run(() => client.call(method, object, {}, callOptions))
        return
      } catch (error) {
        // The object no longer exists, or its login has ended.
        if (error instanceof VimFaultError) return
      }
      await delay(delayMs, { signal: closeSignal, ref: false })
    }
  }
  return {
    ...loginInfo,
    discard(method, object) {
      void discard(method, object)
    },
    get writeVersion() {
      return writeVersion.current
    },
    call(method, self, args, callOptions, streaming) {
      const send = (options: CallOptions = callOptions, streamingOptions = streaming) =>
        circuitBreaker.run(() => client.call(method, self, args, options, streamingOptions))
      const sendQueued = (options: CallOptions, streamingOptions: StreamingOptions | undefined) =>
        queue.run({ ...options, isHighPriority: options.caller?.isHighPriority }, () =>
          send(options, streamingOptions),
        )
      const sendWithRetries = (sendCall: typeof send | typeof sendQueued) =>
        isRetryable(method, args)
          ? retries.run(callOptions, streaming, sendCall)
          : sendCall(callOptions, streaming)
      switch (kindOf(method)) {
        case 'read':
          return sendWithRetries(sendQueued)
        case 'write':
          // Increment before and after the call: a read that started during the call may or may not include the change.
          bumpWriteVersion()
          return send().finally(bumpWriteVersion)
        case 'control':
          return createsServerObject(method) ? send().catch(replaceIfResponseLost) : sendWithRetries(send)
      }
    },
    markTaskEnded({ value }) {
      if (endedTasks.has(value)) return
      endedTasks.add(value)
      if (endedTasks.size > maxEndedTasks) endedTasks.delete(endedTasks.values().next().value as string)
      bumpWriteVersion()
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
