// Estimates the maximum number of objects and values in a response before execution. Every JSON object and every value counts.
// Pages are assumed to be full, and other lists to have one element; operation-budget.ts counts the actual results.
// Types and fields declare other weights in their extensions; nothing here depends on their names.

import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
} from 'graphql'
import type { PageSizes, PaginationArgs } from '../../planner/connections/page.ts'
import { collectFields, collectSubFields } from '../collect-fields.ts'
import { limitExceeded } from '../errors/api-error.ts'
import { add, type Cost, max, oneError, scale, zero } from './cost.ts'
import { IntrospectionCost } from './introspection-cost.ts'
import { NodeKeys } from './node-keys.ts'
import { argsOf, type OperationSelection } from './operation-selection.ts'

type Args = Readonly<Record<string, unknown>>

/** The cost of the objects of a type, in `extensions.size` of the type. */
export interface TypeCost {
  /** The number of objects that one of them counts as. @default 1 */
  readonly objectWeight?: number
  /** The number of values that each scalar field of one of them counts as. @default 1 */
  readonly valueWeight?: number
  /** For a page: returns the maximum length of its lists, from the arguments of the field that returns the page. */
  readonly pageSize?: (args: Args, pageSizes: PageSizes) => number
}

/** Returns the maximum length of a field's list. Stored in `extensions.length` of the field. */
export type ListSize = (args: Args, pageSizes: PageSizes) => number

/** The cost of a connection of managed objects. A page size above the maximum is rejected by the field itself. */
export const connectionCost: TypeCost = {
  pageSize: (args, { defaultSize, maxSize }) => {
    const { first, last } = args as PaginationArgs
    return Math.min(Math.max(first ?? last ?? defaultSize, 0), maxSize)
  },
}

/** The cost of a batch of a subscription, which has at most a page of the default size. */
export const batchCost: TypeCost = { pageSize: (_args, { defaultSize }) => defaultSize }

/** Returns the number of objects that one object of a type counts as. */
export const typeCost = (type: GraphQLNamedType): number => typeCostOf(type).objectWeight ?? 1

/** Returns the cost of one scalar field of an object of a type. */
export const scalarCost = (type: GraphQLNamedType): Cost => ({
  ...zero,
  values: typeCostOf(type).valueWeight ?? 1,
})

const typeCostOf = (type: GraphQLNamedType): TypeCost => (type.extensions.size as TypeCost | undefined) ?? {}

/**
 * Returns the maximum cost of a response.
 * @throws ApiError QUERY_TOO_COMPLEX if the operation has too many different selections
 */
export function estimateCost(selection: OperationSelection, pageSizes: PageSizes): Cost {
  return new CostEstimator(selection, pageSizes).total()
}

/**
 * Maximum number of different selections. Hand-written and generated documents stay far below it, but nested fragments can
 * produce any number.
 */
const maxSelections = 10_000

class CostEstimator {
  readonly #selection: OperationSelection
  readonly #pageSizes: PageSizes
  readonly #introspection: IntrospectionCost
  readonly #nodeKeys = new NodeKeys()
  /** Costs by selection. Without it, nested fragments would multiply the work. */
  readonly #memo = new Map<string, Cost>()

  constructor(selection: OperationSelection, pageSizes: PageSizes) {
    this.#selection = selection
    this.#pageSizes = pageSizes
    this.#introspection = new IntrospectionCost(selection)
  }

  total(): Cost {
    const { schema, operation } = this.#selection
    const root = schema.getRootType(operation.operation)
    if (!root) return zero
    return this.#fieldsCost(root, collectFields(this.#selection, root, operation.selectionSet), 1)
  }

  #fieldsCost(type: GraphQLObjectType, fields: ReadonlyMap<string, FieldNode[]>, pageSize: number): Cost {
    let sum = zero
    for (const nodes of fields.values()) {
      const field = type.getFields()[(nodes[0] as FieldNode).name.value]
      sum = add(
        sum,
        field
          ? this.#fieldCost(type, field, nodes, pageSize)
          : (this.#introspection.costOf(nodes) ?? scalarCost(type)),
      )
    }
    return sum
  }

  #fieldCost(
    parent: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    nodes: FieldNode[],
    pageSize: number,
  ): Cost {
    const args = argsOf(field, nodes[0] as FieldNode, this.#selection)
    if (!args) return oneError
    const listSize = field.extensions.length as ListSize | undefined
    const type = getNamedType(field.type)
    if (!isCompositeType(type)) return scale(listSize?.(args, this.#pageSizes) ?? 1, scalarCost(parent))
    const length = isListType(getNullableType(field.type))
      ? (listSize?.(args, this.#pageSizes) ?? pageSize)
      : 1
    const innerPageSize = typeCostOf(type).pageSize?.(args, this.#pageSizes) ?? 1
    // Nested pages can overflow to Infinity, and 0 * Infinity is NaN.
    if (length === 0) return zero
    const object = { ...zero, objects: typeCost(type) }
    return scale(length, add(object, this.#selectionCost(type, nodes, innerPageSize)))
  }

  #selectionCost(type: GraphQLCompositeType, nodes: FieldNode[], pageSize: number): Cost {
    const key = `${type.name} ${pageSize} ${this.#nodeKeys.keyOf(nodes)}`
    const memoized = this.#memo.get(key)
    if (memoized !== undefined) return memoized
    if (this.#memo.size >= maxSelections)
      throw limitExceeded({
        subject: 'the operation has',
        actual: maxSelections + 1,
        limit: maxSelections,
        unit: 'different selections',
        remedy: 'Remove fragments that repeat a selection.',
      })
    const { schema } = this.#selection
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
    const sums = types.map((each) =>
      this.#fieldsCost(each, collectSubFields(this.#selection, each, nodes), pageSize),
    )
    // An object has exactly one of the types, so the maximum applies.
    const maxCost = max(sums)
    this.#memo.set(key, maxCost)
    return maxCost
  }
}
