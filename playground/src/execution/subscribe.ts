// Subscriptions, as server-sent events.

import type { ExecutionResult } from 'graphql'
import { createClient, NetworkError } from 'graphql-sse'
import { credentialsStore, requestOptions } from '../credentials/store.ts'
import { type Operation, type OperationResponse, readResponse } from './post-operation.ts'

const client = createClient({
  url: '/graphql',
  // A new connection begins again, so events would be missing in between. The user decides.
  retryAttempts: 0,
  fetchFn: (url: string, init: RequestInit) => {
    const { headers, credentials } = requestOptions()
    return fetch(url, { ...init, credentials, headers: { ...init.headers, ...headers } })
  },
})

type StreamEvent = Omit<OperationResponse, 'httpStatus'> & Partial<OperationResponse>

export interface EventSink {
  next(event: StreamEvent): void
  complete(): void
  error(error: unknown): void
}

/** Subscribes, and returns the function that ends the subscription. */
export function subscribe({ query, operationName, variables }: Operation, sink: EventSink): () => void {
  const sent = credentialsStore.getState().credentials
  const params = { query, variables: { ...variables }, ...(operationName && { operationName }) }
  return client.subscribe(params, {
    next: (result) => sink.next({ result: result as ExecutionResult, bytes: JSON.stringify(result).length }),
    complete: () => sink.complete(),
    error: (error) => {
      if (!(error instanceof NetworkError) || !(error.response instanceof Response)) return sink.error(error)
      // The gateway rejected the request before the stream began.
      readResponse(error.response, sent).then(
        (response) => {
          sink.next(response)
          sink.complete()
        },
        (unreadable) => sink.error(unreadable),
      )
    },
  })
}
