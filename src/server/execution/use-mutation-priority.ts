// What a mutation reads, to find what it changes and to tell what came of it, does not wait behind the reads of queries.

import { getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'

export function useMutationPriority(): Plugin<Context> {
  return {
    onExecute({ args: { document, operationName, contextValue } }) {
      const { caller } = (contextValue as Context).callOptions
      if (caller) caller.isHighPriority = getOperationAST(document, operationName)?.operation === 'mutation'
    },
  }
}
