// Makes the text of a long answer without holding the event loop, and refuses one that is longer than it may be. The events of a
// subscription are short, and written as they are.

import { type ExecutionResult, getOperationAST, locatedError } from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'
import { limitExceeded } from '../../schema/errors/api-error.ts'
import { isLarge, stringifyInChunks } from './chunked-json.ts'

export interface ResponseLimits {
  /** Of a query's answer, as text. */
  readonly responseBytes: number
}

export function useChunkedJson({ responseBytes }: ResponseLimits): Plugin<Context> {
  return {
    onExecute({ args: { document, operationName, contextValue }, executeFn, setExecuteFn }) {
      const operation = getOperationAST(document, operationName)
      // What a change answers with is told, however long it is.
      const isMutation = operation?.operation === 'mutation'
      const maxBytes = isMutation ? Number.POSITIVE_INFINITY : responseBytes
      // A limit that was passed does not take it back either: only who hangs up is told nothing.
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

/** Writes an answer whose data has this text. */
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
    subject: 'the answer already has',
    actual: bytes,
    limit: maxBytes,
    unit: 'bytes',
    remedy: 'Ask for fewer objects or fewer fields, with shorter aliases, or raise --max-response-mb.',
  })
