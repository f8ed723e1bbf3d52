// Tracks each operation from its request to its end: a response, a rejection, the last event of a
// subscription, or a client disconnect. It is the last plugin, so it sees the final result.

import { type DocumentNode, type ExecutionResult, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Metrics } from '../../observability/metrics.ts'
import type { Context } from '../../schema/context.ts'
import type { Identity } from '../auth/identity.ts'
import { Operation, type Telemetry } from './operation.ts'
import { requestLogFields } from './request-log-fields.ts'

/** Finds the operation of a context or a request. */
export interface Operations {
  /** Returns the operation with this context. */
  forContext(context: object): Operation
  /** Called for a request with a readable body, before its operations are known. */
  onRequest(request: Request): void
  /** Called for each operation of a request, in order. */
  start(request: Request, context: object): void
  /** Returns all operations of a request, in order; empty if it was rejected before its body was parsed. */
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
      if (!operation) throw new Error('the operation was executed without being started')
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

/** The first plugin with an onParams hook, so that it sees the operations of a batch in order. */
export function useOperationStart(operations: Operations): Plugin<Context> {
  return {
    onParams({ request, context }) {
      operations.start(request, context as object)
    },
  }
}

export function useOperations(operations: Operations, metrics: Metrics | undefined): Plugin<Context> {
  return {
    onRequestParse({ request, requestParser }) {
      // A request without a parser has an unsupported content type; Yoga rejects it, so it has no operation.
      if (requestParser) operations.onRequest(request)
    },
    onParse:
      ({ context }) =>
      ({ result }) => {
        const definition = isDocument(result) && getOperationAST(result, context.params.operationName)
        if (definition) operations.forContext(context).setDefinition(definition)
      },
    onResultProcess({ request, result }) {
      if (Symbol.asyncIterator in result) return
      const results = [result].flat() as ExecutionResult[]
      for (const [index, operation] of operations.forRequest(request).entries()) {
        operation.recordResult(results[index] ?? {})
        operation.end()
      }
    },
    // Counts requests rejected before parsing; they have no operation log line.
    onResponse({ request, response: { status } }) {
      // A 503 of /ready is a regular response.
      const isNotReady = status === 503 && new URL(request.url).pathname === '/ready'
      if (status >= 400 && !isNotReady && operations.forRequest(request).length === 0)
        metrics?.requestRejected(status)
    },
  }
}

const isDocument = (result: unknown): result is DocumentNode =>
  typeof result === 'object' && result !== null && 'kind' in result
