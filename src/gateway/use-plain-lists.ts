// Puts the lists that resolvers gave past the executor into its answer. The events of a subscription get theirs in
// use-subscriptions.ts.

import type { Plugin } from 'graphql-yoga'
import type { Context } from '../graphql/context.ts'

export function usePlainLists(): Plugin<Context> {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone({ result }) {
        if (!(Symbol.asyncIterator in result)) (args.contextValue as Context).plainLists.fill(result)
      },
    }),
  }
}
