import { createClient } from 'graphql-sse'
import {
  Environment,
  type FetchFunction,
  type GraphQLResponse,
  Network,
  Observable,
  RecordSource,
  Store,
  type SubscribeFunction,
} from 'relay-runtime'
import type { GatewayError } from './ErrorList.tsx'
import { reportErrors } from './errors.ts'
import { gatewayFetch, gatewayUrl } from './gateway.ts'

type Response = GraphQLResponse & { readonly errors?: readonly GatewayError[] }

const fetchQuery: FetchFunction = async ({ name, id }, variables) => {
  try {
    const response = await gatewayFetch(gatewayUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ documentId: id, variables }),
    })
    const result = (await response.json()) as Response
    reportErrors(name, result.errors)
    return result
  } catch (error) {
    reportErrors(name, [error as Error])
    throw error
  }
}

// Subscriptions are server-sent events.
const sse = createClient({ url: gatewayUrl, fetchFn: gatewayFetch })
const subscribe: SubscribeFunction = ({ name, id }, variables) =>
  Observable.create((sink) =>
    sse.subscribe(
      { query: '', variables, extensions: { persistedQuery: { version: 1, sha256Hash: id } } },
      {
        next: (result) => {
          reportErrors(name, (result as Response).errors)
          sink.next(result as Response)
        },
        error(error) {
          reportErrors(name, [error as Error])
          sink.error(error as Error)
        },
        complete: () => sink.complete(),
      },
    ),
  )

export const environment = new Environment({
  network: Network.create(fetchQuery, subscribe),
  store: new Store(new RecordSource()),
})
