// How many objects and values an introspection answers with, counted over the schema itself: with aliases, a few levels of fields
// of types of fields are millions of objects, which no other limit sees.

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
import type { Selected } from './cost-estimate.ts'
import { tooComplex } from '../errors/api-error.ts'
import { NodeNumbers } from './node-keys.ts'
import { nothing, oneValue, plus, type Tally, times } from './cost.ts'

const oneObject: Tally = { ...nothing, objects: 1 }

/** They are answered in one go, and nobody else meanwhile. */
const weight = 10

/** Things of the schema, each with what is selected of it. The whole schema, as tools ask for it, has some two thousand. */
const mostCounted = 50_000

export class IntrospectionSize {
  readonly #selected: Selected
  readonly #numbers = new NodeNumbers()
  /** Of each thing of the schema, by what is selected of it. */
  readonly #known = new Map<unknown, Map<string, Tally>>()
  #counted = 0

  constructor(selected: Selected) {
    this.#selected = selected
  }

  /** Takes `__schema` or `__type`; undefined for anything else. */
  of(nodes: FieldNode[]): Tally | undefined {
    const name = nodes[0]?.name.value
    const field = [SchemaMetaFieldDef, TypeMetaFieldDef].find((each) => each.name === name)
    return field && times(weight, this.#field(field, undefined, nodes))
  }

  #field(field: GraphQLField<unknown, unknown>, source: unknown, nodes: FieldNode[]): Tally {
    const type = getNamedType(field.type)
    const value = field.resolve?.(source, this.#argsOf(field, nodes), undefined, this.#info)
    if (!isObjectType(type) || value == null) return times(Array.isArray(value) ? value.length : 1, oneValue)
    return [value]
      .flat()
      .reduce((sum: Tally, each) => plus(sum, plus(oneObject, this.#below(type, each, nodes))), nothing)
  }

  #below(type: GraphQLObjectType, value: unknown, nodes: FieldNode[]): Tally {
    const known = this.#known.get(value) ?? new Map<string, Tally>()
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
    let sum = nothing
    for (const selected of fields.values()) {
      const field = type.getFields()[(selected[0] as FieldNode).name.value]
      sum = plus(sum, field ? this.#field(field, value, selected) : oneValue)
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
