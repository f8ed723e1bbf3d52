// The areas of a disk as rows of tables: start, length and share, and the slices of its density as rows with the same columns.

import { sliceStart } from '../disk-map/area-map.ts'
import { densityOf } from '../disk-map/read-maps.ts'
import type { RowSet } from '../tables/row-set.ts'
import { derivedField } from '../typed/derived-field.ts'
import { rawField, type TypedField, type TypedObject, type TypedValue } from '../typed/typed-value.ts'

const percentOf = (part: number, whole: number) => (whole > 0 ? (100 * part) / whole : null)

/**
 * Returns a list of areas in which each area has its share of the disk, and without the density, whose slices are a table of their own.
 * @param capacity Without it, there are no shares.
 */
export const withShares = (connection: TypedObject, capacity: number | undefined): TypedObject => ({
  ...connection,
  fields: connection.fields
    .filter(({ name }) => name !== 'density')
    .map((field) =>
      capacity !== undefined && (field.name === 'nodes' || field.name === 'edges')
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

/** An object that is not in the schema. */
const untyped = {
  kind: 'object',
  type: undefined,
  unit: undefined,
  nodes: [],
  typeName: undefined,
} as const

/**
 * Returns a row for each slice of the density: where it is, the bytes in it that are within areas, and their share of the slice.
 * @param capacity Without it, a slice is only known by its number.
 */
export function sliceRows(connection: TypedObject, capacity: number | undefined): RowSet | undefined {
  const density = densityOf(connection)
  if (!density) return undefined
  const rows = density.map((bytes, index): TypedObject => {
    const slice = { path: [...connection.path, 'density', index] }
    const within = derivedField(slice, 'withinAreas', bytes, { unit: 'bytes' })
    if (capacity === undefined) {
      const number = index + 1
      const fields = [derivedField(slice, 'slice', number), within]
      return { ...slice, ...untyped, raw: { slice: number, withinAreas: bytes }, fields }
    }
    const start = sliceStart(capacity, density.length, index)
    const length = sliceStart(capacity, density.length, index + 1) - start
    const share = percentOf(bytes, length)
    return {
      ...slice,
      ...untyped,
      raw: { start, length, withinAreas: bytes, share },
      fields: [
        derivedField(slice, 'start', start, { unit: 'bytes' }),
        derivedField(slice, 'length', length, { unit: 'bytes' }),
        within,
        shareField(slice, share),
      ],
    }
  })
  return { rows, nullCount: 0, prefixes: [] }
}
