// Counts the objects and values of an introspection result by walking the schema itself. With aliases, a few nested levels of
// types and fields can produce millions of objects, which no other limit covers: GraphQL's MaxIntrospectionDepthRule, which
// validation applies too, limits only the nesting.

import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql'
import { collectSubFields } from '../collect-fields.ts'
import { limitExceeded } from '../errors/api-error.ts'
import { add, type Cost, oneValue, scale, zero } from './cost.ts'
import { NodeKeys } from './node-keys.ts'
import { argsOf, type OperationSelection } from './operation-selection.ts'

const oneObject: Cost = { ...zero, objects: 1 }

/** Introspection counts tenfold, because it executes synchronously and blocks all other requests. */
const weight = 10

/** Maximum number of pairs of a schema element and a selection. The full introspection of common tools has about two thousand. */
const maxCounted = 50_000

export class IntrospectionCost {
  readonly #selection: OperationSelection
  readonly #nodeKeys = new NodeKeys()
  /** Costs by schema element, then by the key of its selection. */
  readonly #memo = new Map<unknown, Map<string, Cost>>()
  #counted = 0

  constructor(selection: OperationSelection) {
    this.#selection = selection
  }

  /**
   * Returns the cost of a `__schema` or `__type` field; undefined for any other field.
   * @throws ApiError QUERY_TOO_COMPLEX
   */
  costOf(nodes: FieldNode[]): Cost | undefined {
    const name = nodes[0]?.name.value
    const field = [SchemaMetaFieldDef, TypeMetaFieldDef].find((each) => each.name === name)
    return field && scale(weight, this.#fieldCost(field, undefined, nodes))
  }

  #fieldCost(field: GraphQLField<unknown, unknown>, source: unknown, nodes: FieldNode[]): Cost {
    const type = getNamedType(field.type)
    const args = argsOf(field, nodes[0] as FieldNode, this.#selection) ?? {}
    const value = field.resolve?.(source, args, undefined, this.#info)
    if (!isObjectType(type) || value == null) return scale(Array.isArray(value) ? value.length : 1, oneValue)
    return [value]
      .flat()
      .reduce((sum: Cost, each) => add(sum, add(oneObject, this.#selectionCost(type, each, nodes))), zero)
  }

  #selectionCost(type: GraphQLObjectType, value: unknown, nodes: FieldNode[]): Cost {
    const memoByKey = this.#memo.get(value) ?? new Map<string, Cost>()
    this.#memo.set(value, memoByKey)
    const key = this.#nodeKeys.keyOf(nodes)
    const memoized = memoByKey.get(key)
    if (memoized !== undefined) return memoized
    this.#counted += 1
    if (this.#counted > maxCounted)
      throw limitExceeded({
        subject: 'the introspection selects at least',
        actual: this.#counted,
        limit: maxCounted,
        unit: 'different objects',
        remedy: 'Select each level of the schema only once, without aliases.',
      })
    const fields = collectSubFields(this.#selection, type, nodes)
    let sum = zero
    for (const selected of fields.values()) {
      const field = type.getFields()[(selected[0] as FieldNode).name.value]
      sum = add(sum, field ? this.#fieldCost(field, value, selected) : oneValue)
    }
    memoByKey.set(key, sum)
    return sum
  }

  /** The part of the info that the introspection resolvers of graphql-js read. */
  get #info(): GraphQLResolveInfo {
    return { schema: this.#selection.schema } as GraphQLResolveInfo
  }
}
