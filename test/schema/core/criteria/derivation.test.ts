// Compares the filters, sort keys, group keys and statistics of the built schema with the rules that derive them, written out here over
// the types and marks of the fields.

import {
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { builder } from '../../../../src/schema/builder.ts'
import { fieldConfigsOf } from '../../../../src/schema/core/criteria/derived-field.ts'
import type { Marks } from '../../../../src/schema/core/criteria/marks.ts'
import { buildSchema } from '../../../../src/schema/schema.ts'

const schema = buildSchema()
const types = schema.getTypeMap()
type Field = GraphQLField<unknown, unknown>

// ---- the rules

const withStatistics = ['VirtualMachine', 'HostSystem', 'ComputeResource', 'Datastore', 'Snapshot']
const connected = [...withStatistics, 'Network', 'Folder', 'ResourcePool', 'Datacenter']
const numbers = ['Int', 'BigInt', 'Float']

const objectType = (name: string) => types[name] as GraphQLObjectType
const fieldsOf = (name: string): readonly Field[] => Object.values(objectType(name).getFields())
const marksOf = (typeName: string, { name }: Field): Marks =>
  fieldConfigsOf(builder as never, typeName).get(name)?.pothosOptions.derives ?? {}

/** The type of the objects on a connection; undefined for other types. */
function nodeTypeOf({ type }: Field): string | undefined {
  const named = getNamedType(type)
  if (!isObjectType(named) || !named.name.endsWith('Connection')) return undefined
  return getNamedType(named.getFields().nodes!.type).name
}

const hasFilter = (typeName: string, field: Field): boolean => {
  const { nothing, ofObjectsOnly } = marksOf(typeName, field)
  const isOfObjects = ofObjectsOnly === undefined || isObjectType(types[typeName])
  return nothing === undefined && isOfObjects && !field.args.some(isRequiredArgument)
}

const isList = (field: Field): boolean =>
  isListType(getNullableType(field.type)) || nodeTypeOf(field) !== undefined
const valueType = (field: Field): string => nodeTypeOf(field) ?? getNamedType(field.type).name
const isEnum = (field: Field): boolean => isEnumType(getNamedType(field.type)) && !isList(field)
/** Whether a field leads to another object of the inventory. */
const isEdge = (field: Field): boolean => {
  const type = getNamedType(field.type)
  return (
    isObjectType(type) && !isList(field) && type.getInterfaces().some(({ name }) => name === 'ManagedEntity')
  )
}

/** An order, group or statistic: the names of the fields that lead to it. */
interface Path {
  readonly names: readonly string[]
  readonly field: Field
  readonly marks: Marks
}

/** The plain fields of a type, and those of its flat fields. */
function leavesOf(typeName: string): Path[] {
  return fieldsOf(typeName)
    .filter((field) => hasFilter(typeName, field))
    .flatMap((field): Path[] => {
      const marks = marksOf(typeName, field)
      if (isList(field)) return []
      if (isLeafType(getNamedType(field.type))) return [{ names: [field.name], field, marks }]
      if (!marks.flat) return []
      return leavesOf(valueType(field)).map((leaf) => ({ ...leaf, names: [field.name, ...leaf.names] }))
    })
    .filter(({ marks }) => marks.only === undefined)
}

const edgesOf = (typeName: string): Field[] =>
  fieldsOf(typeName).filter(
    (field) => hasFilter(typeName, field) && isEdge(field) && marksOf(typeName, field).only === undefined,
  )

const camelCase = ([first = '', ...others]: readonly string[]): string =>
  first + others.map((name) => `${name[0]!.toUpperCase()}${name.slice(1)}`).join('')
/** `vApp` is one word. */
const constant = (name: string): string =>
  name
    .replace(/^vApp/, 'vapp')
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()

const sortable = ['String', ...numbers, 'DateTime']
const sortKeys = (typeName: string): string[] => [
  ...leavesOf(typeName)
    .filter(({ field }) => sortable.includes(valueType(field)) || isEnum(field))
    .map(({ names }) => constant(camelCase(names))),
  ...edgesOf(typeName).map(({ name }) => constant(`${name}Name`)),
]
const groupKeys = (typeName: string): string[] => [
  ...leavesOf(typeName)
    .filter(({ field, marks }) => marks.group || isEnum(field) || valueType(field) === 'Boolean')
    .map(({ names }) => camelCase(names)),
  ...edgesOf(typeName).map(({ name }) => name),
]
const statistics = (typeName: string): [name: string, type: string][] =>
  leavesOf(typeName).flatMap(({ names, marks: { statistics: unit } }) =>
    unit ? [[camelCase(names), unit === '%' ? 'PercentStats' : 'NumberStats'] as [string, string]] : [],
  )

// ---- the schema

const sorted = (items: Iterable<string>): string[] => [...items].sort()
/** Name and type of each, sorted by name. */
const signaturesOf = (fields: readonly { readonly name: string; readonly type: unknown }[]): string[] =>
  sorted(fields.map(({ name, type }) => `${name}: ${type}`))
const inputFields = (name: string) => Object.values((types[name] as GraphQLInputObjectType).getFields())
const enumValues = (name: string): string[] => {
  const type = types[name]
  if (!isEnumType(type)) throw new TypeError(`${name} is not an enum`)
  return type.getValues().map((value) => value.name)
}

const combinators = ['and', 'or', 'not']
const isObjectFilter = (name: string): boolean =>
  isInputObjectType(types[name]) &&
  name.endsWith('Filter') &&
  inputFields(name).some((field) => field.name === 'and')
/** All types that conditions can be on, except scalars and enums. */
const filtered = Object.keys(types)
  .filter(isObjectFilter)
  .map((name) => name.replace(/Filter$/, ''))

describe('filters', () => {
  it('exist for every type with a connection', () => {
    expect(filtered).toEqual(expect.arrayContaining(connected))
  })

  it.each(filtered)('have one condition for each field of %s, by its type', (typeName) => {
    const expected = fieldsOf(typeName)
      .filter((field) => hasFilter(typeName, field))
      .map((field) => `${field.name}: ${valueType(field)}${isList(field) ? 'List' : ''}Filter`)
    // `__typename` returns it.
    if (typeName === 'ManagedEntity') expected.push('type: EntityTypeFilter')
    const conditions = inputFields(`${typeName}Filter`).filter(({ name }) => !combinators.includes(name))
    expect(signaturesOf(conditions)).toEqual(sorted(expected))
  })

  it.each(filtered)('of %s combine with and, or and not', (typeName) => {
    const combined = inputFields(`${typeName}Filter`).filter(({ name }) => combinators.includes(name))
    expect(signaturesOf(combined)).toEqual(
      sorted([`and: [${typeName}Filter!]`, `or: [${typeName}Filter!]`, `not: ${typeName}Filter`]),
    )
  })

  it('of lists have some, every and none', () => {
    const lists = Object.keys(types).filter((name) => name.endsWith('ListFilter'))
    expect(lists.length).toBeGreaterThan(10)
    for (const name of lists) {
      const item = name.replace('ListFilter', 'Filter')
      expect(signaturesOf(inputFields(name))).toEqual(
        ['every', 'none', 'some'].map((quantifier) => `${quantifier}: ${item}`),
      )
    }
  })

  const equality = (type: string) => [`eq: ${type}`, `ne: ${type}`, `in: [${type}!]`, `notIn: [${type}!]`]
  const comparison = (type: string) => ['lt', 'lte', 'gt', 'gte'].map((name) => `${name}: ${type}`)
  const isNull = 'isNull: Boolean'
  const text = ['contains', 'startsWith', 'endsWith', 'glob'].map((name) => `${name}: String`)
  it.each([
    ['String', [...equality('String'), ...text, isNull]],
    ['Int', [...equality('Int'), ...comparison('Int'), isNull]],
    ['BigInt', [...equality('BigInt'), ...comparison('BigInt'), isNull]],
    ['Float', [...comparison('Float'), isNull]],
    ['DateTime', [...comparison('DateTime'), isNull]],
    ['Boolean', ['eq: Boolean', 'ne: Boolean', isNull]],
    ['ID', ['eq: ID', 'in: [ID!]']],
    ['PowerState', [...equality('PowerState'), isNull]],
  ])('of %s have the operators of its values', (name, operators) => {
    expect(signaturesOf(inputFields(`${name}Filter`))).toEqual(sorted(operators))
  })

  it('are missing only for fields that opt out with a reason, and for those with required arguments', () => {
    const without = filtered.flatMap((typeName) =>
      fieldsOf(typeName)
        .filter(({ name }) => !inputFields(`${typeName}Filter`).some((condition) => condition.name === name))
        .map((field) => {
          const { nothing, ofObjectsOnly } = marksOf(typeName, field)
          const reason = nothing ?? ofObjectsOnly ?? (field.args.some(isRequiredArgument) ? 'arguments' : '')
          return { field: `${typeName}.${field.name}`, reason }
        }),
    )
    expect(without.filter(({ reason }) => reason.length === 0)).toEqual([])
    // Of plain values, only one that repeats an edge opts out, those that are read with calls of their own, and those of tags, which are
    // selected by their names.
    const plain = without.filter(({ field }) => {
      const [typeName = '', name = ''] = field.split('.')
      return isLeafType(getNamedType(objectType(typeName).getFields()[name]!.type))
    })
    expect(plain.map(({ field }) => field)).toEqual([
      'ChangeTrackingReason.privilege',
      'GuestNetworkInterface.network',
      'Snapshot.createdBy',
      'TagCategory.associableTypes',
      'TagCategory.cardinality',
      'TagCategory.description',
      'Tag.description',
    ])
    expect(without.length).toBeGreaterThan(5)
  })
})

describe('orders', () => {
  it.each(connected)('of %s have the keys of its fields, of its flat fields and of its edges', (typeName) => {
    expect(sorted(enumValues(`${typeName}OrderField`))).toEqual(sorted(sortKeys(typeName)))
    expect(signaturesOf(inputFields(`${typeName}Order`))).toEqual([
      'direction: OrderDirection!',
      `field: ${typeName}OrderField!`,
    ])
  })
})

describe('groups and aggregates', () => {
  it.each(withStatistics)('of %s have the keys and statistics of its fields', (typeName) => {
    const keys = groupKeys(typeName)
    const keyTypes = fieldsOf(`${typeName}GroupKey`)
    expect(sorted(keyTypes.map(({ name }) => name))).toEqual(sorted(keys))
    expect(keyTypes.filter(({ type }) => getNullableType(type) !== type)).toEqual([])
    expect(sorted(enumValues(`${typeName}GroupBy`))).toEqual(sorted(keys.map(constant)))
    expect(signaturesOf(fieldsOf(`${typeName}Aggregate`))).toEqual(
      sorted(statistics(typeName).map(([name, type]) => `${name}: ${type}`)),
    )
    expect(signaturesOf(fieldsOf(`${typeName}Group`))).toEqual([
      `aggregate: ${typeName}Aggregate!`,
      'count: Int!',
      `key: ${typeName}GroupKey!`,
    ])
    const connection = objectType(`${typeName}Connection`).getFields()
    expect(String(connection.aggregate!.type)).toBe(`${typeName}Aggregate`)
    expect(String(connection.groups!.type)).toBe(`[${typeName}Group!]`)
    expect(signaturesOf(connection.groups!.args)).toEqual([`by: [${typeName}GroupBy!]!`, 'first: Int'])
  })

  it('exist only for the types whose connections have them', () => {
    const found = Object.keys(types).filter((name) => name.endsWith('Aggregate'))
    expect(sorted(found)).toEqual(sorted(withStatistics.map((name) => `${name}Aggregate`)))
  })
})
