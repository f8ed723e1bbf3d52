// Serializes large responses without blocking the event loop, and rejects those over the size limit.
// Subscription events are small and use the default serializer.

import { type ExecutionResult, getOperationAST, locatedError } from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'
import { limitExceeded } from '../../schema/errors/api-error.ts'
import { isLarge, stringifyInChunks } from './chunked-json.ts'

export interface ResponseLimits {
  /** Maximum size of a query's response, as JSON. */
  readonly responseBytes: number
}

export function useChunkedJson({ responseBytes }: ResponseLimits): Plugin<Context> {
  return {
    onExecute({ args: { document, operationName, contextValue }, executeFn, setExecuteFn }) {
      const operation = getOperationAST(document, operationName)
      // The response of a mutation has no limit, since the client needs its outcome.
      const isMutation = operation?.operation === 'mutation'
      const maxBytes = isMutation ? Number.POSITIVE_INFINITY : responseBytes
      // For the same reason an exceeded limit does not abort it; only a client disconnect does.
      const { signal } = isMutation
        ? (contextValue as Context & YogaInitialContext).request
        : (contextValue as Context).callOptions
      setExecuteFn(async (executionArgs) => {
        const result: ExecutionResult = await executeFn(executionArgs)
        if (!isLarge(result.data)) return result
        let bytes = 0
        try {
          const text = await stringifyInChunks(result.data, (chunkBytes) => {
            signal?.throwIfAborted()
            bytes += chunkBytes
            if (bytes > maxBytes) throw responseTooLarge(bytes, maxBytes)
          })
          return { ...result, stringify: stringifyWithData(text) }
        } catch (error) {
          return { data: null, errors: [locatedError(error, operation ?? undefined)] }
        }
      })
    },
  }
}

/** Serializes a result whose data is already serialized. */
const stringifyWithData =
  (text: string) =>
  (result: ExecutionResult): string => {
    const parts = Object.entries(result)
      .filter(([name, value]) => value !== undefined && name !== 'stringify')
      .map(([name, value]) => `${JSON.stringify(name)}:${name === 'data' ? text : JSON.stringify(value)}`)
    return `{${parts.join(',')}}`
  }

const responseTooLarge = (bytes: number, maxBytes: number) =>
  limitExceeded({
    subject: 'the response already has',
    actual: bytes,
    limit: maxBytes,
    unit: 'bytes',
    remedy: 'Request fewer objects or fewer fields, use shorter aliases, or raise --max-response-mb.',
  })
