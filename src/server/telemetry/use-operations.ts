// Follows each operation from its request to its end, whatever ends it: an answer, a refusal, the last event of a subscription, a
// client that hangs up. The last of the plugins, so that it sees what the others have made of the answer.

import { type DocumentNode, type ExecutionResult, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'
import type { Identity } from '../auth/identity.ts'
import { Operation, type Telemetry } from './operation.ts'
import { requestLogFields } from './request-log-fields.ts'

/** Finds operations: each begins when its request comes, or, of several in one request, when it is looked at by itself. */
export interface Operations {
  /** The operation that has this context. */
  forContext(context: object): Operation
  /** A request came that can be read; what it asks is not known yet. */
  onRequest(request: Request): void
  /** One of its operations is looked at, in their order. */
  start(request: Request, context: object): void
  /** All of a request, in their order; none of one that was refused before it was read. */
  forRequest(request: Request): readonly Operation[]
}

export function createOperations(
  telemetry: Telemetry,
  identityOf: (request: Request) => Identity | undefined,
): Operations {
  const byRequest = new WeakMap<Request, { readonly operations: Operation[]; started: number }>()
  const byContext = new WeakMap<object, Operation>()
  const create = (request: Request): Operation => {
    const { headers, signal } = request
    const operationRequest = { ...requestLogFields(request), identity: identityOf(request), headers, signal }
    return new Operation(operationRequest, telemetry)
  }
  return {
    forContext(context) {
      const operation = byContext.get(context)
      if (!operation) throw new Error('an operation is executed that nobody has begun')
      return operation
    },
    onRequest(request) {
      byRequest.set(request, { operations: [create(request)], started: 0 })
    },
    start(request, context) {
      const requestOperations = byRequest.get(request)
      if (!requestOperations) return
      const operation = requestOperations.operations[requestOperations.started] ?? create(request)
      requestOperations.operations[requestOperations.started] = operation
      requestOperations.started += 1
      byContext.set(context, operation)
    },
    forRequest: (request) => byRequest.get(request)?.operations ?? [],
  }
}

/** The first of the plugins that look at what is asked: it sees the operations of a list in their order. */
export function useOperationStart(operations: Operations): Plugin<Context> {
  return {
    onParams({ request, context }) {
      operations.start(request, context as object)
    },
  }
}

export function useOperations(operations: Operations): Plugin<Context> {
  return {
    onRequestParse({ request, requestParser }) {
      // What comes in no form that can be read is answered without more ado, and is none.
      if (requestParser) operations.onRequest(request)
    },
    onParse:
      ({ context }) =>
      ({ result }) => {
        const definition = isDocument(result) && getOperationAST(result, context.params.operationName)
        if (definition) operations.forContext(context).setDefinition(definition)
      },
    onSubscribe({ args: { contextValue } }) {
      const operation = operations.forContext(contextValue)
      return {
        onSubscribeResult({ result }) {
          if (!(Symbol.asyncIterator in result)) return undefined
          operation.subscriptionStarted()
          return {
            onNext: (event) => operation.recordResult(event.result),
            onEnd: () => operation.end(),
          }
        },
      }
    },
    onResultProcess({ request, result }) {
      if (Symbol.asyncIterator in result) return
      const results = [result].flat() as ExecutionResult[]
      for (const [index, operation] of operations.forRequest(request).entries()) {
        operation.recordResult(results[index] ?? {})
        operation.end()
      }
    },
  }
}

const isDocument = (result: unknown): result is DocumentNode =>
  typeof result === 'object' && result !== null && 'kind' in result
