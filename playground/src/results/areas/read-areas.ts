// The areas of a disk as rows of tables: start, length and share, and the slices of its density as rows with the same columns.

import { sliceStart } from '../disk-map/area-map.ts'
import { densityOf } from '../disk-map/read-maps.ts'
import type { RowSet } from '../tables/row-set.ts'
import { derivedField } from '../typed/derived-field.ts'
import { rawField, type TypedField, type TypedObject, type TypedValue } from '../typed/typed-value.ts'

const percentOf = (part: number, whole: number) => (whole > 0 ? (100 * part) / whole : null)

/** Returns a list of areas in which each area has its share of the disk, and without the density, whose slices are a table of their own. */
export const withShares = (connection: TypedObject, capacity: number): TypedObject => ({
  ...connection,
  fields: connection.fields
    .filter(({ name }) => name !== 'density')
    .map((field) =>
      field.name === 'nodes' || field.name === 'edges'
        ? { ...field, value: addShares(field.value, capacity) }
        : field,
    ),
})

/** Adds the share to an area, to the area of an edge, or to each of a list. */
function addShares(value: TypedValue, capacity: number): TypedValue {
  if (value.kind === 'list') return { ...value, items: value.items.map((item) => addShares(item, capacity)) }
  if (value.kind !== 'object') return value
  const length = rawField(value, 'length')
  const fields = value.fields.map((field) =>
    field.name === 'node' ? { ...field, value: addShares(field.value, capacity) } : field,
  )
  if (typeof length !== 'number') return { ...value, fields }
  return { ...value, fields: [...fields, shareField(value, percentOf(length, capacity))] }
}

const shareField = (owner: Pick<TypedObject, 'path'>, percent: number | null): TypedField =>
  derivedField(owner, 'share', percent, { unit: 'percent' })

/** Returns a row for each slice of the density: where it is, the bytes in it that are within areas, and their share of the slice. */
export function sliceRows(connection: TypedObject, capacity: number): RowSet | undefined {
  const density = densityOf(connection)
  if (!density) return undefined
  const rows = density.map((bytes, index): TypedObject => {
    const start = sliceStart(capacity, density.length, index)
    const length = sliceStart(capacity, density.length, index + 1) - start
    const slice = { path: [...connection.path, 'density', index] }
    const share = percentOf(bytes, length)
    return {
      ...slice,
      kind: 'object',
      type: undefined,
      unit: undefined,
      nodes: [],
      typeName: undefined,
      raw: { start, length, withinAreas: bytes, share },
      fields: [
        derivedField(slice, 'start', start, { unit: 'bytes' }),
        derivedField(slice, 'length', length, { unit: 'bytes' }),
        derivedField(slice, 'withinAreas', bytes, { unit: 'bytes' }),
        shareField(slice, share),
      ],
    }
  })
  return { rows, nullCount: 0, prefixes: [] }
}
