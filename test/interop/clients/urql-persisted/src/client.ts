import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { persistedExchange } from '@urql/exchange-persisted'
import { Client, fetchExchange } from 'urql'
import { graphcacheKeys, possibleTypes } from 'vsphere-graphql/client'
import { gatewayFetch, gatewayUrl } from './gateway.ts'

interface InventoryChanges {
  readonly initial: boolean
  readonly changes: readonly { readonly kind: string }[]
}

/** Whether objects were added or removed, so that lists have to be read again. */
export const changesMembers = ({ initial, changes }: InventoryChanges): boolean =>
  !initial && changes.some(({ kind }) => kind !== 'MODIFY')

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
      updates: {
        Subscription: {
          inventoryChanges({ inventoryChanges }, _args, cache) {
            if (!changesMembers(inventoryChanges as InventoryChanges)) return
            for (const { fieldName, fieldKey } of cache.inspectFields('Query'))
              if (fieldName === 'virtualMachines') cache.invalidate('Query', fieldKey)
          },
        },
      },
    }),
    persistedExchange({
      preferGetForPersistedQueries: false,
      enableForMutation: true,
      enableForSubscriptions: true,
      // Never sends documents.
      enforcePersistedQueries: true,
      // The compiler has added the id to each document.
      generateHash: async (_text, document) =>
        (document as { __meta__?: { hash: string } }).__meta__?.hash ?? '',
    }),
    fetchExchange,
  ],
})
