// Puts the lists that resolvers gave past the executor into its answer. The events of a subscription get theirs in
// use-subscriptions.ts.

import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'

export function usePlainLists(): Plugin<Context> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      setExecuteFn(async (given) => {
        const result: ExecutionResult = await executeFn(given)
        ;(args.contextValue as Context).plainLists.fill(result)
        return result
      })
    },
  }
}
