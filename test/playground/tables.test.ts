// Tables of results: their columns, sorting, groups and CSV.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import {
  cellValue,
  columnsOf,
  compareValues,
  nestedCount,
  sortValue,
} from '../../playground/src/results/tables/columns.ts'
import { csvOf } from '../../playground/src/results/tables/csv.ts'
import {
  describeGroups,
  describeStatistics,
  isLimited,
} from '../../playground/src/results/tables/describe-totals.ts'
import { isGroupList, statisticRows, withShares } from '../../playground/src/results/tables/groups.ts'
import { connectionOf, describeMore, rowsOfList } from '../../playground/src/results/tables/row-set.ts'
import { typeResult } from '../../playground/src/results/typed/typed-result.ts'
import { type TypedObject, type TypedValue, valueAt } from '../../playground/src/results/typed/typed-value.ts'

const schema = buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'))

const typedAt = (document: string, data: unknown, ...path: (string | number)[]): TypedValue => {
  const { root, problem } = typeResult({ result: { data: data as never }, document, schema })
  const value = root && valueAt(root, path)
  if (!value) throw new Error(problem ?? 'no value')
  return value
}

const machines = (selection: string, nodes: readonly unknown[]) =>
  rowsOfList(
    typedAt(
      `{ virtualMachines { nodes { ${selection} } } }`,
      { virtualMachines: { nodes } },
      'virtualMachines',
      'nodes',
    ),
  )?.rows as readonly TypedObject[]

