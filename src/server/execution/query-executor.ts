// Executes queries as graphql-js does, and additionally takes lists as async iterables and an abort signal. A general executor
// prepares the arguments, types and selection of a field again for each object, and V8 reads its results slowly; together this
// took a quarter of the time of a large response. A test compares the results with those of graphql-js.

import {
  defaultTypeResolver,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isObjectType,
  locatedError,
  responsePathAsArray,
} from 'graphql'
import { type OperationSelection, operationSelection } from '../../schema/cost/operation-selection.ts'
import type { Execute } from './operation-limits.ts'
import { after, isAsyncIterable, isIterable, serialize } from './result-values.ts'
import { type FieldSet, rootFieldSet, type SelectedField, type ValueShape } from './selected-field.ts'

type Args = Parameters<Execute>[0]
type Path = GraphQLResolveInfo['path']
type MaybePromise<T> = T | Promise<T>

/**
 * Executes a query.
 * @param fallback executes mutations, and reports invalid operations
 * @throws the reason of the signal if it is aborted
 */
export function executeQuery(args: Args, fallback: Execute): ReturnType<Execute> {
  const selection = operationSelection(args)
  const type = selection?.schema.getQueryType()
  if (selection?.operation.operation !== 'query' || !type) return fallback(args)
  return new QueryExecution(selection, args).run(type)
}

class QueryExecution {
  readonly #selection: OperationSelection
  readonly #rootValue: unknown
  readonly #context: unknown
  readonly #signal: AbortSignal | undefined
  readonly #errors: GraphQLError[] = []

  constructor(selection: OperationSelection, { rootValue, contextValue, signal }: Args) {
    this.#selection = selection
    this.#rootValue = rootValue
    this.#context = contextValue
    this.#signal = signal
  }

