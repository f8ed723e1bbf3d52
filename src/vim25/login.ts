// How calls of one login go out: reads in their turn and once more if need be, changes at once and counted, none while the
// vCenter is out of reach; and what the login remembers.

import { isRepeatable, kindOf } from './call-kind.ts'
import type { CallQueue } from './call-queue.ts'
import type { CallScope } from './call-scope.ts'
import type { Reachability } from './reachability.ts'
import type { Retries } from './retries.ts'
import type { Login } from './session.ts'
import type { Arriving, SoapClient } from './soap-client.ts'

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
