import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { Client, fetchExchange } from 'urql'
import { graphcacheKeys, possibleTypes } from 'vsphere-graphql/client'
import { gatewayFetch, gatewayUrl } from './gateway.ts'

export const client = new Client({
  url: gatewayUrl,
  fetch: gatewayFetch,
  // Works for pages on any origin, and in Node.
  preferGetMethod: false,
  // Subscriptions are server-sent events.
  fetchSubscriptions: true,
  exchanges: [
    cacheExchange({
      keys: graphcacheKeys,
      possibleTypes,
      // Appends the pages. One line for each list that is paged.
      resolvers: { Query: { virtualMachines: relayPagination() } },
    }),
    fetchExchange,
  ],
})
