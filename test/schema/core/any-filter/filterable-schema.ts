// The types with a connection, their fields in filters, and their sort keys, as the schema declares them. A field that is added to the
// schema is thereby part of the test.

import {
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isScalarType,
} from 'graphql'
import { buildSchema } from '../../../../src/schema/schema.ts'

const schema = buildSchema()

export interface FilterField {
  readonly name: string
  readonly description: string
  /** A reference leads to an object with a connection of its own, and a part belongs to the object that has it. */
  readonly kind: 'leaf' | 'reference' | 'part'
  readonly isList: boolean
  /** Whether a list is read as a connection. */
  readonly isConnection: boolean
  readonly typeName: string
  /** Names of the operators or quantifiers. */
  readonly operators: readonly string[]
}

/** A sort key, group key or statistic: the fields that lead to it. */
export type KeyPath = readonly string[]

/** The root connections by type. */
export const rootFields: ReadonlyMap<string, string> = new Map(
  Object.values(schema.getQueryType()!.getFields())
    .filter(({ args }) => args.some(({ name }) => name === 'orderBy'))
    .map(({ name, type }) => [getNamedType(type).name.replace(/Connection$/, ''), name]),
)

const outputFields = (typeName: string) => (schema.getType(typeName) as GraphQLObjectType).getFields()
const inputFields = (typeName: string) =>
  Object.values((schema.getType(typeName) as GraphQLInputObjectType).getFields())
const known = new Map<string, readonly FilterField[]>()

/** Returns the fields of a type that its filter has. */
export function fieldsOf(typeName: string): readonly FilterField[] {
  const fields =
    known.get(typeName) ??
    inputFields(`${typeName}Filter`)
      .filter(({ name }) => !['and', 'or', 'not'].includes(name))
      // The type of an object is a condition, and no field.
      .filter(({ name }) => typeName !== 'ManagedEntity' || name !== 'type')
      .map(({ name, type }) => fieldOf(outputFields(typeName)[name]!, getNamedType(type).name))
  known.set(typeName, fields)
  return fields
}

function fieldOf({ name, type, description }: GraphQLField<unknown, unknown>, input: string): FilterField {
  const named = getNamedType(type)
  const isConnection = named.name.endsWith('Connection')
  const typeName = named.name.replace(/Connection$/, '')
  return {
    name,
    description: description ?? '',
    kind: isScalarType(named) || isEnumType(named) ? 'leaf' : rootFields.has(typeName) ? 'reference' : 'part',
    isList: isConnection || isListType(getNullableType(type)),
    isConnection,
    typeName,
    operators: inputFields(input).map((each) => each.name),
  }
}

export const enumValues = (typeName: string): readonly string[] | undefined => {
  const type = schema.getType(typeName)
  return isEnumType(type) ? type.getValues().map(({ name }) => name) : undefined
}

const camelCase = ([first = '', ...others]: KeyPath): string =>
  first + others.map((name) => `${name[0]!.toUpperCase()}${name.slice(1)}`).join('')

/** Names of keys are compared without the separators of words, which differ where a field begins with an abbreviation, such as vApp. */
const plainKey = (name: string) => name.replaceAll('_', '').toUpperCase()
const knownPaths = new Map<string, ReadonlyMap<string, KeyPath>>()

/** Returns the sequences of at most two fields that lead to one value, by their plain keys. */
function pathsOf(typeName: string): ReadonlyMap<string, KeyPath> {
  const known = knownPaths.get(typeName)
  if (known) return known
  const paths = new Map<string, KeyPath>()
  const add = (...path: KeyPath) => {
    const key = plainKey(path.join(''))
    if (!paths.has(key)) paths.set(key, path)
  }
  for (const { name, kind, isList, typeName: below } of fieldsOf(typeName)) {
    if (isList) continue
    add(name)
    if (kind === 'leaf') continue
    for (const each of fieldsOf(below)) if (each.kind === 'leaf') add(name, each.name)
  }
  knownPaths.set(typeName, paths)
  return paths
}

function pathNamed(typeName: string, key: string): KeyPath {
  const path = pathsOf(typeName).get(plainKey(key))
  if (!path) throw new Error(`no field gives the key ${key} of ${typeName}`)
  return path
}

const keysOf = (enumName: string, typeName: string): ReadonlyMap<string, KeyPath> =>
  new Map((enumValues(enumName) ?? []).map((name) => [name, pathNamed(typeName, name)]))

export const orderKeysOf = (typeName: string) => keysOf(`${typeName}OrderField`, typeName)
export const groupKeysOf = (typeName: string) => keysOf(`${typeName}GroupBy`, typeName)
export const groupKeyName = camelCase

/** Returns the statistics of a type, and the names of their values. */
export function statisticsOf(
  typeName: string,
): readonly { name: string; path: KeyPath; values: readonly string[] }[] {
  const aggregate = schema.getType(`${typeName}Aggregate`) as GraphQLObjectType | undefined
  return Object.values(aggregate?.getFields() ?? {}).map(({ name, type }) => ({
    name,
    path: pathNamed(typeName, name),
    values: Object.keys((getNamedType(type) as GraphQLObjectType).getFields()),
  }))
}

/** The health of an object has an order of its own. */
export const ranksOf = (typeName: string): readonly string[] | undefined =>
  typeName === 'EntityStatus'
    ? (schema.getType(typeName) as GraphQLEnumType) && ['GRAY', 'GREEN', 'YELLOW', 'RED']
    : undefined
