// Executes each event of a subscription as an operation of its own, with an empty reader and the full limits
// except the timeout: a subscription lives as long as its client. It ends when its client disconnects; and
// with an error when its credentials are no longer valid or the gateway shuts down.

import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  locatedError,
} from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'
import { badInput } from '../../schema/errors/api-error.ts'
import { shuttingDownError } from '../errors/shutting-down-error.ts'

interface SubscriptionsOptions {
  readonly shutdownSignal: AbortSignal | undefined
  /**
   * Throws if the request's credentials are no longer valid: a token can expire or be revoked during a
   * subscription.
   */
  readonly revalidate: (request: Request) => unknown
}

export function useSubscriptions(options: SubscriptionsOptions): Plugin<Context> {
  const batchedRequests = new WeakSet<Request>()
  return {
    onRequestParse: ({ request }) => ({
      onRequestParseDone({ requestParserResult }) {
        if (Array.isArray(requestParserResult)) batchedRequests.add(request)
      },
    }),
    onSubscribe({ args, setSubscribeFn, setResultAndStopExecution }) {
      // A batch has one JSON response, which cannot contain events.
      if (batchedRequests.has(args.contextValue.request))
        return setResultAndStopExecution({ errors: [locatedError(batchedSubscriptionError, undefined)] })
      setSubscribeFn(async (args: ExecutionArgs) => {
        const events = await createSourceEventStream(args)
        if (!(Symbol.asyncIterator in events)) return events
        return createSubscription(events as AsyncGenerator<unknown>, args, options)
      })
    },
  }
}

function createSubscription(
  events: AsyncGenerator<unknown>,
  args: ExecutionArgs,
  options: SubscriptionsOptions,
): AsyncGenerator<ExecutionResult> {
  const results = executeEvents(events, args, options)
  return {
    next: () => results.next(),
    throw: (error) => results.throw(error),
    return(value) {
      // First abort the wait for the next event.
      const { budget } = args.contextValue as Context
      budget.stop(new DOMException('the client disconnected', 'AbortError'))
      return results.return(value)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* executeEvents(
  events: AsyncGenerator<unknown>,
  args: ExecutionArgs,
  { shutdownSignal, revalidate }: SubscriptionsOptions,
): AsyncGenerator<ExecutionResult> {
  const context = args.contextValue as Context & YogaInitialContext
  const { budget, request } = context
  const { signal } = budget
  // If the client reads no more events, the loop does not call next() and would not notice the abort.
  const stopEvents = () => void events.return(undefined).catch(() => {})
  const onShutdown = () => budget.stop(shuttingDownError())
  signal.addEventListener('abort', stopEvents, { once: true })
  shutdownSignal?.addEventListener('abort', onShutdown, { once: true })
  if (shutdownSignal?.aborted) onShutdown()
  if (signal.aborted) stopEvents()
  try {
    for (;;) {
      budget.reset()
      const { done, value } = await events.next()
      if (signal.aborted) throw signal.reason
      if (done) return
      await revalidate(request)
      const result = await execute({
        ...args,
        rootValue: value,
        contextValue: { ...context, reader: context.freshReader() },
      })
      context.bulkLists.splice(result)
      // A partial result must not look complete.
      if (budget.exceededError) throw budget.exceededError
      yield result
    }
  } catch (error) {
    // A client that disconnected gets no error.
    if (signal.reason?.name !== 'AbortError') yield { errors: [locatedError(error, undefined)] }
  } finally {
    signal.removeEventListener('abort', stopEvents)
    shutdownSignal?.removeEventListener('abort', onShutdown)
    await events.return(undefined)
  }
}

const batchedSubscriptionError = badInput(
  'a batch cannot contain a subscription',
  'Send the subscription in a separate request.',
)
