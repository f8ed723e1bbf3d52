// Rejects an operation whose estimated response is too large before any vCenter call. Aborts one that reads
// or returns too much, exceeds its timeout, or is running at shutdown. subscription-events.ts does so for the
// events of a subscription.

import { type ExecutionArgs, type ExecutionResult, locatedError, type OperationDefinitionNode } from 'graphql'
import type { Context } from '../../schema/context.ts'
import { estimateCost } from '../../schema/cost/cost-estimate.ts'
import { operationSelection } from '../../schema/cost/operation-selection.ts'
import type { ApiError } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'
import { shuttingDownError } from '../errors/shutting-down-error.ts'

/** Executes an operation; Yoga's executor supports the signal. */
export type Execute = (
  args: ExecutionArgs & { readonly signal: AbortSignal | undefined },
) => ExecutionResult | Promise<ExecutionResult>

/**
 * Checks the estimated cost of an operation or a subscription.
 * @throws GraphQLError QUERY_TOO_COMPLEX
 */
export function checkEstimate(args: ExecutionArgs): void {
  const { budget, pageSizes } = args.contextValue as Context
  const selection = operationSelection(args)
  // The executor reports an invalid operation.
  if (!selection) return
  try {
    budget.checkEstimate(estimateCost(selection, pageSizes))
  } catch (error) {
    throw rejectionError(error as ApiError, { nodes: selection.operation })
  }
}

/**
 * Executes a query or a mutation within the limits of its budget.
 * @param forceShutdownSignal aborts it, with an error
 */
export async function executeWithLimits(
  args: Parameters<Execute>[0],
  execute: Execute,
  operation: OperationDefinitionNode,
  forceShutdownSignal: AbortSignal | undefined,
): Promise<ExecutionResult> {
  const { budget } = args.contextValue as Context
  const abort = () => budget.abort(shuttingDownError())
  budget.startTimer()
  forceShutdownSignal?.addEventListener('abort', abort, { once: true })
  if (forceShutdownSignal?.aborted) abort()
  try {
    const result = await execute(args)
    // In a mutation each change fails individually, and applied changes must be reported: the budget and the
    // resolvers handle limits.
    if (operation.operation === 'mutation' || !budget.exceededError) return result
  } catch (error) {
    if (!budget.exceededError) throw error
  } finally {
    budget.stopTimer()
    forceShutdownSignal?.removeEventListener('abort', abort)
  }
  // A partial result must not look complete.
  return { data: null, errors: budget.errors.map((error) => locatedError(error, operation)) }
}
