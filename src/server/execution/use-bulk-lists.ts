// Puts the lists that resolvers gave past the executor into its answer. The events of a subscription get theirs in
// use-subscriptions.ts.

import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'

export function useBulkLists(): Plugin<Context> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      setExecuteFn(async (executionArgs) => {
        const result: ExecutionResult = await executeFn(executionArgs)
        ;(args.contextValue as Context).bulkLists.splice(result)
        return result
      })
    },
  }
}
