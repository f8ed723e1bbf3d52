// Combines a result with its document and the schema into a tree, in which each value has its declaration.
// The tree is built on demand, so that a list of many thousand items costs only what is shown of it.

import {
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  parse,
} from 'graphql'
import { ErrorIndex } from './error-index.ts'
import { Selections } from './selections.ts'
import { buildValue, type TypedValue } from './typed-value.ts'

export interface TypedResult {
  /** The data, or undefined if there is none or it cannot be typed: then only the JSON can be shown. */
  readonly root: TypedValue | undefined
  /** Why the data cannot be typed. */
  readonly problem?: string
  readonly operation?: 'query' | 'mutation' | 'subscription'
  readonly schema?: GraphQLSchema
  readonly errors: readonly GraphQLFormattedError[]
  readonly errorIndex: ErrorIndex
}

export interface TypedResultInput {
  readonly result: ExecutionResult
  /** The text of the document. */
  readonly document: string
  readonly operationName?: string | undefined
  readonly schema: GraphQLSchema | null | undefined
}

/** Types a result. Never throws: what cannot be typed has a `problem`. */
export function typeResult({ result, document, operationName, schema }: TypedResultInput): TypedResult {
  const errors = Array.isArray(result?.errors) ? result.errors.filter(isError) : []
  const untyped = { root: undefined, errors, errorIndex: new ErrorIndex(errors) }
  const hasData = result?.data !== null && result?.data !== undefined
  // Errors can be shown without the types, and say why there is no data, such as a syntax error of the document.
  const untypable = (problem: string): TypedResult =>
    errors.length > 0 && !hasData ? untyped : { ...untyped, problem }
  if (!schema) return untypable('The schema is not loaded.')
  try {
    const parsed = parse(document)
    const operation = getOperationAST(parsed, operationName || null)
    const type = operation && schema.getRootType(operation.operation)
    if (!operation) return untypable('The document has no such operation.')
    // A read-only gateway has no mutations; the error of its response says so.
    if (!type && errors.length > 0) return { ...untyped, operation: operation.operation }
    if (!type) return { ...untyped, problem: `The schema has no ${operation.operation}.` }
    const typed = { ...untyped, operation: operation.operation, schema }
    if (!hasData) return typed
    const selections = new Selections(schema, parsed)
    const nodes = selections.ofOperation(operation)
    const build = { selections, errors: typed.errorIndex }
    return { ...typed, root: buildValue(build, result.data, { type, nodes, path: [] }) }
  } catch (error) {
    return untypable(`The result does not match its document: ${String(error)}`)
  }
}

const isError = (error: unknown): error is GraphQLFormattedError =>
  typeof error === 'object' && error !== null && 'message' in error
