// The rows of a list or of a connection, and what a connection says about them.

import {
  fieldNamed,
  rawField,
  type TypedField,
  type TypedObject,
  type TypedValue,
} from '../typed/typed-value.ts'

export interface RowSet {
  readonly rows: readonly TypedObject[]
  /** Number of items that are null, such as objects that could not be read. */
  readonly nullCount: number
  /** The first keys of columns that their labels leave out: `node` of edges. */
  readonly prefixes: readonly string[]
}

const isRow = (value: TypedValue): value is TypedObject => value.kind === 'object'

/** Returns the rows of a list of objects. Undefined if the value is none, or is empty and so may be a list of anything. */
export function rowsOfList(value: TypedValue, prefixes: readonly string[] = []): RowSet | undefined {
  if (value.kind !== 'list') return undefined
  const rows = value.items.filter(isRow)
  const nullCount = value.items.filter(({ kind }) => kind === 'null').length
  if (rows.length === 0 || rows.length + nullCount < value.items.length) return undefined
  return { rows, nullCount, prefixes }
}

export interface Connection {
  readonly value: TypedObject
  /** The field with the rows. Undefined if only numbers are selected. */
  readonly items: TypedField | undefined
  readonly rows: RowSet
  readonly totalCount: number | undefined
  readonly hasNextPage: boolean | undefined
  readonly endCursor: string | undefined
  /** Fields beside the rows and the page, such as aggregate and groups. */
  readonly others: readonly TypedField[]
}

const known = new Set(['nodes', 'edges', 'pageInfo', 'totalCount', 'coverage', '__typename'])

/** Returns a connection, by its fields: nodes or edges together with others of a connection, or a type of that name. */
export function connectionOf(value: TypedValue): Connection | undefined {
  if (value.kind !== 'object') return undefined
  const named = (name: string) => fieldNamed(value, name)
  const nodes = named('nodes')
  const edges = named('edges')
  const items = [nodes, edges].find((field) => field?.value.kind === 'list')
  const isTyped = value.typeName?.endsWith('Connection') ?? false
  if (!isTyped && !(items && named('pageInfo'))) return undefined
  // A null list has its reason, which a card shows.
  if (!items && (nodes || edges)) return undefined
  const page = named('pageInfo')?.value
  const pageField = (name: string) => (page?.kind === 'object' ? rawField(page, name) : undefined)
  const totalCount = rawField(value, 'totalCount')
  const prefixes = items === edges ? ['node'] : []
  return {
    value,
    items,
    rows: (items && rowsOfList(items.value, prefixes)) ?? {
      rows: [],
      nullCount: items?.value.kind === 'list' ? items.value.raw.length : 0,
      prefixes,
    },
    totalCount: typeof totalCount === 'number' ? totalCount : undefined,
    hasNextPage: asBoolean(pageField('hasNextPage')),
    endCursor: asString(pageField('endCursor')) ?? lastCursor(edges?.value),
    others: value.fields.filter(({ name }) => !known.has(name)),
  }
}

/** Returns how many rows are not loaded, as far as the selection says. */
export function describeMore({ hasNextPage, rows, totalCount }: Connection): string {
  const more = (totalCount ?? 0) - rows.rows.length - rows.nullCount
  if (more > 0) return `${more.toLocaleString('en-US')} more ${more === 1 ? 'row' : 'rows'}.`
  return hasNextPage ? 'There are more rows.' : 'There may be more rows.'
}

function lastCursor(edges: TypedValue | undefined): string | undefined {
  const last = edges?.kind === 'list' ? edges.items.at(-1) : undefined
  return last?.kind === 'object' ? asString(rawField(last, 'cursor')) : undefined
}

const asBoolean = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined)
const asString = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
