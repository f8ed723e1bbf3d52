// The tables of areas: start, length and share of each area, and of each slice of the density.

import { describe, expect, it } from 'vitest'
import { sliceRows, withShares } from '../../playground/src/results/areas/read-areas.ts'
import { cellValue, columnsOf } from '../../playground/src/results/tables/columns.ts'
import { csvOf } from '../../playground/src/results/tables/csv.ts'
import { connectionOf, type RowSet } from '../../playground/src/results/tables/row-set.ts'
import type { TypedObject } from '../../playground/src/results/typed/typed-value.ts'
import { formatNumber } from '../../playground/src/results/values/format.ts'
import { typedAt } from './typed.ts'

const areasOf = (selection: string, data: object) =>
  typedAt(
    `{ node(id: "d") { ... on VirtualDisk { areas: allocatedAreas { ${selection} } } } }`,
    { node: { areas: data } },
    'node',
    'areas',
  ) as TypedObject

const rowsOf = (connection: TypedObject): RowSet => connectionOf(connection)!.rows

/** The labels of the columns, and the cells of each row as they are shown. */
const tableOf = ({ rows, prefixes }: RowSet) => {
  const columns = columnsOf(rows, prefixes)
  const shown = (row: TypedObject) =>
    columns.map((column) => {
      const value = cellValue(row, column)
      return typeof value?.raw === 'number' ? formatNumber(value.raw, value.unit) : value?.raw
    })
  return [columns.map(({ label }) => label), ...rows.map(shown)]
}

const capacity = 2 ** 20
const areas = [
  { start: 0, length: 2 ** 18 },
  { start: 2 ** 19, length: 50 },
]

describe('the table of areas', () => {
  it('has their start, their length and their share of the disk', () => {
    const connection = areasOf('nodes { start length } density pageInfo { hasNextPage }', {
      nodes: areas,
      density: [1, 2],
      pageInfo: { hasNextPage: false },
    })
    const shown = withShares(connection, capacity)
    expect(tableOf(rowsOf(shown))).toEqual([
      ['Start', 'Length', 'Share'],
      ['0 B', '256 KiB', '25 %'],
      ['512 KiB', '50 B', '< 0.01 %'],
    ])
    expect(connectionOf(shown)?.others).toEqual([])
    // Downloads and further pages are of the response.
    expect(rowsOf(shown).rows[0]?.raw).toEqual(areas[0])
    expect(shown.raw).toBe(connection.raw)
  })

  it('has them for edges too', () => {
    const connection = areasOf('edges { node { start length } } pageInfo { hasNextPage }', {
      edges: areas.map((node) => ({ node })),
      pageInfo: { hasNextPage: false },
    })
    expect(tableOf(rowsOf(withShares(connection, capacity)))[0]).toEqual(['Start', 'Length', 'Share'])
  })
})

describe('the table of the density', () => {
  const connection = areasOf('density(buckets: 4) totalLength', {
    density: [2 ** 17, 0, 50, 0],
    totalLength: 1,
  })

  it('lists the start and the length of each slice, the bytes within areas, and their share of the slice', () => {
    expect(tableOf(sliceRows(connection, capacity)!)).toEqual([
      ['Start', 'Length', 'Within areas', 'Share'],
      ['0 B', '256 KiB', '128 KiB', '50 %'],
      ['256 KiB', '256 KiB', '0 B', '0 %'],
      ['512 KiB', '256 KiB', '50 B', '0.02 %'],
      ['768 KiB', '256 KiB', '0 B', '0 %'],
    ])
  })

  it('is saved with exact numbers', () => {
    const { rows } = sliceRows(connection, capacity)!
    expect(csvOf(rows.slice(0, 1), columnsOf(rows))).toBe(
      'start,length,withinAreas,share\r\n0,262144,131072,50\r\n',
    )
  })

  it('has the number of each slice if the size of the disk is not selected', () => {
    expect(tableOf(sliceRows(connection, undefined)!)).toEqual([
      ['Slice', 'Within areas'],
      ['1', '128 KiB'],
      ['2', '0 B'],
      ['3', '50 B'],
      ['4', '0 B'],
    ])
    // The numbers are not a text of the table of areas.
    expect(connectionOf(withShares(connection, undefined))?.others.map(({ name }) => name)).toEqual([
      'totalLength',
    ])
  })

  it('is left out if the density is not selected', () => {
    expect(sliceRows(areasOf('totalLength', { totalLength: 1 }), capacity)).toBeUndefined()
  })
})
