import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { relayStylePagination } from '@apollo/client/utilities'
import { createClient } from 'graphql-sse'
import {
  apolloTypePolicies,
  connectionKeyArguments,
  possibleTypes,
  resubscribe,
} from 'vsphere-graphql/client'
import { gatewayFetch, gatewayUrl } from './gateway.ts'

// The compiler has added the id to each document.
const idOf = (document: object): string => (document as { __meta__?: { hash: string } }).__meta__?.hash ?? ''

const httpLink = new PersistedQueryLink({ generateHash: idOf }).concat(
  new HttpLink({ uri: gatewayUrl, fetch: gatewayFetch }),
)

// Subscriptions are server-sent events. resubscribe starts them again after a restart of the gateway.
const sse = createClient({ url: gatewayUrl, fetchFn: gatewayFetch, retryAttempts: 0 })
const sseLink = new ApolloLink(({ query, variables }) => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: idOf(query) } }
  const request = { query: '', variables, extensions }
  return new Observable((observer) => resubscribe((sink) => sse.subscribe(request, sink), observer))
})

// The types of the options below.
declare module '@apollo/client' {
  namespace ApolloClient {
    namespace DeclareDefaultOptions {
      interface Query {
        errorPolicy: 'all'
      }
      interface WatchQuery {
        errorPolicy: 'all'
      }
    }
  }
}

export const client = new ApolloClient({
  link: ApolloLink.split(({ operationType }) => operationType === 'subscription', sseLink, httpLink),
  cache: new InMemoryCache({
    possibleTypes,
    typePolicies: {
      ...apolloTypePolicies,
      Query: {
        fields: {
          // Appends the pages of fetchMore. One line for each list that is paged.
          virtualMachines: relayStylePagination([...connectionKeyArguments.Query.virtualMachines]),
        },
      },
    },
  }),
  defaultOptions: {
    // Keeps the data beside errors.
    query: { errorPolicy: 'all' },
    watchQuery: { errorPolicy: 'all' },
  },
})
