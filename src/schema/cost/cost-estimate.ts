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
import type { WindowArgs } from '../../planner/page.ts'
import { tooComplex } from '../errors/api-error.ts'
import type { VCenter } from '../context.ts'
import { IntrospectionSize } from './introspection-cost.ts'
import { NodeNumbers } from './node-keys.ts'
import { most, nothing, oneError, plus, type Tally, times } from './cost.ts'

type Args = Readonly<Record<string, unknown>>
type PageSizes = VCenter['pageSizes']

/** In a type's `extensions.size`: how its objects count. */
export interface TypeSize {
  /** As how many objects one of them counts. @default 1 */
  readonly weight?: number
  /** As how many values each plain field of one of them counts. @default 1 */
  readonly valueWeight?: number
  /** It is a page: how long its lists can be, by the arguments of the field that leads to it. */
  readonly window?: (args: Args, pageSizes: PageSizes) => number
}

/** In a field's `extensions.length`: how long its list can be. */
export type ListLength = (args: Args, pageSizes: PageSizes) => number

/** A page of a connection of managed objects. What is larger than a page can be is refused by the field itself. */
export const pageOfObjects: TypeSize = {
  window: (args, { standard, maximum }) => {
    const { first, last } = args as WindowArgs
    return Math.min(Math.max(first ?? last ?? standard, 0), maximum)
  },
}

/** As how many objects one of a type counts. */
export const weightOf = (type: GraphQLNamedType): number => sizeOf(type).weight ?? 1

/** As how much a plain field of one of a type counts. */
export const plainValueOf = (type: GraphQLNamedType): Tally => ({
  ...nothing,
  values: sizeOf(type).valueWeight ?? 1,
})

const sizeOf = (type: GraphQLNamedType): TypeSize => (type.extensions.size as TypeSize | undefined) ?? {}

/** An operation as it will be executed, its variables coerced. */
export interface Selected {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  readonly variableValues: Record<string, unknown>
}

export function estimateAnswer(selected: Selected, pageSizes: PageSizes): Tally {
  return new Estimate(selected, pageSizes).all()
}

/**
 * Selections that differ from each other. No document that a person or a client library writes has so many; fragments in
 * fragments can be made to have any number.
 */
const mostSelections = 10_000

class Estimate {
  readonly #selected: Selected
  readonly #pageSizes: PageSizes
  readonly #introspection: IntrospectionSize
  readonly #numbers = new NodeNumbers()
  /** What is selected twice in the same way is counted through once, or fragments in fragments would multiply the work. */
  readonly #known = new Map<string, Tally>()

  constructor(selected: Selected, pageSizes: PageSizes) {
    this.#selected = selected
    this.#pageSizes = pageSizes
    this.#introspection = new IntrospectionSize(selected)
  }

  all(): Tally {
    const { schema, fragments, variableValues, operation } = this.#selected
    const root = schema.getRootType(operation.operation)
    if (!root) return nothing
    return this.#sum(
      root,
      collectFields(schema, fragments, variableValues, root, operation.selectionSet).fields,
      1,
    )
  }

  #sum(type: GraphQLObjectType, fields: ReadonlyMap<string, FieldNode[]>, window: number): Tally {
    let sum = nothing
    for (const nodes of fields.values()) {
      const field = type.getFields()[(nodes[0] as FieldNode).name.value]
      sum = plus(
        sum,
        field
          ? this.#field(type, field, nodes, window)
          : (this.#introspection.of(nodes) ?? plainValueOf(type)),
      )
    }
    return sum
  }

  #field(
    parent: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    nodes: FieldNode[],
    window: number,
  ): Tally {
    const args = this.#argsOf(field, nodes[0] as FieldNode)
    // It fails when it is executed, and says why.
    if (!args) return oneError
    const listLength = field.extensions.length as ListLength | undefined
    const type = getNamedType(field.type)
    if (!isCompositeType(type)) return times(listLength?.(args, this.#pageSizes) ?? 1, plainValueOf(parent))
    const length = isListType(getNullableType(field.type))
      ? (listLength?.(args, this.#pageSizes) ?? window)
      : 1
    const inner = sizeOf(type).window?.(args, this.#pageSizes) ?? 1
    // Windows in windows may be infinite, and nothing times that is no number.
    if (length === 0) return nothing
    const object = { ...nothing, objects: weightOf(type) }
    return times(length, plus(object, this.#below(type, nodes, inner)))
  }

  #below(type: GraphQLCompositeType, nodes: FieldNode[], window: number): Tally {
    const key = `${type.name} ${window} ${this.#numbers.of(nodes)}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= mostSelections)
      throw tooComplex(
        'the operation has',
        mostSelections + 1,
        mostSelections,
        'different selections',
        'Leave out fragments that select the same again.',
      )
    const { schema, fragments, variableValues } = this.#selected
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
    const sums = types.map((each) =>
      this.#sum(each, collectSubFields(schema, fragments, variableValues, each, nodes).fields, window),
    )
    // An object is of one of the types.
    const mostBelow = most(sums)
    this.#known.set(key, mostBelow)
    return mostBelow
  }

  #argsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Args | undefined {
    try {
      return getArgumentValues(field, node, this.#selected.variableValues)
    } catch {
      return undefined
    }
  }
}
