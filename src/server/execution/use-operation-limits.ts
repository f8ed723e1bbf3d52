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
import type { Context } from '../../schema/context.ts'
import { estimateCost, type OperationSelection } from '../../schema/cost/cost-estimate.ts'
import type { ApiError } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'
import { shuttingDownError } from '../errors/shutting-down-error.ts'

/** @param forceShutdownSignal ends what runs, each operation with an error that says so */
export function useOperationLimits(forceShutdownSignal: AbortSignal | undefined): Plugin<Context> {
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      const selection = operationSelection(args)
      const rejection = selection && checkEstimate(selection, args.contextValue)
      if (rejection) setResultAndStopExecution(rejection)
    },
    onExecute({ args, executeFn, setExecuteFn, setResultAndStopExecution }) {
      const { budget, callOptions } = args.contextValue as Context
      const selection = operationSelection(args)
      // What cannot be executed says so when it is tried.
      if (!selection) return
      const { operation } = selection
      const rejection = checkEstimate(selection, args.contextValue)
      if (rejection) return setResultAndStopExecution(rejection)
      setExecuteFn(async (executionArgs) => {
        budget.startTimer()
        const abort = () => budget.abort(shuttingDownError())
        forceShutdownSignal?.addEventListener('abort', abort, { once: true })
        if (forceShutdownSignal?.aborted) abort()
        try {
          // Each change fails alone, and what was changed is told: allowance and resolvers see to that.
          if (operation.operation === 'mutation') return await executeFn(executionArgs)
          // What goes on reading is stopped by the same signal.
          const abortableArgs = { ...executionArgs, signal: callOptions.signal }
          const result = await executeFn(abortableArgs)
          if (!budget.exceededError) return result
        } catch (error) {
          if (!budget.exceededError) throw error
        } finally {
          budget.stopTimer()
          forceShutdownSignal?.removeEventListener('abort', abort)
        }
        // A part of an answer must not be taken for the whole.
        return { data: null, errors: budget.errors.map((error) => locatedError(error, operation)) }
      })
    },
  }
}

/** The answer to an operation, or the event of a subscription, that could have too much. */
function checkEstimate(
  selection: OperationSelection,
  { budget, vcenter }: Context,
): ExecutionResult | undefined {
  try {
    budget.checkEstimate(estimateCost(selection, vcenter.pageSizes))
    return undefined
  } catch (error) {
    return { errors: [rejectionError(error as ApiError, { nodes: selection.operation })] }
  }
}

function operationSelection({
  schema,
  document,
  operationName,
  variableValues,
}: ExecutionArgs): OperationSelection | undefined {
  const operation = getOperationAST(document, operationName)
  if (!operation) return undefined
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {}, {
    maxErrors: 1,
  })
  const fragments = Object.fromEntries(
    document.definitions.flatMap((each) =>
      each.kind === 'FragmentDefinition' ? [[each.name.value, each]] : [],
    ),
  )
  return coerced && { schema, operation, fragments, variableValues: coerced }
}
