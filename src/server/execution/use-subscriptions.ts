// The life of a subscription: each event is executed as an operation of its own, with a reader that knows nothing yet and the
// whole of the limits, but for the time: it lives as long as its client. It ends with an error that says why, when its client
// hangs up, when who sent it would not be let in any more, or when the gateway stops.

import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  locatedError,
} from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import { badInput } from '../../schema/errors/api-error.ts'
import type { Context } from '../../schema/context.ts'
import { gatewayStops } from '../errors/shutting-down-error.ts'

interface SubscriptionsOptions {
  readonly stopping: AbortSignal | undefined
  /** Throws when the sender of a request would not be let in now: a token expires, or is taken back, while events go on. */
  readonly stay: (request: Request) => unknown
}

export function useSubscriptions(options: SubscriptionsOptions): Plugin<Context> {
  const lists = new WeakSet<Request>()
  return {
    onRequestParse: ({ request }) => ({
      onRequestParseDone({ requestParserResult }) {
        if (Array.isArray(requestParserResult)) lists.add(request)
      },
    }),
    onSubscribe({ args, setSubscribeFn, setResultAndStopExecution }) {
      // A list of operations is answered with one JSON list, which events are no part of.
      if (lists.has(args.contextValue.request))
        return setResultAndStopExecution({ errors: [locatedError(oneOfSeveral, undefined)] })
      setSubscribeFn(async (args: ExecutionArgs) => {
        const events = await createSourceEventStream(args)
        if (!(Symbol.asyncIterator in events)) return events
        return subscription(events as AsyncGenerator<unknown>, args, options)
      })
    },
  }
}

function subscription(
  events: AsyncGenerator<unknown>,
  args: ExecutionArgs,
  options: SubscriptionsOptions,
): AsyncGenerator<ExecutionResult> {
  const answering = answers(events, args, options)
  return {
    next: () => answering.next(),
    throw: (error) => answering.throw(error),
    return(value) {
      // What waits for the next event ends first.
      const { allowance } = args.contextValue as Context
      allowance.stop(new DOMException('the client hung up', 'AbortError'))
      return answering.return(value)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* answers(
  events: AsyncGenerator<unknown>,
  args: ExecutionArgs,
  { stopping, stay }: SubscriptionsOptions,
): AsyncGenerator<ExecutionResult> {
  const context = args.contextValue as Context & YogaInitialContext
  const { allowance, request } = context
  const { signal } = allowance
  // One whose client takes nothing any more is not asked for the next event, and would not notice.
  const leave = () => void events.return(undefined).catch(() => {})
  const stop = () => allowance.stop(gatewayStops())
  signal.addEventListener('abort', leave, { once: true })
  stopping?.addEventListener('abort', stop, { once: true })
  if (stopping?.aborted) stop()
  if (signal.aborted) leave()
  try {
    for (;;) {
      allowance.renew()
      const { done, value } = await events.next()
      if (signal.aborted) throw signal.reason
      if (done) return
      await stay(request)
      const answer = await execute({
        ...args,
        rootValue: value,
        contextValue: { ...context, reader: context.freshReader() },
      })
      context.plainLists.fill(answer)
      // A part of an answer must not be taken for the whole.
      if (allowance.exceeded) throw allowance.exceeded
      yield answer
    }
  } catch (error) {
    // A client that hung up is told nothing.
    if (signal.reason?.name !== 'AbortError') yield { errors: [locatedError(error, undefined)] }
  } finally {
    signal.removeEventListener('abort', leave)
    stopping?.removeEventListener('abort', stop)
    await events.return(undefined)
  }
}

const oneOfSeveral = badInput(
  'a subscription cannot be one of several operations of a request',
  'Send it in a request of its own.',
)
