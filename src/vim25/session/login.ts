// How calls of one login go out: reads in their turn and once more if need be, changes at once and counted, none while the
// vCenter is out of reach; and what the login remembers.

import { setTimeout } from 'node:timers/promises'
import type { MethodArgs, MethodName, MethodResult } from '../../soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { createsUnnamed, isRepeatable, kindOf } from './call-kind.ts'
import type { CallQueue } from './fair-queue.ts'
import type { CallScope } from './call-options.ts'
import type { LoginHooks } from './login-manager.ts'
import { OutageError, type Reachability } from './circuit-breaker.ts'
import type { Retries } from './retries.ts'
import type { Arriving, SoapClient } from './soap-client.ts'
import { VimFaultError } from '../vim-fault-error.ts'

/** A login that stands. Everything remembered on it ends with it, as vSphere ends session-scoped objects. */
export interface Login {
  readonly content: DataObject<'ServiceContent'>
  /** Tells this vCenter from all others, whatever it is called: the instanceUuid, or an ESXi host's hardware uuid. */
  readonly identity: string
  /** The key of the UserSession; not the cookie. */
  readonly key: string
  readonly userName: string
  /** As of the session. */
  readonly generation: number
  /** Reads wait for their turn in the vCenter's queue; all else goes out at once. */
  call<M extends MethodName>(
    method: M,
    self: ManagedObjectReference,
    args: MethodArgs<M>,
    scope: CallScope,
    arriving?: Arriving,
  ): Promise<MethodResult<M>>
  /** Notes that a task has ended: what was read before is of another generation. A task ends once, however often it is told. */
  noteEnd(task: ManagedObjectReference): void
  /** Notes how many objects a retrieval has brought. */
  noteRetrieval(objects: number): void
  /**
   * Destroys an object of the session in the background: tries until the server answers or the login ends, as what is left would
   * cost the vCenter something for as long as the session is used.
   */
  discard(method: 'DestroyView' | 'DestroyPropertyCollector', object: ManagedObjectReference): void
  /** Makes a session-scoped object once; the same name gives the same object until the login ends. */
  once<T>(name: string, make: () => Promise<T>): Promise<T>
}

/** Tasks whose end was noted; beyond it one may be noted twice, which costs a shared retrieval and no more. */
const mostEnded = 1_000

const cleanUpMs = 5_000
const discardPauseMs = 1_000
const maxDiscardPauseMs = 60_000

/** Counts what this identity has changed, over all its logins. */
export interface Generation {
  current: number
}

/** What all logins of a session have in common. */
export interface LoginParts {
  readonly queue: CallQueue
  readonly reachability: Reachability
  readonly retries: Retries
  readonly generation: Generation
  readonly onRetrieval: (objects: number) => void
}

export function createLogin(
  client: SoapClient,
  facts: Pick<Login, 'content' | 'identity' | 'key' | 'userName'>,
  { queue, reachability, retries, generation, onRetrieval, renew, unwanted }: LoginParts & LoginHooks,
): Login {
  const made = new Map<string, Promise<unknown>>()
  const ended = new Set<string>()
  const moveOn = () => {
    generation.current += 1
  }
  /** What the call created has no name here, so that only the end of the session can destroy it. */
  const renewIfLost = (error: unknown): never => {
    const wasNotSent =
      error instanceof OutageError || (error instanceof TransportError && !error.mayHaveBeenSent)
    if (!wasNotSent && !(error instanceof VimFaultError)) renew()
    throw error
  }
  const discard = async (...[method, object]: Parameters<Login['discard']>): Promise<void> => {
    for (
      let pauseMs = discardPauseMs;
      !unwanted.aborted;
      pauseMs = Math.min(2 * pauseMs, maxDiscardPauseMs)
    ) {
      try {
        const scope = { signal: AbortSignal.timeout(cleanUpMs) }
        await reachability.watch(() => client.call(method, object, {}, scope))
        return
      } catch (error) {
        // Gone already, or with a login that has ended.
        if (error instanceof VimFaultError) return
      }
      await setTimeout(pauseMs, undefined, { signal: unwanted, ref: false }).catch(() => {})
    }
  }
  return {
    ...facts,
    discard(method, object) {
      void discard(method, object)
    },
    get generation() {
      return generation.current
    },
    call(method, self, args, scope, arriving) {
      const send = (by: CallScope = scope, arrives = arriving) =>
        reachability.watch(() => client.call(method, self, args, by, arrives))
      const sendInTurn = (by: CallScope, arrives: Arriving | undefined) =>
        queue.run(by, () => send(by, arrives))
      const repeatedly = (way: typeof send | typeof sendInTurn) =>
        isRepeatable(method, args) ? retries.run(scope, arriving, way) : way(scope, arriving)
      switch (kindOf(method)) {
        case 'read':
          return repeatedly(sendInTurn)
        case 'change':
          // Twice: whoever began to read meanwhile may have seen either.
          moveOn()
          return send().finally(moveOn)
        case 'upkeep':
          return createsUnnamed(method) ? send().catch(renewIfLost) : repeatedly(send)
      }
    },
    noteEnd({ value }) {
      if (ended.has(value)) return
      ended.add(value)
      if (ended.size > mostEnded) ended.delete(ended.values().next().value as string)
      moveOn()
    },
    noteRetrieval: onRetrieval,
    once<T>(name: string, make: () => Promise<T>): Promise<T> {
      let promise = made.get(name) as Promise<T> | undefined
      if (!promise) {
        const making = make()
        promise = making
        made.set(name, making)
        making.catch(() => made.get(name) === making && made.delete(name))
      }
      return promise
    },
  }
}
