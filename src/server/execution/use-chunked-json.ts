// Makes the text of a long answer without holding the event loop, and refuses one that is longer than it may be. The events of a
// subscription are short, and written as they are.

import { type ExecutionResult, getOperationAST, locatedError } from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import { tooComplex } from '../../schema/errors/api-error.ts'
import type { Context } from '../../schema/context.ts'
import { answerText, isLong } from './chunked-json.ts'

export interface AnswerLimits {
  /** Of a query's answer, as text. */
  readonly answerBytes: number
}

export function useAnswerText({ answerBytes }: AnswerLimits): Plugin<Context> {
  return {
    onExecute({ args: { document, operationName, contextValue }, executeFn, setExecuteFn }) {
      const operation = getOperationAST(document, operationName)
      // What a change answers with is told, however long it is.
      const isChange = operation?.operation === 'mutation'
      const most = isChange ? Number.POSITIVE_INFINITY : answerBytes
      // A limit that was passed does not take it back either: only who hangs up is told nothing.
      const { signal } = isChange
        ? (contextValue as Context & YogaInitialContext).request
        : (contextValue as Context).scope
      setExecuteFn(async (given) => {
        const result: ExecutionResult = await executeFn(given)
        if (!isLong(result.data)) return result
        let bytes = 0
        try {
          const text = await answerText(result.data, (more) => {
            signal?.throwIfAborted()
            bytes += more
            if (bytes > most) throw tooLong(bytes, most)
          })
          return { ...result, stringify: withData(text) }
        } catch (error) {
          return { data: null, errors: [locatedError(error, operation ?? undefined)] }
        }
      })
    },
  }
}

/** Writes an answer whose data has this text. */
const withData =
  (text: string) =>
  (result: ExecutionResult): string => {
    const parts = Object.entries(result)
      .filter(([name, value]) => value !== undefined && name !== 'stringify')
      .map(([name, value]) => `${JSON.stringify(name)}:${name === 'data' ? text : JSON.stringify(value)}`)
    return `{${parts.join(',')}}`
  }

const tooLong = (bytes: number, most: number) =>
  tooComplex(
    'the answer already has',
    bytes,
    most,
    'bytes',
    'Ask for fewer objects or fewer fields, with shorter aliases, or raise --max-answer-megabytes.',
  )