  async run(type: GraphQLObjectType): Promise<ExecutionResult> {
    const signal = this.#signal
    signal?.throwIfAborted()
    let abort = () => {}
    // A resolver that does not observe the signal may never settle.
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal?.reason)
    })
    signal?.addEventListener('abort', abort, { once: true })
    try {
      const fields = rootFieldSet(type, this.#selection)
      return this.#result(
        await Promise.race([aborted, this.#executeFields(fields, this.#rootValue, undefined)]),
      )
    } catch (error) {
      signal?.throwIfAborted()
      this.#errors.push(error as GraphQLError)
      return this.#result(null)
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  #result(data: Record<string, unknown> | null): ExecutionResult {
    return this.#errors.length === 0 ? { data } : { errors: this.#errors, data }
  }

  #executeFields(
    { fields, empty }: FieldSet,
    source: unknown,
    path: Path | undefined,
  ): MaybePromise<Record<string, unknown>> {
    const result = { ...empty }
    let pending: Promise<void>[] | undefined
    try {
      for (const field of fields) {
        if (this.#signal?.aborted) throw this.#signal.reason
        const value = this.#executeField(field, source, path)
        if (value instanceof Promise) {
          pending ??= []
          pending.push(
            value.then((settled) => {
              result[field.key] = settled
            }),
          )
        } else result[field.key] = value
      }
    } catch (error) {
      if (!pending) throw error
      // Wait for the other fields, which may fail too.
      const fail = () => {
        throw error
      }
      return Promise.all(pending).then(fail, fail)
    }
    return pending ? Promise.all(pending).then(() => result) : result
  }

  #executeField(field: SelectedField, source: unknown, parentPath: Path | undefined): unknown {
    const { definition, nodes, parentType, shape } = field
    const { schema, fragments, operation, variableValues } = this.#selection
    const path: Path = { prev: parentPath, key: field.key, typename: parentType.name }
    const info: GraphQLResolveInfo = {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType,
      path,
      schema,
      fragments,
      rootValue: this.#rootValue,
      operation,
      variableValues,
    }
    let value: unknown
    try {
      value = field.resolve(source, field.args, this.#context, info)
    } catch (error) {
      return this.#fail(error, shape, info, path)
    }
    return this.#completeOrFail(shape, field, info, path, value)
  }

  /** Completes the value of a field or of a list item. If that fails, it is null, or throws if it must not be null. */
  #completeOrFail(
    shape: ValueShape,
    field: SelectedField,
    info: GraphQLResolveInfo,
    path: Path,
    value: unknown,
  ): unknown {
    try {
      const completed = after(value, (resolved) => this.#complete(shape, field, info, path, resolved))
      if (!(completed instanceof Promise)) return completed
      return completed.catch((error) => this.#fail(error, shape, info, path))
    } catch (error) {
      return this.#fail(error, shape, info, path)
    }
  }

  #fail(raw: unknown, { isNonNull }: ValueShape, { fieldNodes }: GraphQLResolveInfo, path: Path): null {
    const error = locatedError(raw, fieldNodes, responsePathAsArray(path))
    if (isNonNull) throw error
    this.#errors.push(error)
    return null
  }

  #complete(
    shape: ValueShape,
    field: SelectedField,
    info: GraphQLResolveInfo,
    path: Path,
    value: unknown,
  ): unknown {
    if (value instanceof Error) throw value
    if (value === null || value === undefined) {
      if (!shape.isNonNull) return null
      throw new Error(`Cannot return null for non-nullable field ${nameOf(info)}.`)
    }
    switch (shape.kind) {
      case 'leaf':
        return serialize(shape.type, value)
      case 'list':
        return this.#completeList(shape.item, field, info, path, value)
      case 'object':
        return this.#completeObject(shape.type, field, info, path, value)
      case 'abstract': {
        const resolveType = shape.type.resolveType ?? defaultTypeResolver
        return after(resolveType(value, this.#context, info, shape.type), (name) => {
          const type = name === undefined ? undefined : info.schema.getType(name)
          if (!isObjectType(type) || !info.schema.isSubType(shape.type, type))
            throw new Error(
              `The type of a value of ${nameOf(info)} is ${name}, which is not a ${shape.type.name}.`,
            )
          return this.#completeObject(type, field, info, path, value)
        })
      }
    }
  }

  #completeObject(
    type: GraphQLObjectType,
    field: SelectedField,
    info: GraphQLResolveInfo,
    path: Path,
    value: unknown,
  ): unknown {
    if (!type.isTypeOf) return this.#executeFields(field.fieldSet(type), value, path)
    return after(type.isTypeOf(value, this.#context, info), (isOfType) => {
      if (!isOfType) throw new Error(`A value of ${nameOf(info)} is not a ${type.name}.`)
      return this.#executeFields(field.fieldSet(type), value, path)
    })
  }

  #completeList(
    shape: ValueShape,
    field: SelectedField,
    info: GraphQLResolveInfo,
    path: Path,
    value: unknown,
  ): MaybePromise<unknown[]> {
    const items: unknown[] = []
    let isPending = false
    const add = (item: unknown) => {
      const itemPath: Path = { prev: path, key: items.length, typename: undefined }
      const completed = this.#completeOrFail(shape, field, info, itemPath, item)
      if (completed instanceof Promise) isPending = true
      items.push(completed)
    }
    const abandon = (error: unknown): never => {
      // The items before may fail too, which must not be an unhandled rejection.
      for (const item of items) if (item instanceof Promise) item.catch(() => {})
      throw error
    }
    const finish = () => (isPending ? Promise.all(items) : items)
    if (isAsyncIterable(value)) return this.#addAll(value, add).then(finish, abandon)
    if (!isIterable(value)) throw new Error(`The value of ${nameOf(info)} is not a list.`)
    try {
      for (const item of value) add(item)
    } catch (error) {
      abandon(error)
    }
    return finish()
  }

  async #addAll(items: AsyncIterable<unknown>, add: (item: unknown) => void): Promise<void> {
    for await (const item of items) {
      this.#signal?.throwIfAborted()
      add(item)
    }
  }
}

const nameOf = ({ parentType, fieldName }: GraphQLResolveInfo): string => `${parentType.name}.${fieldName}`
