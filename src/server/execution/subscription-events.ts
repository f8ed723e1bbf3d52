// Executes each event of a subscription as an operation of its own, with an empty reader and the full limits
// except the timeout: a subscription lives as long as its client. It ends when its client disconnects; and
// with an error when its credentials are no longer valid or the gateway shuts down.

import { type ExecutionArgs, type ExecutionResult, execute, locatedError } from 'graphql'
import type { YogaInitialContext } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'
import { shuttingDownError } from '../errors/shutting-down-error.ts'

interface EventsOptions {
  readonly shutdownSignal: AbortSignal | undefined
  /**
   * Throws if the request's credentials are no longer valid: a token can expire or be revoked during a
   * subscription.
   */
  readonly revalidate: (request: Request) => unknown
  /** Converts each result to the one that the client receives. */
  readonly finish: (event: ExecutionResult) => Promise<ExecutionResult>
  /** Called when the subscription has ended, possibly more than once. */
  readonly onEnd: () => void
}

export function executeEvents(
  source: AsyncGenerator<unknown>,
  args: ExecutionArgs,
  options: EventsOptions,
): AsyncIterableIterator<ExecutionResult> {
  const results = eventResults(source, args, options)
  return {
    next: () => results.next(),
    throw: (error) => results.throw(error),
    return(value) {
      // First abort the wait for the next event.
      const { budget } = args.contextValue as Context
      budget.stop(new DOMException('the client disconnected', 'AbortError'))
      // A generator that has not started skips its finally block.
      options.onEnd()
      return results.return(value)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* eventResults(
  events: AsyncGenerator<unknown>,
  args: ExecutionArgs,
  { shutdownSignal, revalidate, finish, onEnd }: EventsOptions,
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
        contextValue: { ...context, vcenters: context.vcenters.withFreshReaders() },
      })
      context.bulkLists.splice(result)
      // A partial result must not look complete.
      if (budget.exceededError) throw budget.exceededError
      yield await finish(result)
    }
  } catch (error) {
    // A client that disconnected gets no error.
    if (signal.reason?.name !== 'AbortError') yield await finish({ errors: [locatedError(error, undefined)] })
  } finally {
    signal.removeEventListener('abort', stopEvents)
    shutdownSignal?.removeEventListener('abort', onShutdown)
    await events.return(undefined).finally(onEnd)
  }
}
