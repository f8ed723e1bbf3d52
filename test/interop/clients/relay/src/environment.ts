import { createClient } from 'graphql-sse'
import {
  Environment,
  type FetchFunction,
  type GraphQLSingularResponse,
  Network,
  Observable,
  RecordSource,
  Store,
  type SubscribeFunction,
} from 'relay-runtime'
import { resubscribe } from 'vsphere-graphql/client'
import type { GatewayError } from './ErrorList.tsx'
import { reportErrors } from './errors.ts'
import { gatewayFetch, gatewayUrl } from './gateway.ts'

type Response = GraphQLSingularResponse & { readonly errors?: readonly GatewayError[] }

const fetchQuery: FetchFunction = async ({ name, text }, variables) => {
  try {
    const response = await gatewayFetch(gatewayUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    })
    const result: Response = await response.json().catch(() => {
      // A proxy has responded without JSON.
      throw new Error(`No result from the gateway: status ${response.status}`)
    })
    reportErrors(name, result.errors)
    return result
  } catch (error) {
    reportErrors(name, [error as Error])
    throw error
  }
}

// Subscriptions are server-sent events. resubscribe starts them again after a restart of the gateway.
const sse = createClient({ url: gatewayUrl, fetchFn: gatewayFetch, retryAttempts: 0 })
const subscribe: SubscribeFunction = ({ name, text }, variables) => {
  const request = { query: text ?? '', variables }
  return Observable.create((observer) =>
    resubscribe((sink) => sse.subscribe(request, sink), {
      next: (result) => {
        const { data, errors } = result as Response
        reportErrors(name, errors)
        // To Relay, a result without data is the end of the subscription.
        if (data) observer.next(result as Response)
      },
      error(error) {
        reportErrors(name, [error as Error])
        observer.error(error as Error)
      },
      complete: () => observer.complete(),
    }),
  )
}

export const environment = new Environment({
  network: Network.create(fetchQuery, subscribe),
  store: new Store(new RecordSource()),
})
