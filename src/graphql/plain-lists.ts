// Lists of plain values, whose fields are their own properties, put into the answer as they are: an executor that asks three
// resolvers for each of a million areas takes longer than all that is done to find them.
//
//   the resolver gives the list here and an empty one to the executor -> executed -> each list is put where it belongs

import { collectSubFields } from '@graphql-tools/utils'
import {
  type ExecutionResult,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  responsePathAsArray,
} from 'graphql'
import type { Allowance } from './allowance.ts'
import { weightOf } from './answer-size.ts'

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
   * What a resolver gives for a list of objects all of whose fields are properties of the same name and can stand in JSON as
   * they are. They count as all objects do.
   */
  give<T extends object>(items: readonly T[], info: GraphQLResolveInfo): readonly T[] {
    const type = getNamedType(info.returnType) as GraphQLObjectType
    this.#allowance.give(items.length * weightOf(type))
    const { fields } = collectSubFields(
      info.schema,
      info.fragments,
      info.variableValues,
      type,
      info.fieldNodes as Parameters<typeof collectSubFields>[4],
    )
    const properties = [...fields].map(([key, [field]]) => [key, field?.name.value as keyof T] as const)
    const chosen = items.map((item) => {
      const object: Record<string, unknown> = {}
      for (const [key, property] of properties)
        object[key] = property === '__typename' ? type.name : item[property]
      return object
    })
    this.#lists.push({ path: responsePathAsArray(info.path), items: chosen })
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
      if (Array.isArray(at)) at.push(...items)
    }
  }
}
