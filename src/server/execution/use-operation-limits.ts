// Rejects an operation whose estimated response is too large before any vCenter call. Aborts one that reads
// or returns too much, exceeds its timeout, or is running at shutdown. use-subscriptions.ts does so for
// subscription events.

import { type ExecutionResult, locatedError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'
import { estimateCost } from '../../schema/cost/cost-estimate.ts'
import { type OperationSelection, operationSelection } from '../../schema/cost/operation-selection.ts'
import type { ApiError } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'
import { shuttingDownError } from '../errors/shutting-down-error.ts'

/** @param forceShutdownSignal aborts running operations, each with an error */
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
      // The executor reports an invalid operation.
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
          // In a mutation each change fails individually, and applied changes must be reported: the budget
          // and the resolvers handle limits.
          if (operation.operation === 'mutation') return await executeFn(executionArgs)
          // The same signal stops background reads.
          const abortableArgs = { ...executionArgs, signal: callOptions.signal }
          const result = await executeFn(abortableArgs)
          if (!budget.exceededError) return result
        } catch (error) {
          if (!budget.exceededError) throw error
        } finally {
          budget.stopTimer()
          forceShutdownSignal?.removeEventListener('abort', abort)
        }
        // A partial result must not look complete.
        return { data: null, errors: budget.errors.map((error) => locatedError(error, operation)) }
      })
    },
  }
}

/** Returns the response for an operation, or for a subscription, whose estimated cost is over the limit. */
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
