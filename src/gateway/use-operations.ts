// Follows each operation from its request to its end, whatever ends it: an answer, a refusal, the last event of a subscription, a
// client that hangs up. The last of the plugins, so that it sees what the others have made of the answer.

import { type DocumentNode, type ExecutionResult, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../graphql/context.ts'
import type { Identity } from './auth/identity.ts'
import { type Observers, Operation } from './operation.ts'
import { requestFields } from './request-fields.ts'

/** Finds the operation of a request, which begins when it is first looked for. */
export type OperationOf = (request: Request) => Operation

export function createOperations(
  observers: Observers,
  identityOf: (request: Request) => Identity | undefined,
): OperationOf {
  const operations = new WeakMap<Request, Operation>()
  return (request) => {
    const known = operations.get(request)
    if (known) return known
    const { headers, signal } = request
    const asked = { ...requestFields(request), identity: identityOf(request), headers, signal }
    const operation = new Operation(asked, observers)
    operations.set(request, operation)
    return operation
  }
}

export function useOperations(operationOf: OperationOf): Plugin<Context> {
  return {
    onRequestParse({ request, requestParser }) {
      // What comes in no form that can be read is answered without more ado, and is none.
      if (requestParser) operationOf(request)
    },
    onParse:
      ({ context: { request, params } }) =>
      ({ result }) => {
        const definition = isDocument(result) && getOperationAST(result, params.operationName)
        if (definition) operationOf(request).is(definition)
      },
    onSubscribe({ args: { contextValue } }) {
      const operation = operationOf(contextValue.request)
      return {
        onSubscribeResult({ result }) {
          if (!(Symbol.asyncIterator in result)) return undefined
          operation.stands()
          return {
            onNext: (event) => operation.answer(event.result),
            onEnd: () => operation.end(),
          }
        },
      }
    },
    onResultProcess({ request, result }) {
      if (Symbol.asyncIterator in result) return
      const operation = operationOf(request)
      // Several in one request are told as one, by the name of the last.
      for (const each of Array.isArray(result) ? result : [result]) operation.answer(each as ExecutionResult)
      operation.end()
    },
  }
}

const isDocument = (result: unknown): result is DocumentNode =>
  typeof result === 'object' && result !== null && 'kind' in result
