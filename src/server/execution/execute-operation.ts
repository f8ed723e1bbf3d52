// Executes operations: states in order what happens from a valid document to the result, for queries and
// mutations, and for subscriptions.

import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import type { Context } from '../../schema/context.ts'
import type { WithIdentity } from '../auth/identity.ts'
import { requireRole } from '../auth/role-authorization.ts'
import type { ErrorConverter } from '../errors/use-errors.ts'
import { requireAcceptedType } from '../request/use-content-negotiation.ts'
import { rejectBatch } from '../request/use-request-checks.ts'
import type { Operation } from '../telemetry/operation.ts'
import { type SoapTraced, withTrace } from '../telemetry/soap-trace.ts'
import { type ResponseLimits, serializeIfLarge } from './chunked-json.ts'
import type { ConcurrencyLimit } from './concurrency-limit.ts'
import { checkEstimate, type Execute, executeWithLimits } from './operation-limits.ts'
import { restoreSelectionOrder } from './selection-order.ts'
import { executeEvents } from './subscription-events.ts'

type OperationContext = Context & WithIdentity & SoapTraced & YogaInitialContext

interface OperationArgs extends ExecutionArgs {
  readonly contextValue: OperationContext
}

interface ExecutionOptions {
  readonly limits: ResponseLimits
  readonly concurrency: ConcurrencyLimit
  readonly errors: ErrorConverter
  /** Returns the record of an operation. */
  readonly operationOf: (context: object) => Operation
  readonly log: Log
  /** Ends subscriptions, which would otherwise never end. */
  readonly shutdownSignal: AbortSignal | undefined
  /** Aborts running operations, each with an error. */
  readonly forceShutdownSignal: AbortSignal | undefined
  /** Throws if the request's credentials are no longer valid. */
  readonly revalidate: (request: Request) => unknown
}

export function useExecution(options: ExecutionOptions): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => executeOperation(args as OperationArgs, executeFn, options))
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args) => subscribe(args as OperationArgs, options))
    },
  }
}

/**
 * Executes a query or a mutation.
 * @throws GraphQLError if it is rejected before a resolver runs
 */
async function executeOperation(
  args: OperationArgs,
  execute: Execute,
  { limits, concurrency, errors, log, forceShutdownSignal }: ExecutionOptions,
): Promise<ExecutionResult> {
  const context = args.contextValue
  const { request, callOptions, bulkLists, mutationRecords, trace } = context
  // Yoga rejects a document without the requested operation.
  const operation = getOperationAST(args.document, args.operationName) as OperationDefinitionNode
  const isMutation = operation.operation === 'mutation'

  requireAcceptedType(request)
  requireRole(operation, args.document, context, log)
  checkEstimate(args)
  // So that the reads of a mutation do not queue behind those of queries.
  if (callOptions.caller) callOptions.caller.isHighPriority = isMutation
  const result = await concurrency.run(context, async () => {
    // The client needs the outcome of a mutation, so an exceeded limit does not abort it; a disconnect does.
    const signal = isMutation ? request.signal : callOptions.signal
    const executed = await executeWithLimits({ ...args, signal }, execute, operation, forceShutdownSignal)
    bulkLists.splice(executed)
    await restoreSelectionOrder(executed, args.document, operation)
    return serializeIfLarge(executed, limits, operation, signal)
  })
  return errors.convert(withTrace(result, trace), request, mutationRecords)
}

/**
 * Opens a subscription.
 * @returns its events, or a result with errors if it cannot be opened
 * @throws GraphQLError if it is rejected before a resolver runs
 */
async function subscribe(
  args: OperationArgs,
  { limits, concurrency, errors, operationOf, shutdownSignal, revalidate }: ExecutionOptions,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const context = args.contextValue
  const { request, trace } = context

  const definition = getOperationAST(args.document, args.operationName) as OperationDefinitionNode
  requireAcceptedType(request, { isSubscription: true })
  checkEstimate(args)
  rejectBatch(request)
  const release = await concurrency.openSubscription(context)
  let isOpen = false
  try {
    const source = await createSourceEventStream(args)
    if (!(Symbol.asyncIterator in source)) return source
    const operation = operationOf(context)
    operation.subscriptionStarted()
    const events = executeEvents(source as AsyncGenerator<unknown>, args, {
      shutdownSignal,
      revalidate,
      async finish(event) {
        await restoreSelectionOrder(event, args.document, definition)
        const serialized = await serializeIfLarge(event, limits, definition)
        const result = errors.convert(withTrace(serialized, trace), request)
        operation.recordResult(result)
        return result
      },
      onEnd() {
        release()
        operation.end()
      },
    })
    isOpen = true
    return events
  } finally {
    if (!isOpen) release()
  }
}
