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
import type { Allowance } from '../cost/operation-budget.ts'
import { plainValueOf, weightOf } from '../cost/cost-estimate.ts'
import { nothing, plus, type Tally, times } from '../cost/cost.ts'
import { isHeld, nextTurn } from './event-loop.ts'

interface PlainList {
  readonly path: readonly (string | number)[]
  readonly items: readonly object[]
}

/** Those of one operation; of a subscription, those of one event. */
export class PlainLists {
  readonly #allowance: Allowance
  #lists: PlainList[] = []

  constructor(allowance: Allowance) {
    this.#allowance = allowance
  }

  /**
   * What a resolver gives for a list of objects all of whose fields are properties of the same name, which can stand in JSON as
   * they are or are such objects themselves; `of` makes them. They count as all objects do. Many lists are not made in one turn of
   * the event loop.
   */
  async give<S, T extends object>(
    given: readonly S[],
    of: (each: S) => T,
    info: GraphQLResolveInfo,
  ): Promise<readonly T[]> {
    const { size, make } = selectedOf(
      getNamedType(info.returnType) as GraphQLObjectType,
      info.fieldNodes,
      info,
    )
    this.#allowance.give(times(given.length, size))
    if (isHeld()) await nextTurn()
    this.#lists.push({ path: responsePathAsArray(info.path), items: given.map((each) => make(of(each))) })
    return []
  }

  /** Puts the lists into the answer that was executed. */
  fill({ data }: ExecutionResult): void {
    const lists = this.#lists
    this.#lists = []
    for (const { path, items } of lists) {
      let at: unknown = data
      // What an error has nulled has no place for it.
      for (const key of path) at = (at as Record<string | number, unknown> | null | undefined)?.[key]
      // One by one: a call takes no more than some 100,000 arguments.
      if (Array.isArray(at)) for (const item of items) at.push(item)
    }
  }
}

/** What is selected of an object. */
interface Selected {
  /** As how much it counts, with the objects inside it. */
  readonly size: Tally
  readonly make: (item: object) => object
}

function selectedOf(
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  info: Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>,
): Selected {
  const { schema, fragments, variableValues } = info
  const { fields } = collectSubFields(schema, fragments, variableValues, type, [...nodes])
  const properties = [...fields].map(([key, fieldNodes]) => {
    const name = (fieldNodes[0] as FieldNode).name.value
    const inner = getNamedType(type.getFields()[name]?.type)
    return { key, name, inside: isObjectType(inner) ? selectedOf(inner, fieldNodes, info) : undefined }
  })
  // Copied and then filled: assigned to an object without it, an alias `__proto__` would be no property.
  const empty: Record<string, unknown> = Object.fromEntries(properties.map(({ key }) => [key, undefined]))
  return {
    size: properties.reduce((sum, { inside }) => plus(sum, inside?.size ?? plainValueOf(type)), {
      ...nothing,
      objects: weightOf(type),
    }),
    make(item) {
      const made = { ...empty }
      for (const { key, name, inside } of properties) {
        const value = name === '__typename' ? type.name : (item as Record<string, unknown>)[name]
        made[key] = inside ? inside.make(value as object) : value
      }
      return made
    },
  }
}
