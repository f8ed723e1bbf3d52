// Splices lists that resolvers deferred to BulkLists into the result of an operation. use-subscriptions.ts
// does so for subscription events.

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
