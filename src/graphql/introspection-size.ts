// How many objects an introspection answers with, counted over the schema itself: with aliases, a few levels of fields of
// types of fields are millions of objects, which no other limit sees.

import { collectSubFields } from '@graphql-tools/utils'
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
  getNamedType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql'
import type { Selected } from './answer-size.ts'
import { tooComplex } from './api-error.ts'
import { NodeNumbers } from './node-numbers.ts'

/** They are answered in one go, and nobody else meanwhile. */
const weight = 10

/** Things of the schema, each with what is selected of it. The whole schema, as tools ask for it, has some two thousand. */
const mostCounted = 50_000

export class IntrospectionSize {
  readonly #selected: Selected
  readonly #numbers = new NodeNumbers()
  /** Of each thing of the schema, by what is selected of it. */
  readonly #known = new Map<unknown, Map<string, number>>()
  #counted = 0

  constructor(selected: Selected) {
    this.#selected = selected
  }

  /** Takes `__schema` or `__type`; anything else has none. */
  objects(nodes: FieldNode[]): number {
    const name = nodes[0]?.name.value
    const field = [SchemaMetaFieldDef, TypeMetaFieldDef].find((each) => each.name === name)
    return field ? weight * this.#field(field, undefined, nodes) : 0
  }

  #field(field: GraphQLField<unknown, unknown>, source: unknown, nodes: FieldNode[]): number {
    const type = getNamedType(field.type)
    if (!isObjectType(type)) return 0
    const value = field.resolve?.(source, this.#argsOf(field, nodes), undefined, this.#info)
    return [value]
      .flat()
      .filter((each) => each != null)
      .reduce((sum: number, each) => sum + 1 + this.#below(type, each, nodes), 0)
  }

  #below(type: GraphQLObjectType, value: unknown, nodes: FieldNode[]): number {
    const known = this.#known.get(value) ?? new Map<string, number>()
    this.#known.set(value, known)
    const key = this.#numbers.of(nodes)
    const before = known.get(key)
    if (before !== undefined) return before
    this.#counted += 1
    if (this.#counted > mostCounted)
      throw tooComplex(
        'the introspection has at least',
        this.#counted,
        mostCounted,
        'different objects',
        'Ask for each level of the schema once, without aliases.',
      )
    const { schema, fragments, variableValues } = this.#selected
    const { fields } = collectSubFields(schema, fragments, variableValues, type, nodes)
    let sum = 0
    for (const selected of fields.values()) {
      const field = type.getFields()[(selected[0] as FieldNode).name.value]
      if (field) sum += this.#field(field, value, selected)
    }
    known.set(key, sum)
    return sum
  }

  #argsOf(field: GraphQLField<unknown, unknown>, nodes: readonly FieldNode[]): Record<string, unknown> {
    try {
      return getArgumentValues(field, nodes[0] as FieldNode, this.#selected.variableValues)
    } catch {
      // The field fails when it is executed, and says why.
      return {}
    }
  }

  /** What graphql's own resolvers of the introspection read of it. */
  get #info(): GraphQLResolveInfo {
    return { schema: this.#selected.schema } as GraphQLResolveInfo
  }
}
