// The values of a typed result: objects, lists, leaves and nulls, each with its declaration and its path.

import {
  type GraphQLEnumType,
  type GraphQLFormattedError,
  type GraphQLOutputType,
  type GraphQLScalarType,
  getNamedType,
  getNullableType,
  isCompositeType,
  isLeafType,
  isListType,
} from 'graphql'
import type { ErrorIndex, Path } from './error-index.ts'
import type { SelectedField, SelectionOwner, Selections } from './selections.ts'
import type { Unit } from './units.ts'

interface Common {
  readonly path: Path
  /** The declared type without its non-null mark. Undefined if the schema does not have the field. */
  readonly type: GraphQLOutputType | undefined
  readonly unit: Unit | undefined
  /** The selections of the document that the value comes from; those of its list for an item. */
  readonly nodes: readonly SelectionOwner[]
  /** The name of the type that has the field. Undefined for the root, and if several types are possible. */
  readonly owner?: string | undefined
}

export interface TypedObject extends Common {
  readonly kind: 'object'
  readonly raw: Readonly<Record<string, unknown>>
  /** The name of the object type. Undefined if several types are possible. */
  readonly typeName: string | undefined
  /** The fields in the order of the selection, then keys that the document does not select. Fields that were skipped are missing. */
  readonly fields: readonly TypedField[]
}

export interface TypedField extends SelectedField {
  readonly value: TypedValue
}

export interface TypedList extends Common {
  readonly kind: 'list'
  readonly raw: readonly unknown[]
  /** Built on first use. Use `raw` for lists of many numbers. */
  readonly items: readonly TypedValue[]
}

export interface TypedLeaf extends Common {
  readonly kind: 'leaf'
  readonly raw: unknown
  /** The scalar or enum type. Undefined if the schema does not have the field. */
  readonly leafType: GraphQLScalarType | GraphQLEnumType | undefined
}

export interface TypedNull extends Common {
  readonly kind: 'null'
  readonly raw: null
  /** The errors at this path or below it. Empty if the value is simply unset. */
  readonly errors: readonly GraphQLFormattedError[]
}

export type TypedValue = TypedObject | TypedList | TypedLeaf | TypedNull

interface Build {
  readonly selections: Selections
  readonly errors: ErrorIndex
}

interface Declaration {
  readonly type: GraphQLOutputType | undefined
  readonly nodes: readonly SelectionOwner[]
  readonly path: Path
  readonly unit?: Unit | undefined
  readonly owner?: string | undefined
}

export function buildValue(build: Build, raw: unknown, declaration: Declaration): TypedValue {
  const { nodes, path, unit, owner } = declaration
  const type = declaration.type && (getNullableType(declaration.type) as GraphQLOutputType)
  const common = { path, type, unit, nodes, owner }
  if (raw === null || raw === undefined)
    return { ...common, kind: 'null', raw: null, errors: build.errors.below(path) }
  const leafType = isLeafType(type) ? type : undefined
  if (leafType || typeof raw !== 'object') return { ...common, kind: 'leaf', raw, leafType }
  if (Array.isArray(raw)) return listValue(build, raw, common)
  return objectValue(build, raw as Readonly<Record<string, unknown>>, common)
}

function listValue(build: Build, raw: readonly unknown[], common: Common): TypedList {
  const type = isListType(common.type) ? (common.type.ofType as GraphQLOutputType) : undefined
  let items: readonly TypedValue[] | undefined
  return {
    ...common,
    kind: 'list',
    raw,
    get items() {
      items ??= raw.map((item, index) =>
        buildValue(build, item, { ...common, type, path: [...common.path, index] }),
      )
      return items
    },
  }
}

function objectValue(build: Build, raw: Readonly<Record<string, unknown>>, common: Common): TypedObject {
  const runtime = build.selections.runtimeType(common.type, common.nodes, raw)
  let fields: readonly TypedField[] | undefined
  return {
    ...common,
    kind: 'object',
    raw,
    typeName: runtime?.isCertain ? runtime.type.name : undefined,
    get fields() {
      fields ??= fieldsOf(
        build,
        raw,
        common,
        runtime ? build.selections.fields(common.nodes, runtime.type, common.unit) : [],
        runtime?.isCertain ? runtime.type.name : undefined,
      )
      return fields
    },
  }
}

function fieldsOf(
  build: Build,
  raw: Readonly<Record<string, unknown>>,
  { path }: Common,
  selected: readonly SelectedField[],
  owner: string | undefined,
): TypedField[] {
  const known = new Set(selected.map(({ key }) => key))
  const unknown = Object.keys(raw)
    .filter((key) => !known.has(key))
    .map((key) => ({
      key,
      name: key,
      nodes: [],
      definition: undefined,
      type: undefined,
      unit: undefined,
    }))
  return [...selected.filter(({ key }) => Object.hasOwn(raw, key)), ...unknown].map((field) => ({
    ...field,
    value: buildValue(build, raw[field.key], { ...field, path: [...path, field.key], owner }),
  }))
}

/** Returns the field with this name in the schema, whatever its alias; the first one if it is selected several times. */
export const fieldNamed = (object: TypedObject, name: string): TypedField | undefined =>
  object.fields.find((field) => field.name === name)

/** Returns the raw value of the field with this name in the schema. */
export const rawField = (object: TypedObject, name: string): unknown => fieldNamed(object, name)?.value.raw

/** Returns the value at a path, or undefined if there is none. */
export function valueAt(root: TypedValue, path: Path): TypedValue | undefined {
  let value: TypedValue | undefined = root
  for (const key of path) {
    if (value?.kind === 'list') value = value.items[Number(key)]
    else if (value?.kind === 'object') value = value.fields.find((field) => field.key === key)?.value
    else return undefined
  }
  return value
}

/** Whether a value is shown in one line: a leaf, a null, or a list of them. An empty list of objects is not: it is an empty table. */
export const isPlain = (value: TypedValue): boolean =>
  value.kind === 'leaf' ||
  value.kind === 'null' ||
  (value.kind === 'list' &&
    value.items.every(({ kind }) => kind === 'leaf' || kind === 'null') &&
    (value.raw.length > 0 || !isListOfObjects(value)))

const isListOfObjects = ({ type }: TypedList): boolean =>
  type !== undefined && isCompositeType(getNamedType(type))
