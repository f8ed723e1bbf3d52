// Refuses an operation whose answer could have too much before anything is asked, and stops one that turns out to
// read or to answer too much, or takes longer than it may or than the gateway runs. The events of a subscription are held to it in use-subscriptions.ts.

import {
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  getVariableValues,
  locatedError,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { estimateAnswer, type Selected } from '../../schema/cost/cost-estimate.ts'
import type { ApiError } from '../../schema/errors/api-error.ts'
import type { Context } from '../../schema/context.ts'
import { gatewayStops } from '../errors/shutting-down-error.ts'
import { refused } from '../errors/rejection-error.ts'

/** @param cutOff ends what runs, each operation with an error that says so */
export function useLimits(cutOff: AbortSignal | undefined): Plugin<Context> {
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      const selected = selectedBy(args)
      const refusal = selected && refusalOf(selected, args.contextValue)
      if (refusal) setResultAndStopExecution(refusal)
    },
    onExecute({ args, executeFn, setExecuteFn, setResultAndStopExecution }) {
      const { allowance, scope } = args.contextValue as Context
      const selected = selectedBy(args)
      // What cannot be executed says so when it is tried.
      if (!selected) return
      const { operation } = selected
      const refusal = refusalOf(selected, args.contextValue)
      if (refusal) return setResultAndStopExecution(refusal)
      setExecuteFn(async (given) => {
        allowance.startClock()
        const stop = () => allowance.cutShort(gatewayStops())
        cutOff?.addEventListener('abort', stop, { once: true })
        if (cutOff?.aborted) stop()
        try {
          // Each change fails alone, and what was changed is told: allowance and resolvers see to that.
          if (operation.operation === 'mutation') return await executeFn(given)
          // What goes on reading is stopped by the same signal.
          const stoppable = { ...given, signal: scope.signal }
          const result = await executeFn(stoppable)
          if (!allowance.exceeded) return result
        } catch (error) {
          if (!allowance.exceeded) throw error
        } finally {
          allowance.stopClock()
          cutOff?.removeEventListener('abort', stop)
        }
        // A part of an answer must not be taken for the whole.
        return { data: null, errors: allowance.told.map((error) => locatedError(error, operation)) }
      })
    },
  }
}

/** The answer to an operation, or the event of a subscription, that could have too much. */
function refusalOf(selected: Selected, { allowance, vcenter }: Context): ExecutionResult | undefined {
  try {
    allowance.estimate(estimateAnswer(selected, vcenter.pageSizes))
    return undefined
  } catch (error) {
    return { errors: [refused(error as ApiError, { nodes: selected.operation })] }
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
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? {}, {
    maxErrors: 1,
  })
  const fragments = Object.fromEntries(
    document.definitions.flatMap((each) =>
      each.kind === 'FragmentDefinition' ? [[each.name.value, each]] : [],
    ),
  )
  return coerced && { schema, operation, fragments, variableValues: coerced }
}
