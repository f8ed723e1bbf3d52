import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { print } from 'graphql'
import { createClient } from 'graphql-sse'
import {
  apolloTypePolicies,
  connectionKeyArguments,
  possibleTypes,
  resubscribe,
} from 'vsphere-graphql/client'
import { gatewayFetch, gatewayUrl } from './gateway.ts'

const httpLink = new HttpLink({ uri: gatewayUrl, fetch: gatewayFetch })

// Subscriptions are server-sent events. resubscribe starts them again after a restart of the gateway.
const sse = createClient({ url: gatewayUrl, fetchFn: gatewayFetch, retryAttempts: 0 })
const sseLink = new ApolloLink(({ query, variables }) => {
  const request = { query: print(query), variables }
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
