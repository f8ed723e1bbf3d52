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

/**
 * Adds to each group its share of all objects.
 * @param totalCount The number of all objects, if it is selected. Otherwise it is the sum of all groups.
 * @param isPart Whether there may be more groups, so that their sum says nothing
 */
export function withShares(
  { rows, nullCount }: RowSet,
  totalCount: number | undefined,
  isPart: boolean,
): RowSet {
  const sum = isPart ? undefined : rows.reduce((counted, row) => counted + (countOf(row) ?? 0), 0)
  const total = totalCount ?? sum
  return {
    nullCount,
    prefixes: ['key', 'aggregate'],
    rows: rows.map((row) => {
      if (total === undefined) return row
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
