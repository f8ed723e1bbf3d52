// Follows each operation from its request to its end, whatever ends it: an answer, a refusal, the last event of a subscription, a
// client that hangs up. The last of the plugins, so that it sees what the others have made of the answer.

import { type DocumentNode, type ExecutionResult, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../../schema/context.ts'
import type { Identity } from '../auth/identity.ts'
import { type Observers, Operation } from './operation.ts'
import { requestFields } from './request-log-fields.ts'

/** Finds operations: each begins when its request comes, or, of several in one request, when it is looked at by itself. */
export interface Operations {
  /** The operation that has this context. */
  of(context: object): Operation
  /** A request came that can be read; what it asks is not known yet. */
  arrive(request: Request): void
  /** One of its operations is looked at, in their order. */
  begin(request: Request, context: object): void
  /** All of a request, in their order; none of one that was refused before it was read. */
  all(request: Request): readonly Operation[]
}

export function createOperations(
  observers: Observers,
  identityOf: (request: Request) => Identity | undefined,
): Operations {
  const ofRequest = new WeakMap<Request, { readonly operations: Operation[]; begun: number }>()
  const ofContext = new WeakMap<object, Operation>()
  const create = (request: Request): Operation => {
    const { headers, signal } = request
    const asked = { ...requestFields(request), identity: identityOf(request), headers, signal }
    return new Operation(asked, observers)
  }
  return {
    of(context) {
      const operation = ofContext.get(context)
      if (!operation) throw new Error('an operation is executed that nobody has begun')
      return operation
    },
    arrive(request) {
      ofRequest.set(request, { operations: [create(request)], begun: 0 })
    },
    begin(request, context) {
      const known = ofRequest.get(request)
      if (!known) return
      const operation = known.operations[known.begun] ?? create(request)
      known.operations[known.begun] = operation
      known.begun += 1
      ofContext.set(context, operation)
    },
    all: (request) => ofRequest.get(request)?.operations ?? [],
  }
}

/** The first of the plugins that look at what is asked: it sees the operations of a list in their order. */
export function useBeginnings(operations: Operations): Plugin<Context> {
  return {
    onParams({ request, context }) {
      operations.begin(request, context as object)
    },
  }
}

export function useOperations(operations: Operations): Plugin<Context> {
  return {
    onRequestParse({ request, requestParser }) {
      // What comes in no form that can be read is answered without more ado, and is none.
      if (requestParser) operations.arrive(request)
    },
    onParse:
      ({ context }) =>
      ({ result }) => {
        const definition = isDocument(result) && getOperationAST(result, context.params.operationName)
        if (definition) operations.of(context).is(definition)
      },
    onSubscribe({ args: { contextValue } }) {
      const operation = operations.of(contextValue)
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
      const results = [result].flat() as ExecutionResult[]
      for (const [index, operation] of operations.all(request).entries()) {
        operation.answer(results[index] ?? {})
        operation.end()
      }
    },
  }
}

const isDocument = (result: unknown): result is DocumentNode =>
  typeof result === 'object' && result !== null && 'kind' in result
