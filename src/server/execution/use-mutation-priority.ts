// Gives the reads of mutations priority over those of queries, so that they do not queue behind them.

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
