// Refuses an operation whose answer could have too many objects before anything is asked, and stops one that turns out to
// read or to answer too much.

import { type ExecutionArgs, GraphQLError, getOperationAST, getVariableValues } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { estimateObjects, type Selected } from '../graphql/answer-size.ts'
import type { Context } from '../graphql/context.ts'

export function useLimits(): Plugin<Context> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { allowance, scope, vcenter } = args.contextValue as Context
      const selected = selectedBy(args)
      // What cannot be executed says so when it is tried.
      if (!selected) return
      const { operation } = selected
      const told = (error: Error, extensions = {}) =>
        new GraphQLError(error.message, { nodes: operation, originalError: error, extensions })
      try {
        allowance.estimate(estimateObjects(selected, vcenter.pageSizes))
      } catch (error) {
        // As for an operation that is not valid: 400, but 200 to clients that know no other.
        const errors = [told(error as Error, { http: { status: 400, spec: true } })]
        setExecuteFn(() => ({ errors }))
        return
      }
      // Each change fails alone, and what was changed is told: allowance and resolvers see to that.
      if (operation.operation === 'mutation') return
      setExecuteFn(async (given) => {
        // What goes on reading is stopped by the same signal.
        const stoppable = { ...given, signal: scope.signal }
        try {
          const result = await executeFn(stoppable)
          if (!allowance.exceeded) return result
        } catch (error) {
          if (!allowance.exceeded) throw error
        }
        // A part of an answer must not be taken for the whole.
        return { data: null, errors: [told(allowance.exceeded)] }
      })
    },
  }
}

function selectedBy({
  schema,
  document,
  operationName,
  variableValues: given,
}: ExecutionArgs): Selected | undefined {
  const operation = getOperationAST(document, operationName)
  if (!operation) return undefined
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? {})
  const fragments = Object.fromEntries(
    document.definitions.flatMap((each) =>
      each.kind === 'FragmentDefinition' ? [[each.name.value, each]] : [],
    ),
  )
  return coerced && { schema, operation, fragments, variableValues: coerced }
}
