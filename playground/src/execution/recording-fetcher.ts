// The fetcher of GraphiQL: sends operations and records them as runs of the active tab.

import type { Fetcher } from '@graphiql/toolkit'
import type { ExecutionResult } from 'graphql'
import { needsCredentials } from '../credentials/store.ts'
import { type Operation, postOperation } from './post-operation.ts'
import { type RunRecorder, RunStore } from './runs.ts'
import { selectOperation } from './select-operation.ts'
import { type EventSink, subscribe } from './subscribe.ts'

export const runs = new RunStore()

/** Set by the result panel, because a fetcher does not receive the tab. */
export const activeTab = { id: '' }

/** Returns an observable for operations: GraphiQL can stop it, and the request is aborted at once. */
export const fetcher: Fetcher = ({ query, operationName: name, variables }) => {
  if (name === 'IntrospectionQuery') return introspect(query) as never
  const { operationName, type } = selectOperation(query, name)
  const operation: Operation = { query, operationName, variables }
  const start = type === 'subscription' ? subscribe : send
  return {
    subscribe(observer: ResultObserver) {
      const recorder = runs.start({ tabId: activeTab.id, document: query, operationName, variables })
      return recorded(recorder, observer, (sink) => start(operation, sink))
    },
  } as never
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

interface ResultObserver {
  next(result: ExecutionResult): void
  complete(): void
  error(error: unknown): void
}

/** Passes everything on to GraphiQL and to the recorder, until the run is stopped. */
function recorded(recorder: RunRecorder, observer: ResultObserver, start: (sink: EventSink) => () => void) {
  let hasResult = false
  let isStopped = false
  const stop = start({
    next({ result, ...facts }) {
      if (isStopped) return
      hasResult = true
      recorder.receive(result, facts)
      observer.next(result)
    },
    complete() {
      if (isStopped) return
      recorder.end()
      observer.complete()
    },
    error(error) {
      if (isStopped) return
      recorder.fail(error instanceof Error ? error.message : String(error))
      observer.error(error)
    },
  })
  return {
    unsubscribe() {
      isStopped = true
      stop()
      if (hasResult) recorder.end()
      else recorder.fail('The operation was stopped before its response arrived.')
    },
  }
}
