// Lists of plain values, whose fields are their own properties, put into the answer as they are: an executor that asks three
// resolvers for each of a million areas takes longer than all that is done to find them.
//
//   the resolver gives the list here and an empty one to the executor -> executed -> each list is put where it belongs

import { collectSubFields } from '@graphql-tools/utils'
import {
  type ExecutionResult,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  responsePathAsArray,
} from 'graphql'
import { add, type Cost, scale, zero } from '../cost/cost.ts'
import { scalarCost, typeCost } from '../cost/cost-estimate.ts'
import type { OperationBudget } from '../cost/operation-budget.ts'
import { isOverBudget, yieldToEventLoop } from './event-loop.ts'

interface BulkList {
  readonly path: readonly (string | number)[]
  readonly items: readonly object[]
}

/** Those of one operation; of a subscription, those of one event. */
export class BulkLists {
  readonly #budget: OperationBudget
  #lists: BulkList[] = []

  constructor(budget: OperationBudget) {
    this.#budget = budget
  }

  /**
   * What a resolver gives for a list of objects all of whose fields are properties of the same name, which can stand in JSON as
   * they are or are such objects themselves; `of` makes them. They count as all objects do. Many lists are not made in one turn of
   * the event loop.
   */
  async defer<S, T extends object>(
    values: readonly S[],
    toObject: (each: S) => T,
    info: GraphQLResolveInfo,
  ): Promise<readonly T[]> {
    const { cost: itemCost, project } = projectionOf(
      getNamedType(info.returnType) as GraphQLObjectType,
      info.fieldNodes,
      info,
    )
    this.#budget.countResult(scale(values.length, itemCost))
    if (isOverBudget()) await yieldToEventLoop()
    this.#lists.push({
      path: responsePathAsArray(info.path),
      items: values.map((each) => project(toObject(each))),
    })
    return []
  }

  /** Puts the lists into the answer that was executed. */
  splice({ data }: ExecutionResult): void {
    const lists = this.#lists
    this.#lists = []
    for (const { path, items } of lists) {
      let target: unknown = data
      // What an error has nulled has no place for it.
      for (const key of path) target = (target as Record<string | number, unknown> | null | undefined)?.[key]
      // One by one: a call takes no more than some 100,000 arguments.
      if (Array.isArray(target)) for (const item of items) target.push(item)
    }
  }
}

/** What is selected of an object. */
interface Projection {
  /** As how much it counts, with the objects inside it. */
  readonly cost: Cost
  readonly project: (item: object) => object
}

function projectionOf(
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  info: Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>,
): Projection {
  const { schema, fragments, variableValues } = info
  const { fields } = collectSubFields(schema, fragments, variableValues, type, [...nodes])
  const properties = [...fields].map(([key, fieldNodes]) => {
    const name = (fieldNodes[0] as FieldNode).name.value
    const inner = getNamedType(type.getFields()[name]?.type)
    return { key, name, nested: isObjectType(inner) ? projectionOf(inner, fieldNodes, info) : undefined }
  })
  // Copied and then filled: assigned to an object without it, an alias `__proto__` would be no property.
  const empty: Record<string, unknown> = Object.fromEntries(properties.map(({ key }) => [key, undefined]))
  return {
    cost: properties.reduce((sum, { nested }) => add(sum, nested?.cost ?? scalarCost(type)), {
      ...zero,
      objects: typeCost(type),
    }),
    project(item) {
      const result = { ...empty }
      for (const { key, name, nested } of properties) {
        const value = name === '__typename' ? type.name : (item as Record<string, unknown>)[name]
        result[key] = nested ? nested.project(value as object) : value
      }
      return result
    },
  }
}
