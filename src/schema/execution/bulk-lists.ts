// Adds long lists of plain objects to the response without the executor. Calling three resolvers for each of a million areas would
// take longer than reading the areas from vSphere.
//
//   the resolver defers the list and returns an empty one -> the executor runs -> splice() puts each list into the response

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

/** The deferred lists of one operation, or of one event of a subscription. */
export class BulkLists {
  readonly #budget: OperationBudget
  #lists: BulkList[] = []

  constructor(budget: OperationBudget) {
    this.#budget = budget
  }

  /**
   * Defers a list of objects. Each field must be a property of the same name that is a JSON value or an object of the same kind.
   * The objects count against the budget like all others. Yields to the event loop between lists if necessary.
   * @param toObject converts a value to the object
   * @returns an empty list, for the executor
   * @throws ApiError QUERY_TOO_COMPLEX
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

  /** Inserts the deferred lists into an execution result. */
  splice({ data }: ExecutionResult): void {
    const lists = this.#lists
    this.#lists = []
    for (const { path, items } of lists) {
      let target: unknown = data
      // The path ends early if an error has nulled a parent.
      for (const key of path) target = (target as Record<string | number, unknown> | null | undefined)?.[key]
      // Pushes items one by one, because a call accepts only about 100,000 arguments.
      if (Array.isArray(target)) for (const item of items) target.push(item)
    }
  }
}

/** The selection on an object. */
interface Projection {
  /** The cost of one object, including nested objects. */
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
  // Copied and then filled, because assigning the alias `__proto__` to a plain object would not create a property.
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
