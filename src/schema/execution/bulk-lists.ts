// Writes long lists of plain objects to the response without the executor. Calling three resolvers for each of a million areas
// would take longer than reading the areas from vSphere.
//
//   the resolver defers the list, which is written as JSON, and returns an empty one -> the executor runs
//   -> splice() replaces each empty list by its JSON

import {
  type ExecutionResult,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  responsePathAsArray,
} from 'graphql'
import { isOverBudget, yieldToEventLoop } from '../../concurrency/event-loop.ts'
import { collectSubFields } from '../collect-fields.ts'
import { add, type Cost, scale, zero } from '../cost/cost.ts'
import { scalarCost, typeCost } from '../cost/cost-estimate.ts'
import type { OperationBudget } from '../cost/operation-budget.ts'
import { type JsonText, JsonWriter } from './json-text.ts'

interface BulkList {
  readonly path: readonly (string | number)[]
  readonly json: JsonText
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
    const { cost: itemCost, write } = projectionOf(
      getNamedType(info.returnType) as GraphQLObjectType,
      info.fieldNodes,
      info,
    )
    this.#budget.countResult(scale(values.length, itemCost))
    if (isOverBudget()) await yieldToEventLoop()
    this.#lists.push({ path: responsePathAsArray(info.path), json: toJson(values, toObject, write) })
    return []
  }

  /** Inserts the deferred lists into an execution result, each as a JsonText. */
  splice({ data }: ExecutionResult): void {
    const lists = this.#lists
    this.#lists = []
    for (const { path, json } of lists) {
      const key = path.at(-1) as string | number
      let parent = data as Record<string | number, unknown> | null | undefined
      // The path ends early if an error has nulled a parent.
      for (const each of path.slice(0, -1)) parent = parent?.[each] as typeof parent
      if (parent?.[key]) parent[key] = json
    }
  }
}

function toJson<S, T extends object>(
  values: readonly S[],
  toObject: (each: S) => T,
  write: Projection['write'],
): JsonText {
  writer.clear()
  let separator = listStart
  for (const value of values) {
    writer.raw(separator)
    write(toObject(value), writer)
    separator = comma
  }
  if (values.length === 0) writer.raw(listStart)
  writer.raw(listEnd)
  return writer.take()
}

/** Shared, because a list is written without interruption. */
const writer = new JsonWriter()

const listStart = Buffer.from('[')
const listEnd = Buffer.from(']')
const comma = Buffer.from(',')
const objectEnd = Buffer.from('}')
const emptyObject = Buffer.from('{}')

/** The selection on an object. */
interface Projection {
  /** The cost of one object, including nested objects. */
  readonly cost: Cost
  readonly write: (item: object, writer: JsonWriter) => void
}

function projectionOf(
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  info: Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>,
): Projection {
  const fields = collectSubFields(info, type, nodes)
  const properties = [...fields].map(([key, fieldNodes], index) => {
    const name = (fieldNodes[0] as FieldNode).name.value
    const inner = getNamedType(type.getFields()[name]?.type)
    const nested = isObjectType(inner) ? projectionOf(inner, fieldNodes, info) : undefined
    return { name, nested, start: Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(key)}:`) }
  })
  return {
    cost: properties.reduce((sum, { nested }) => add(sum, nested?.cost ?? scalarCost(type)), {
      ...zero,
      objects: typeCost(type),
    }),
    write(item, writer) {
      if (properties.length === 0) return writer.raw(emptyObject)
      for (const { name, nested, start } of properties) {
        writer.raw(start)
        const value = name === '__typename' ? type.name : (item as Record<string, unknown>)[name]
        if (nested) nested.write(value as object, writer)
        else writer.value(value)
      }
      writer.raw(objectEnd)
    },
  }
}
