// The columns of a table of objects: one for each leaf, by its path through nested objects, and one for each nested list.

import type { TypedField, TypedObject, TypedValue } from '../typed/typed-value.ts'
import type { Unit } from '../typed/units.ts'
import { pathLabel } from '../values/format.ts'

export interface Column {
  /** The path joined by dots, such as `host.name`. Unique in its table. */
  readonly id: string
  /** The response keys from the row to the value. */
  readonly path: readonly string[]
  readonly label: string
  readonly description: string | undefined
  readonly isNumeric: boolean
  /** Whether the values are lists of objects or connections, shown as a count that expands. */
  readonly isNested: boolean
  /** Whether the values are the ids of the rows, which are shown as a menu. */
  readonly isRowId: boolean
  /** Whether the values are the types of objects within the rows, such as that of the entity of an alarm. */
  readonly isNestedType: boolean
  readonly unit: Unit | undefined
}

/** The class of the cells of a column. */
export const columnClass = ({ isNumeric, isNested, isRowId }: Column): string | undefined =>
  isRowId ? 'rv-row-id' : isNumeric || isNested ? 'rv-right' : undefined

/**
 * Returns the columns of all rows, in the order in which the rows have them. The types of nested objects come behind the other
 * columns, and the id of the row last: it identifies an object for programs, and answers no question.
 * @param prefixes The first keys that labels leave out, such as `node` of edges.
 */
export function columnsOf(rows: readonly TypedObject[], prefixes: readonly string[] = []): Column[] {
  const columns = new Map<string, Column>()
  for (const row of rows) for (const field of row.fields) addColumns(columns, field, [], prefixes)
  // A null in one row can hide that the field is an object, of which other rows have columns.
  const parents = new Set([...columns.values()].flatMap(({ path }) => ancestors(path)))
  const sorted = [...columns.values()]
    .filter(({ id }) => !parents.has(id))
    .sort(byFirstKeys([...columns.keys()]))
  const rank = ({ isRowId, isNestedType }: Column): number => (isRowId ? 2 : isNestedType ? 1 : 0)
  return sorted.sort((a, b) => rank(a) - rank(b))
}

/** The ids of all objects around a value. */
const ancestors = (path: readonly string[]): string[] =>
  path.slice(1).map((_, index) => path.slice(0, index + 1).join('.'))

/** Sorts columns so that those of an object are together, where its first row has it. */
function byFirstKeys(ids: readonly string[]): (a: Column, b: Column) => number {
  const order = new Map<string, number>()
  for (const id of ids)
    for (const key of [...ancestors(id.split('.')), id]) if (!order.has(key)) order.set(key, order.size)
  const position = ({ path, id }: Column): readonly number[] =>
    [...ancestors(path), id].map((key) => order.get(key) ?? 0)
  return (a, b) => {
    const [first, second] = [position(a), position(b)]
    const at = first.findIndex((each, index) => each !== second[index])
    return (first[at] ?? 0) - (second[at] ?? 0)
  }
}

function addColumns(
  columns: Map<string, Column>,
  field: TypedField,
  parents: readonly string[],
  prefixes: readonly string[],
): void {
  const { value } = field
  const path = [...parents, field.key]
  if (value.kind === 'object' && !isNestedList(value) && value.fields.length > 0) {
    for (const each of value.fields) addColumns(columns, each, path, prefixes)
    return
  }
  const id = path.join('.')
  const known = columns.get(id)
  const isNested = known?.isNested === true || isNestedList(value) || value.kind === 'object'
  const isNumeric = known?.isNumeric === true || isNumber(value)
  if (known && known.isNested === isNested && known.isNumeric === isNumeric) return
  const shown = path.length > 1 && prefixes.includes(path[0] as string) ? path.slice(1) : path
  columns.set(id, {
    id,
    path,
    label: pathLabel(shown, field.value.unit),
    description: field.definition?.description ?? undefined,
    isNumeric,
    isNested,
    isRowId: field.name === 'id' && shown.length === 1,
    isNestedType: field.name === '__typename' && shown.length > 1,
    unit: field.value.unit,
  })
}

/** Whether a value is a list of objects, or an object that has one instead of fields of its own: a connection. */
const isNestedList = (value: TypedValue): boolean =>
  value.kind === 'list'
    ? value.items.some(({ kind }) => kind === 'object' || kind === 'list')
    : value.kind === 'object' && listOf(value) !== undefined

/** The list of a connection. */
const listOf = (value: TypedObject) =>
  value.fields.find(({ name, value: { kind } }) => kind === 'list' && (name === 'nodes' || name === 'edges'))

const isNumber = (value: TypedValue): boolean => value.kind === 'leaf' && typeof value.raw === 'number'

/** Returns the value of a column. A null parent is returned as it is, with its errors; a field that the row does not have is undefined. */
export function cellValue(row: TypedObject, column: Column): TypedValue | undefined {
  let value: TypedValue = row
  for (const key of column.path) {
    if (value.kind !== 'object') return value
    const field: TypedField | undefined = value.fields.find((each) => each.key === key)
    if (!field) return undefined
    value = field.value
  }
  return value
}

/** Number of items of a nested list or connection. */
export function nestedCount(value: TypedValue): number | undefined {
  if (value.kind === 'list') return value.raw.length
  if (value.kind !== 'object') return undefined
  const total = value.fields.find(({ name }) => name === 'totalCount')?.value.raw
  if (typeof total === 'number') return total
  const list = listOf(value)?.value
  return list?.kind === 'list' ? list.raw.length : undefined
}

export type SortValue = string | number | undefined

/** What a column is sorted by. Undefined, which comes last in both directions, if the row has no value. */
export function sortValue(row: TypedObject, column: Column): SortValue {
  const value = cellValue(row, column)
  if (value === undefined || value.kind === 'null') return undefined
  if (value.kind !== 'leaf') return column.isNested ? nestedCount(value) : JSON.stringify(value.raw)
  if (typeof value.raw === 'boolean') return value.raw ? 1 : 0
  return typeof value.raw === 'number' ? value.raw : String(value.raw)
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Compares in ascending order: numbers by value, text without case and with numbers in it by value. */
export const compareValues = (a: SortValue, b: SortValue): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
