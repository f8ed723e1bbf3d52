// How many objects and values an answer could have, before anything is asked: every object of its JSON counts, and every value
// in it; every window is taken as full, and any other list as one element long (operation-budget.ts counts what they really have).
// Types and fields say what else they count, in their extensions; nothing here knows them by name.

import { collectFields, collectSubFields } from '@graphql-tools/utils'
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  type OperationDefinitionNode,
} from 'graphql'
import type { PaginationArgs } from '../../planner/page.ts'
import type { VCenter } from '../context.ts'
import { limitExceeded } from '../errors/api-error.ts'
import { add, type Cost, max, oneError, scale, zero } from './cost.ts'
import { IntrospectionCost } from './introspection-cost.ts'
import { NodeKeys } from './node-keys.ts'

type Args = Readonly<Record<string, unknown>>
type PageSizes = VCenter['pageSizes']

/** In a type's `extensions.size`: how its objects count. */
export interface TypeCost {
  /** As how many objects one of them counts. @default 1 */
  readonly objectWeight?: number
  /** As how many values each plain field of one of them counts. @default 1 */
  readonly valueWeight?: number
  /** It is a page: how long its lists can be, by the arguments of the field that leads to it. */
  readonly pageSize?: (args: Args, pageSizes: PageSizes) => number
}

/** In a field's `extensions.length`: how long its list can be. */
export type ListSize = (args: Args, pageSizes: PageSizes) => number

/** A page of a connection of managed objects. What is larger than a page can be is refused by the field itself. */
export const connectionCost: TypeCost = {
  pageSize: (args, { defaultSize, maxSize }) => {
    const { first, last } = args as PaginationArgs
    return Math.min(Math.max(first ?? last ?? defaultSize, 0), maxSize)
  },
}

/** As how many objects one of a type counts. */
export const typeCost = (type: GraphQLNamedType): number => typeCostOf(type).objectWeight ?? 1

/** As how much a plain field of one of a type counts. */
export const scalarCost = (type: GraphQLNamedType): Cost => ({
  ...zero,
  values: typeCostOf(type).valueWeight ?? 1,
})

const typeCostOf = (type: GraphQLNamedType): TypeCost => (type.extensions.size as TypeCost | undefined) ?? {}

/** An operation as it will be executed, its variables coerced. */
export interface OperationSelection {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  readonly variableValues: Record<string, unknown>
}

export function estimateCost(selection: OperationSelection, pageSizes: PageSizes): Cost {
  return new CostEstimator(selection, pageSizes).total()
}

/**
 * Selections that differ from each other. No document that a person or a client library writes has so many; fragments in
 * fragments can be made to have any number.
 */
const maxSelections = 10_000

class CostEstimator {
  readonly #selection: OperationSelection
  readonly #pageSizes: PageSizes
  readonly #introspection: IntrospectionCost
  readonly #nodeKeys = new NodeKeys()
  /** What is selected twice in the same way is counted through once, or fragments in fragments would multiply the work. */
  readonly #memo = new Map<string, Cost>()

  constructor(selection: OperationSelection, pageSizes: PageSizes) {
    this.#selection = selection
    this.#pageSizes = pageSizes
    this.#introspection = new IntrospectionCost(selection)
  }

  total(): Cost {
    const { schema, fragments, variableValues, operation } = this.#selection
    const root = schema.getRootType(operation.operation)
    if (!root) return zero
    return this.#fieldsCost(
      root,
      collectFields(schema, fragments, variableValues, root, operation.selectionSet).fields,
      1,
    )
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
    const args = this.#argsOf(field, nodes[0] as FieldNode)
    // It fails when it is executed, and says why.
    if (!args) return oneError
    const listSize = field.extensions.length as ListSize | undefined
    const type = getNamedType(field.type)
    if (!isCompositeType(type)) return scale(listSize?.(args, this.#pageSizes) ?? 1, scalarCost(parent))
    const length = isListType(getNullableType(field.type))
      ? (listSize?.(args, this.#pageSizes) ?? pageSize)
      : 1
    const innerPageSize = typeCostOf(type).pageSize?.(args, this.#pageSizes) ?? 1
    // Windows in windows may be infinite, and nothing times that is no number.
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
        remedy: 'Leave out fragments that select the same again.',
      })
    const { schema, fragments, variableValues } = this.#selection
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
    const sums = types.map((each) =>
      this.#fieldsCost(
        each,
        collectSubFields(schema, fragments, variableValues, each, nodes).fields,
        pageSize,
      ),
    )
    // An object is of one of the types.
    const maxCost = max(sums)
    this.#memo.set(key, maxCost)
    return maxCost
  }

  #argsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Args | undefined {
    try {
      return getArgumentValues(field, node, this.#selection.variableValues)
    } catch {
      return undefined
    }
  }
}
