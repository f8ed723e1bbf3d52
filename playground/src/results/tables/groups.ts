// Groups and statistics of a connection as rows of tables.

import { derivedField } from '../typed/derived-field.ts'
import { rawField, type TypedObject, type TypedValue } from '../typed/typed-value.ts'
import { fieldLabel } from '../values/format.ts'
import type { RowSet } from './row-set.ts'

/** Whether rows are groups: each has a key and a count. */
export const isGroupList = ({ rows }: RowSet): boolean =>
  rows.every(
    (row) =>
      row.fields.some(({ name, value }) => name === 'key' && value.kind === 'object') &&
      countOf(row) !== undefined,
  )

/** The number of objects in a group. */
export function countOf(row: TypedObject): number | undefined {
  const count = rawField(row, 'count')
  return typeof count === 'number' ? count : undefined
}

/** Adds to each group its share of all groups. With a maximum number of groups, these are the shown groups. */
export function withShares({ rows, nullCount }: RowSet): RowSet {
  const total = rows.reduce((sum, row) => sum + (countOf(row) ?? 0), 0)
  return {
    nullCount,
    prefixes: ['key', 'aggregate'],
    rows: rows.map((row) => {
      const at = row.fields.findIndex(({ name }) => name === 'count') + 1
      const share = derivedField(row, 'share', total === 0 ? null : ((countOf(row) ?? 0) / total) * 100, {
        unit: 'percent',
      })
      return { ...row, raw: row.raw, fields: row.fields.toSpliced(at, 0, share) }
    }),
  }
}

const statistics = new Set(['sum', 'avg', 'min', 'max', '__typename'])

const isStatistics = (value: TypedValue): value is TypedObject =>
  value.kind === 'object' && value.fields.length > 0 && value.fields.every(({ name }) => statistics.has(name))

/** Returns one row for each field of an aggregate, or undefined if the value is not one. */
export function statisticRows(value: TypedValue): RowSet | undefined {
  if (value.kind !== 'object') return undefined
  const fields = value.fields.filter(({ name }) => name !== '__typename')
  if (fields.length === 0 || !fields.some((field) => isStatistics(field.value))) return undefined
  if (!fields.every((field) => isStatistics(field.value) || field.value.kind === 'null')) return undefined
  return {
    nullCount: 0,
    prefixes: [],
    rows: fields.flatMap((field) => {
      const row = field.value
      if (row.kind !== 'object') return []
      return [
        {
          ...row,
          raw: { of: field.key, ...row.raw },
          fields: [derivedField(row, 'of', fieldLabel(field.key)), ...row.fields],
        },
      ]
    }),
  }
}
