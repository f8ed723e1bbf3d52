// Subscriptions, as server-sent events.

import type { ExecutionResult } from 'graphql'
import { createClient, NetworkError } from 'graphql-sse'
import { ConnectionError, type GatewayResponse, requestGateway } from './gateway-request.ts'
import { type Operation, type OperationResponse, readResponse } from './post-operation.ts'

type StreamEvent = Omit<OperationResponse, 'httpStatus'> & Partial<OperationResponse>

export interface EventSink {
  next(event: StreamEvent): void
  complete(): void
  error(error: unknown): void
}

/** Subscribes, and returns the function that ends the subscription. */
export function subscribe({ query, operationName, variables }: Operation, sink: EventSink): () => void {
  let answer: GatewayResponse | undefined
  const client = createClient({
    url: '/graphql',
    // A new connection begins again, so events would be missing in between. The user decides.
    retryAttempts: 0,
    fetchFn: async (_url: string, init: RequestInit) => {
      answer = await requestGateway(init)
      return answer.response
    },
  })
  const params = { query, variables: { ...variables }, ...(operationName && { operationName }) }
  return client.subscribe(params, {
    next: (result) => sink.next({ result: result as ExecutionResult, bytes: JSON.stringify(result).length }),
    complete: () => sink.complete(),
    error: (error) => {
      if (!(error instanceof NetworkError)) return sink.error(error)
      // The client has only the message of why there is no response.
      if (!answer) return sink.error(new ConnectionError(error.message))
      if (!error.response) return sink.error(new ConnectionError(connectionLost))
      // The gateway rejected the request before the stream began.
      readResponse(answer).then(
        (response) => {
          sink.next(response)
          sink.complete()
        },
        (unreadable) => sink.error(unreadable),
      )
    },
  })
}

const connectionLost =
  'The connection to the gateway was lost. Events after the last one are missing: run the subscription again to continue.'
