// Derives the sort keys, group keys and statistics of a type from its fields, those of the objects that are part of it, and its
// references.

import type { SchemaTypes } from '@pothos/core'
import type { DerivedField } from '../derived-field.ts'
import { constantCase, derivedType, FieldPath, type SortPath } from '../derived-types.ts'

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>

/** Fills the paths of a type. The types of its fields must be registered. */
export function derivePaths(builder: Builder, typeName: string): void {
  const type = derivedType(typeName)
  const add = (path: FieldPath) => {
    const { shape, marks, typeName: valueType } = path.last
    if (shape !== 'leaf' || marks.only === 'filter') return
    const sort = sortPathOf(builder, path)
    if (sort) unique(type.sortPaths, constantCase(path.name), sort)
    const isGroup = marks.group || valueType === 'Boolean' || isEnum(builder, valueType)
    if (isGroup) unique(type.groupPaths, path.name, path)
    if (marks.statistics) unique(type.statistics, path.name, { path, unit: marks.statistics })
  }
  for (const field of type.fields.values()) {
    add(new FieldPath(field))
    if (field.shape !== 'object' || field.marks.only === 'filter') continue
    const below = derivedType(field.typeName)
    if (field.marks.flat) for (const each of below.fields.values()) add(new FieldPath(field, each))
    else if (isReference(builder, field)) {
      unique(type.groupPaths, field.name, new FieldPath(field))
      const path = new FieldPath(field, below.field('name'))
      unique(type.sortPaths, constantCase(path.name), sortPathOf(builder, path) as SortPath)
    }
  }
}

/** Whether a field leads to another object of the inventory. */
function isReference(builder: Builder, { typeName, isTransparent }: DerivedField): boolean {
  const type = builder.configStore.getTypeConfig(typeName)
  return (
    !isTransparent &&
    type.kind === 'Object' &&
    type.interfaces.some((each) => builder.configStore.getTypeConfig(each).name === 'ManagedEntity')
  )
}

function unique<T>(paths: Map<string, T>, name: string, path: T): void {
  if (paths.has(name)) throw new Error(`two fields give the key ${name}`)
  paths.set(name, path)
}

const isEnum = (builder: Builder, typeName: string): boolean =>
  builder.configStore.getTypeConfig(typeName).kind === 'Enum'

function sortPathOf(builder: Builder, path: FieldPath): SortPath | undefined {
  const { typeName } = path.last
  if (typeName === 'String') return { path, keyType: 'string', keyOf: String }
  if (typeName === 'Int' || typeName === 'BigInt' || typeName === 'Float')
    return { path, keyType: 'number', keyOf: Number }
  if (typeName === 'DateTime') return { path, keyType: 'number', keyOf: (value) => (value as Date).getTime() }
  const config = builder.configStore.getTypeConfig(typeName)
  if (config.kind !== 'Enum') return undefined
  const names = Object.entries(config.values ?? {}).map(
    ([name, { value }]) => [value === undefined ? name : value, name] as const,
  )
  // The health of an object has an order of its own: that of its declaration.
  if (typeName === 'EntityStatus') {
    const ranks = new Map(names.map(([value], index) => [value, index]))
    return { path, keyType: 'number', keyOf: (value) => ranks.get(value) ?? names.length }
  }
  const nameOf = new Map(names)
  return { path, keyType: 'string', keyOf: (value) => nameOf.get(value) ?? String(value) }
}
