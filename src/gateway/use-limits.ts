// Refuses an operation whose answer could have too many objects before anything is asked, and stops one that turns out to
// read or to answer too much. The events of a subscription are held to it in use-subscriptions.ts.

import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { estimateObjects, type Selected } from '../graphql/answer-size.ts'
import type { Context } from '../graphql/context.ts'

export function useLimits(): Plugin<Context> {
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      const selected = selectedBy(args)
      const refused = selected && refusal(selected, args.contextValue)
      if (refused) setResultAndStopExecution(refused)
    },
    onExecute({ args, executeFn, setExecuteFn }) {
      const { allowance, scope } = args.contextValue as Context
      const selected = selectedBy(args)
      // What cannot be executed says so when it is tried.
      if (!selected) return
      const { operation } = selected
      const refused = refusal(selected, args.contextValue)
      if (refused) return setExecuteFn(() => refused)
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
        return { data: null, errors: [told(allowance.exceeded, operation)] }
      })
    },
  }
}

const told = (error: Error, operation: OperationDefinitionNode, extensions = {}) =>
  new GraphQLError(error.message, { nodes: operation, originalError: error, extensions })

/** The answer to an operation, or the event of a subscription, that could have too many objects. */
function refusal(selected: Selected, { allowance, vcenter }: Context): ExecutionResult | undefined {
  try {
    allowance.estimate(estimateObjects(selected, vcenter.pageSizes))
    return undefined
  } catch (error) {
    // As for an operation that is not valid: 400, but 200 to clients that know no other.
    return { errors: [told(error as Error, selected.operation, { http: { status: 400, spec: true } })] }
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
