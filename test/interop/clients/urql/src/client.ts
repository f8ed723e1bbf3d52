import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { createClient } from 'graphql-sse'
import { Client, fetchExchange, subscriptionExchange } from 'urql'
import {
  createListChangeDetector,
  graphcacheKeys,
  type InventoryChangeBatchLike,
  possibleTypes,
  resubscribe,
} from 'vsphere-graphql/client'
import { gatewayFetch, gatewayUrl } from './gateway.ts'

// Subscriptions are server-sent events. resubscribe starts them again after a restart of the gateway.
const sse = createClient({ url: gatewayUrl, fetchFn: gatewayFetch, retryAttempts: 0 })

const changesLists = createListChangeDetector()

export const client = new Client({
  url: gatewayUrl,
  fetch: gatewayFetch,
  // Works for pages on any origin, and in Node.
  preferGetMethod: false,
  exchanges: [
    cacheExchange({
      keys: graphcacheKeys,
      possibleTypes,
      // Appends the pages. One line for each list that is paged.
      resolvers: { Query: { virtualMachines: relayPagination() } },
      updates: {
        Subscription: {
          inventoryChanges({ inventoryChanges }, _args, cache) {
            if (!changesLists(inventoryChanges as InventoryChangeBatchLike)) return
            for (const { fieldName, fieldKey } of cache.inspectFields('Query'))
              if (fieldName === 'virtualMachines') cache.invalidate('Query', fieldKey)
          },
        },
      },
    }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables = {} }) => ({
        subscribe: (observer) => ({
          unsubscribe: resubscribe((sink) => sse.subscribe({ query, variables }, sink), observer),
        }),
      }),
    }),
  ],
})
