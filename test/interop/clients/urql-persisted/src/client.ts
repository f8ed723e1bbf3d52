import { cacheExchange, type UpdateResolver } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { persistedExchange } from '@urql/exchange-persisted'
import { createClient } from 'graphql-sse'
import { Client, type ExecutionResult, fetchExchange, mapExchange, subscriptionExchange } from 'urql'
import { graphcacheKeys, possibleTypes, resubscribe } from 'vsphere-graphql/client'
import { gatewayFetch, gatewayUrl } from './gateway.ts'

// Subscriptions are server-sent events. resubscribe starts them again after a restart of the gateway.
const sse = createClient({ url: gatewayUrl, fetchFn: gatewayFetch, retryAttempts: 0 })

// A first page that is read again replaces the list: the further pages may no longer follow it.
const dropFurtherPages: UpdateResolver = (_data, { after }, cache, { fieldName }) => {
  if (after) return
  for (const { fieldKey, arguments: args, ...field } of cache.inspectFields('Query')) {
    const { after: isFurther } = args ?? {}
    if (field.fieldName === fieldName && isFurther) cache.invalidate('Query', fieldKey)
  }
}

export const client = new Client({
  url: gatewayUrl,
  fetch: gatewayFetch,
  // Works for pages on any origin, and in Node.
  preferGetMethod: false,
  exchanges: [
    cacheExchange({
      keys: graphcacheKeys,
      possibleTypes,
      // Appends the pages. One line here and one below for each list that is paged.
      resolvers: { Query: { virtualMachines: relayPagination() } },
      updates: { Query: { virtualMachines: dropFurtherPages } },
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
    mapExchange({
      // When a subscription is interrupted, urql repeats its last data beside the error, as if it had changed again.
      onResult: (result) =>
        result.operation.kind === 'subscription' && result.error?.graphQLErrors.some(({ path }) => !path)
          ? { ...result, data: undefined }
          : result,
    }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables = {}, extensions = {} }) => ({
        subscribe: ({ next, ...observer }) => ({
          unsubscribe: resubscribe((sink) => sse.subscribe({ query, variables, extensions }, sink), {
            ...observer,
            // Without errors in a result, urql keeps those of the previous one.
            next: (result: ExecutionResult) => next({ errors: [], ...result }),
          }),
        }),
      }),
    }),
  ],
})
