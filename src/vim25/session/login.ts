// How calls of one login go out: reads in their turn and once more if need be, changes at once and counted, none while the
// vCenter is out of reach; and what the login remembers.

import { setTimeout } from 'node:timers/promises'
import type { MethodArgs, MethodName, MethodResult } from '../../soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { createsServerObject, isRetryable, kindOf } from './call-kind.ts'
import type { CallOptions } from './call-options.ts'
import { type CircuitBreaker, CircuitOpenError } from './circuit-breaker.ts'
import type { FairQueue } from './fair-queue.ts'
import type { LoginHooks } from './login-manager.ts'
import type { Retries } from './retries.ts'
import type { SoapClient, StreamingOptions } from './soap-client.ts'

/** A login that stands. Everything remembered on it ends with it, as vSphere ends session-scoped objects. */
export interface Login {
  readonly content: DataObject<'ServiceContent'>
  /** Tells this vCenter from all others, whatever it is called: the instanceUuid, or an ESXi host's hardware uuid. */
  readonly identity: string
  /** The key of the UserSession; not the cookie. */
  readonly key: string
  readonly userName: string
  /** As of the session. */
  readonly writeVersion: number
  /** Reads wait for their turn in the vCenter's queue; all else goes out at once. */
  call<M extends MethodName>(
    method: M,
    self: ManagedObjectReference,
    args: MethodArgs<M>,
    callOptions: CallOptions,
    streaming?: StreamingOptions,
  ): Promise<MethodResult<M>>
  /** Notes that a task has ended: what was read before is of another generation. A task ends once, however often it is told. */
  markTaskEnded(task: ManagedObjectReference): void
  /** Notes how many objects a retrieval has brought. */
  recordRetrieval(objects: number): void
  /**
   * Destroys an object of the session in the background: tries until the server answers or the login ends, as what is left would
   * cost the vCenter something for as long as the session is used.
   */
  discard(method: 'DestroyView' | 'DestroyPropertyCollector', object: ManagedObjectReference): void
  /** Makes a session-scoped object once; the same name gives the same object until the login ends. */
  memoize<T>(name: string, make: () => Promise<T>): Promise<T>
}

/** Tasks whose end was noted; beyond it one may be noted twice, which costs a shared retrieval and no more. */
const maxEndedTasks = 1_000

const cleanUpTimeoutMs = 5_000
const discardRetryMs = 1_000
const maxDiscardRetryMs = 60_000

/** Counts what this identity has changed, over all its logins. */
export interface WriteVersion {
  current: number
}

/** What all logins of a session have in common. */
export interface LoginDeps {
  readonly queue: FairQueue
  readonly circuitBreaker: CircuitBreaker
  readonly retries: Retries
  readonly writeVersion: WriteVersion
  readonly onRetrieval: (objects: number) => void
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
  /** What the call created has no name here, so that only the end of the session can destroy it. */
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
        // Gone already, or with a login that has ended.
        if (error instanceof VimFaultError) return
      }
      await setTimeout(delayMs, undefined, { signal: closeSignal, ref: false }).catch(() => {})
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
        queue.run(options, () => send(options, streamingOptions))
      const sendWithRetries = (sendCall: typeof send | typeof sendQueued) =>
        isRetryable(method, args)
          ? retries.run(callOptions, streaming, sendCall)
          : sendCall(callOptions, streaming)
      switch (kindOf(method)) {
        case 'read':
          return sendWithRetries(sendQueued)
        case 'write':
          // Twice: whoever began to read meanwhile may have seen either.
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
