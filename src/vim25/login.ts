// How calls of one login go out: reads in their turn and once more if need be, changes at once and counted, none while the
// vCenter is out of reach; and what the login remembers.

import type { MethodArgs, MethodName, MethodResult } from '../soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import { isRepeatable, kindOf } from './call-kind.ts'
import type { CallQueue } from './call-queue.ts'
import type { CallScope } from './call-scope.ts'
import type { Reachability } from './reachability.ts'
import type { Retries } from './retries.ts'
import type { Arriving, SoapClient } from './soap-client.ts'

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
  /** Makes a session-scoped object once; the same name gives the same object until the login ends. */
  once<T>(name: string, make: () => Promise<T>): Promise<T>
}

/** Tasks whose end was noted; beyond it one may be noted twice, which costs a shared retrieval and no more. */
const mostEnded = 1_000

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
  { queue, reachability, retries, generation, onRetrieval }: LoginParts,
): Login {
  const made = new Map<string, Promise<unknown>>()
  const ended = new Set<string>()
  const moveOn = () => {
    generation.current += 1
  }
  return {
    ...facts,
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
          return repeatedly(send)
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