/** Parses CSV by RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

describe('the columns of a table', () => {
  const rows = machines('name host { name cluster { name } } disks { label } guest { ipAddresses }', [
    { name: 'a', host: null, disks: [], guest: null },
    {
      name: 'b',
      host: { name: 'h', cluster: { name: 'c' } },
      disks: [{ label: 'd' }, { label: 'e' }],
      guest: { ipAddresses: ['1', '2'] },
    },
  ])
  const columns = columnsOf(rows)

  it('are the leaves of nested objects by path, and nested lists', () => {
    expect(columns.map(({ id, label, isNested }) => [id, label, isNested])).toEqual([
      ['name', 'Name', false],
      ['host.name', 'Host name', false],
      ['host.cluster.name', 'Host cluster name', false],
      ['disks', 'Disks', true],
      ['guest.ipAddresses', 'Guest IP addresses', false],
    ])
  })

  it('have the types of nested objects behind the others, but that of the row where it is selected', () => {
    const [row] = machines('__typename host { __typename name } memory id', [
      { __typename: 'VirtualMachine', host: { __typename: 'HostSystem', name: 'h' }, memory: 1, id: 'a' },
    ])
    expect(columnsOf([row!]).map(({ label }) => label)).toEqual([
      'Type',
      'Host name',
      'Memory',
      'Host type',
      'ID',
    ])
  })

  it('have the null of a parent as their value', () => {
    const column = columns.find(({ id }) => id === 'host.cluster.name')
    expect(cellValue(rows[0] as TypedObject, column as never)).toMatchObject({
      kind: 'null',
      path: ['virtualMachines', 'nodes', 0, 'host'],
    })
  })

  it('leave out the prefix of edges in their labels', () => {
    const edges = typedAt(
      '{ hosts { edges { cursor node { name cluster { name } } } pageInfo { endCursor } } }',
      { hosts: { edges: [{ cursor: 'x', node: { name: 'h', cluster: { name: 'c' } } }], pageInfo: {} } },
      'hosts',
    )
    const connection = connectionOf(edges)
    expect(
      columnsOf(connection?.rows.rows ?? [], connection?.rows.prefixes).map(({ label }) => label),
    ).toEqual(['Cursor', 'Name', 'Cluster name'])
    // The cursor of the last edge continues a list without pageInfo.endCursor.
    expect(connection?.endCursor).toBe('x')
  })

  it('have the id of the row last, and those of other objects where they are selected', () => {
    const columnIds = (rows: readonly TypedObject[]) => columnsOf(rows, ['node']).map(({ id }) => id)
    const node = { key: 'i', name: 'a', host: { id: 'h', name: 'b' } }
    expect(columnIds(machines('key: id host { id name } name', [node]))).toEqual([
      'host.id',
      'host.name',
      'name',
      'key',
    ])
    const edges = typedAt(
      '{ hosts { edges { node { id name } cursor } } }',
      { hosts: { edges: [{ node: { id: 'i', name: 'h' }, cursor: 'x' }] } },
      'hosts',
      'edges',
    )
    expect(columnIds(rowsOfList(edges, ['node'])?.rows ?? [])).toEqual(['node.name', 'cursor', 'node.id'])
  })

  it('count nested connections by their total', () => {
    const [host] = machines('host { virtualMachines { totalCount nodes { name } } }', [
      { host: { virtualMachines: { totalCount: 70, nodes: [{ name: 'x' }] } } },
    ])
    const [column] = columnsOf([host as TypedObject])
    expect(column).toMatchObject({ id: 'host.virtualMachines', isNested: true })
    expect(nestedCount(cellValue(host as TypedObject, column as never) as TypedValue)).toBe(70)
    expect(sortValue(host as TypedObject, column as never)).toBe(70)
  })
})

describe('sorting', () => {
  it('compares numbers by value and text without case, with the numbers in it by value', () => {
    expect([10, 9, 100].sort(compareValues)).toEqual([9, 10, 100])
    expect(['vm-10', 'VM-9', 'a'].sort(compareValues)).toEqual(['a', 'VM-9', 'vm-10'])
  })

  it('has no value for nulls, which come last', () => {
    const rows = machines('memory template', [{ memory: null, template: true }])
    const [memory, template] = columnsOf(rows)
    expect(sortValue(rows[0] as TypedObject, memory as never)).toBeUndefined()
    expect(sortValue(rows[0] as TypedObject, template as never)).toBe(1)
  })
})

describe('CSV', () => {
  const csv = (nodes: readonly unknown[], selection: string) => {
    const rows = machines(selection, nodes)
    return parseCsv(csvOf(rows, columnsOf(rows)))
  }

  it('has exact numbers, raw times, and empty cells for nulls', () => {
    const node = { memory: Number.MAX_SAFE_INTEGER, createdAt: '2026-01-05T08:00:00.000Z', annotation: null }
    expect(csv([node], 'memory createdAt annotation')).toEqual([
      ['memory', 'createdAt', 'annotation'],
      ['9007199254740991', '2026-01-05T08:00:00.000Z', ''],
    ])
  })

  it.each(['=1+1', '+1', '-cmd', '@SUM(A1)', '\tx', '\r=1', '\n=1'])(
    'makes %j text for spreadsheets',
    (name) => {
      expect(csv([{ name }], 'name')[1]).toEqual([`'${name}`])
    },
  )

  it('does not guard negative numbers, which are no formulas', () => {
    const rows = machines('cpuCount', [{ cpuCount: -4 }])
    expect(csvOf(rows, columnsOf(rows))).toBe('cpuCount\r\n-4\r\n')
  })

  it('keeps lists: values separated by semicolons, objects as JSON', () => {
    const node = { disks: [{ label: 'a' }], guest: { ipAddresses: ['10.0.0.1', '10.0.0.2'] } }
    expect(csv([node], 'disks { label } guest { ipAddresses }')[1]).toEqual([
      '[{"label":"a"}]',
      '10.0.0.1; 10.0.0.2',
    ])
  })

  it('keeps any text when it is parsed again', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1 }), (pairs) => {
        const nodes = pairs.map(([name, annotation]) => ({ name, annotation }))
        const parsed = csv(nodes, 'name annotation').slice(1)
        const unguarded = parsed.map((line) => line.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, '')))
        expect(unguarded).toEqual(
          pairs.map((pair) => pair.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, ''))),
        )
      }),
    )
  })
})

describe('the description of a connection', () => {
  const connection = (fields: string, data: object, args = '') => {
    const value = typedAt(
      `{ old: snapshots${args} { nodes { name } ${fields} } }`,
      { old: { nodes: [{ name: 'a' }], ...data } },
      'old',
    )
    return connectionOf(value) as NonNullable<ReturnType<typeof connectionOf>>
  }
  const partOf = ({ value }: ReturnType<typeof connection>, name: string) =>
    value.fields.find((field) => field.name === name)?.value as TypedValue

  it.each([
    ['totalCount', { totalCount: 12 }, 'all 12 snapshots'],
    ['totalCount', { totalCount: 1 }, '1 snapshot'],
    ['pageInfo { hasNextPage }', { pageInfo: { hasNextPage: true } }, 'all snapshots'],
  ])('names the objects of its statistics with %s %j', (fields, data, of) => {
    const sums = connection(`${fields} aggregate { size { sum } }`, {
      ...data,
      aggregate: { size: { sum: 1 } },
    })
    expect(describeStatistics(partOf(sums, 'aggregate'), sums)).toBe(`Total of ${of}`)
    const averages = connection(`${fields} aggregate { size { sum avg } }`, {
      ...data,
      aggregate: { size: { sum: 1, avg: 1 } },
    })
    expect(describeStatistics(partOf(averages, 'aggregate'), averages)).toBe(`Statistics of ${of}`)
  })

  it.each([
    [6, 'Total of all 6 snapshots that match the filter'],
    [1, 'Total of 1 snapshot that matches the filter'],
    [undefined, 'Total of all snapshots that match the filter'],
  ])('says that its statistics are of the %s objects that match the filter', (totalCount, text) => {
    const data = { aggregate: { size: { sum: 1 } }, ...(totalCount && { totalCount }) }
    const filtered = connection('totalCount aggregate { size { sum } }', data, '(first: 5, filter: $filter)')
    expect(describeStatistics(partOf(filtered, 'aggregate'), filtered)).toBe(text)
    const all = connection('totalCount aggregate { size { sum } }', data, '(filter: null)')
    expect(describeStatistics(partOf(all, 'aggregate'), all)).not.toContain('filter')
  })

  it.each([
    [{}, 'the 2 largest groups of all snapshots'],
    [{ totalCount: 9 }, 'the 2 largest groups with 4 of all 9 snapshots'],
  ])('does not take the groups for all groups if their number is limited, with %j', (more, text) => {
    const groups = [3, 1].map((count) => ({ key: { name: `n${count}` }, count }))
    const data = { groups, ...more }
    const limited = connection('totalCount groups(by: [NAME], first: 2) { key { name } count }', data)
    const value = partOf(limited, 'groups')
    expect(describeGroups(rowsOfList(value)!, value, limited)).toBe(text)
    expect(isLimited(value)).toBe(true)
  })

  it.each([
    [4, '2 groups of all 4 snapshots'],
    [9, '2 groups with 4 of all 9 snapshots'],
    [3, '2 groups of all 3 snapshots'],
  ])('counts its groups of %d objects', (totalCount, text) => {
    const groups = [3, 1].map((count) => ({ key: { name: `n${count}` }, count }))
    const grouped = connection('totalCount groups(by: [NAME]) { key { name } count }', { totalCount, groups })
    const value = partOf(grouped, 'groups')
    expect(describeGroups(rowsOfList(value)!, value, grouped)).toBe(text)
    expect(isLimited(value)).toBe(false)
  })

  it.each([
    [{ totalCount: 1_235, pageInfo: { hasNextPage: true } }, '1,234 more rows.'],
    [{ totalCount: 2, pageInfo: { hasNextPage: true } }, '1 more row.'],
    [{ pageInfo: { hasNextPage: true } }, 'There are more rows.'],
    [{}, 'There may be more rows.'],
  ])('counts the rows that %j leaves out', (data, text) => {
    expect(describeMore(connection('totalCount pageInfo { hasNextPage }', data))).toBe(text)
  })
})

describe('groups and statistics', () => {
  it('have the share of each group after its count', () => {
    const document =
      '{ virtualMachines { groups(by: [POWER_STATE]) { key { powerState } count aggregate { memory { sum } } } } }'
    const groups = [
      { key: { powerState: 'POWERED_ON' }, count: 3, aggregate: { memory: { sum: 6 } } },
      { key: { powerState: null }, count: 1, aggregate: { memory: { sum: 2 } } },
    ]
    const list = rowsOfList(typedAt(document, { virtualMachines: { groups } }, 'virtualMachines', 'groups'))
    expect(list && isGroupList(list)).toBe(true)
    const { rows, prefixes } = withShares(list!, undefined, false)
    const columns = columnsOf(rows, prefixes)
    expect(columns.map(({ label }) => label)).toEqual(['Power state', 'Count', 'Share', 'Memory sum'])
    const sharesOf = (set: typeof rows) => set.map((row) => cellValue(row, columns[2] as never)?.raw)
    expect(sharesOf(rows)).toEqual([75, 25])
    // The shares are of all objects, also of those that are in further groups.
    expect(sharesOf(withShares(list!, 8, true).rows)).toEqual([37.5, 12.5])
    expect(sharesOf(withShares(list!, undefined, true).rows)).toEqual([undefined, undefined])
  })

  it('are rows of an aggregate, with the unit of each field', () => {
    const document = '{ virtualMachines { aggregate { memory { sum } cpuCount { avg } } } }'
    const aggregate = { memory: { sum: 5 }, cpuCount: { avg: 1.5 } }
    const set = statisticRows(
      typedAt(document, { virtualMachines: { aggregate } }, 'virtualMachines', 'aggregate'),
    )
    expect(set?.rows.map(({ fields }) => fields.map(({ value }) => [value.raw, value.unit]))).toEqual([
      [
        ['Memory', undefined],
        [5, 'bytes'],
      ],
      [
        ['CPU count', undefined],
        [1.5, undefined],
      ],
    ])
  })

  it('are not seen in other objects and lists', () => {
    expect(statisticRows(typedAt('{ viewer { name } }', { viewer: { name: 'a' } }, 'viewer'))).toBeUndefined()
    expect(isGroupList({ rows: machines('name', [{ name: 'a' }]), nullCount: 0, prefixes: [] })).toBe(false)
  })
})
