// The fetcher of GraphiQL: sends operations and records them as runs of the active tab.

import type { Fetcher } from '@graphiql/toolkit'
import type { ExecutionResult } from 'graphql'
import { needsCredentials } from '../credentials/store.ts'
import { Executions, type ResultObserver } from './executions.ts'
import { ConnectionError } from './gateway-request.ts'
import { type Operation, postOperation } from './post-operation.ts'
import { RunStore } from './runs.ts'
import { selectOperation } from './select-operation.ts'
import { type EventSink, subscribe } from './subscribe.ts'

export const runs = new RunStore()
export const executions = new Executions()

/** Set when GraphiQL changes the tab, because a fetcher does not receive it. */
export const activeTab = { id: '' }

export function activateTab(id: string): void {
  activeTab.id = id
  executions.activate(id)
}

/** Why an operation that the page was to run has not been sent. It runs when credentials are applied. */
export const credentialsMissing = 'Enter your credentials. The operation runs when you apply them.'

/** Forgets the runs of closed tabs. */
export function keepTabs(tabIds: ReadonlySet<string>): void {
  executions.keepTabs(tabIds)
  runs.keepTabs(tabIds)
}

/** Listeners for when GraphiQL has stopped listening to an operation. */
export const onUnobserved = new Set<() => void>()

/** Returns an observable for operations. If one runs in the tab, it is that one, whatever the editor contains by now. */
export const fetcher: Fetcher = ({ query, operationName: name, variables }) => {
  if (name === 'IntrospectionQuery') return introspect(query) as never
  return {
    subscribe(observer: ResultObserver) {
      const tabId = activeTab.id
      const stopObserving = executions.observe(tabId, observer, () => {
        const { operationName, type } = selectOperation(query, name)
        const operation: Operation = { query, operationName, variables }
        const start = { query: send, mutation: sendMutation, subscription: subscribe }[type ?? 'query']
        return {
          type,
          recorder: runs.start({ tabId, document: query, operationName, variables }),
          send: (sink) => start(operation, sink),
        }
      })
      return {
        unsubscribe() {
          stopObserving()
          // GraphiQL does this in the middle of a change.
          setTimeout(() => {
            for (const listener of onUnobserved) listener()
          })
        },
      }
    },
  } as never
}

/** Forgets everything that was read, and ends what runs, such as when the user signs out. */
export function forgetRuns(): void {
  const mutations = executions.abandon().flatMap((tabId) => runs.latest(tabId) ?? [])
  runs.clear()
  for (const { tabId, document, operationName, variables } of mutations)
    runs
      .start({ tabId, document, operationName, variables })
      .fail(
        'The mutation was sent, and the credentials changed before its response arrived. It may have taken effect.',
      )
}

/** Sends nothing while credentials are missing: their panel introspects again. */
async function introspect(query: string): Promise<ExecutionResult | string> {
  if (needsCredentials()) return 'Enter your credentials first, in the panel Credentials.'
  return (await postOperation({ query })).result
}

function send(operation: Operation, sink: EventSink): () => void {
  const abort = new AbortController()
  postOperation(operation, abort.signal).then(
    (response) => {
      sink.next(response)
      sink.complete()
    },
    (error) => sink.error(error),
  )
  return () => abort.abort()
}

function sendMutation(operation: Operation, sink: EventSink): () => void {
  return send(operation, {
    ...sink,
    error: (error) =>
      sink.error(error instanceof ConnectionError ? new ConnectionError(effectUnknown) : error),
  })
}

const effectUnknown =
  'The connection to the gateway failed before the response arrived. The mutation may have taken effect: check this before you run it again.'
