// Which fields are a part of a whole, and the rows that are drawn of them.

import { describe, expect, it } from 'vitest'
import type { TypedObject } from '../../playground/src/results/typed/typed-value.ts'
import { levelOf, measuresOf } from '../../playground/src/results/usage-bars/measures.ts'
import {
  describeBars,
  hasBars,
  mayHaveMore,
  measureNames,
  needsTable,
  readBars,
  sortBars,
} from '../../playground/src/results/usage-bars/read-bars.ts'
import { typedAt } from './typed.ts'

const measures = (document: string, data: unknown, ...path: (string | number)[]) =>
  measuresOf(typedAt(document, data, ...path) as TypedObject)

const lastPage = { pageInfo: { hasNextPage: false } }

const list = (selection: string, nodes: readonly object[]) =>
  typedAt(`{ datastores { nodes { ${selection} } } }`, { datastores: { nodes } }, 'datastores')

describe('the measures of an object', () => {
  it('are its used space, from free space or used space, under any alias', () => {
    const [free] = measures(
      '{ datastore(by: { name: "a" }) { size: capacity freeSpace } }',
      { datastore: { size: 100, freeSpace: 8 } },
      'datastore',
    )
    expect(free).toEqual({ name: 'Space', share: 0.92, used: 92, whole: 100, unit: 'bytes' })
    const used = measures(
      '{ datastore(by: { name: "a" }) { capacity usedSpace freeSpace } }',
      { datastore: { capacity: 100, usedSpace: 50, freeSpace: 8 } },
      'datastore',
    )
    expect(used).toMatchObject([{ name: 'Space', share: 0.5, used: 50 }])
  })

  it('are the usage of a cluster, which is an object of its own', () => {
    const usage = { cpuCapacity: 1000, cpuDemand: 250, memoryCapacity: 400, memoryDemand: 100 }
    const found = measures(
      '{ computeResource(by: { name: "a" }) { name usage { cpuCapacity cpuDemand memoryCapacity memoryDemand } } }',
      { computeResource: { name: 'c', usage } },
      'computeResource',
    )
    expect(found).toMatchObject([
      { name: 'CPU demand', share: 0.25, unit: 'megahertz' },
      { name: 'Memory demand', share: 0.25, unit: 'bytes' },
    ])
  })

  it('are the shares alone if only they are selected', () => {
    const host = { cpuUsagePercent: 12.5, memoryUsagePercent: 80 }
    expect(
      measures('{ host(by: { name: "a" }) { cpuUsagePercent memoryUsagePercent } }', { host }, 'host'),
    ).toEqual([
      { name: 'CPU', share: 0.125, used: undefined, whole: undefined, unit: undefined },
      { name: 'Memory', share: 0.8, used: undefined, whole: undefined, unit: undefined },
    ])
  })

  it('are not those of other objects that it refers to', () => {
    const vm = { name: 'a', host: { name: 'h', cpuUsage: 1, totalCpu: 2 } }
    expect(
      measures(
        '{ virtualMachine(by: { name: "a" }) { name host { name cpuUsage totalCpu } } }',
        { virtualMachine: vm },
        'virtualMachine',
      ),
    ).toEqual([])
  })

  it('are none of unknown values, or of an empty whole', () => {
    const read = (datastore: object) =>
      measures('{ datastore(by: { name: "a" }) { capacity freeSpace } }', { datastore }, 'datastore')
    expect(read({ capacity: null, freeSpace: 5 })).toEqual([])
    expect(read({ capacity: 0, freeSpace: 0 })).toEqual([])
  })
})

describe('the bars of a list', () => {
  const nodes = [
    { name: 'half', capacity: 100, freeSpace: 50 },
    { name: 'unknown', capacity: null, freeSpace: null },
    { name: 'full', capacity: 100, freeSpace: 5 },
    { name: 'high', capacity: 100, freeSpace: 25 },
  ]

  it('are the fullest first, with unknown ones last, or in the order of the response', () => {
    const rows = readBars(list('name capacity freeSpace', nodes))
    const labels = (by: string | undefined) => sortBars(rows, by).map(({ label }) => label)
    expect(labels('Space')).toEqual(['full', 'high', 'half', 'unknown'])
    expect(labels(undefined)).toEqual(['half', 'unknown', 'full', 'high'])
    expect(measureNames(rows)).toEqual(['Space'])
    expect(describeBars(rows, false)).toBe('Space: 1 very high (from 90 %), 1 high (from 75 %), 1 not known.')
  })

  it('are described without thresholds if none is reached', () => {
    const describeFirst = (count: number, isPart: boolean) =>
      describeBars(readBars(list('name capacity freeSpace', nodes.slice(0, count))), isPart)
    expect(describeFirst(1, false)).toBe('Space: all below 75 %.')
    expect(describeFirst(1, true)).toBe('1 loaded, there may be more. Space: all below 75 %.')
    expect(describeFirst(2, false)).toBe('Space: 1 below 75 %, 1 not known.')
  })

  it.each([
    ['has a name and a measure', 'name capacity freeSpace', nodes, true],
    ['has no name', 'capacity freeSpace', [{ capacity: 1, freeSpace: 1 }], false],
    ['has only a part', 'name freeSpace', [{ name: 'a', freeSpace: 1 }], false],
    ['is empty', 'name capacity freeSpace', [], false],
  ])('exist if the list %s', (_, selection, items, expected) => {
    expect(hasBars(list(selection, items))).toBe(expected)
  })

  it('are read from edges', () => {
    const data = { datastores: { edges: [{ node: nodes[0] }] } }
    expect(
      readBars(typedAt('{ datastores { edges { node { name capacity freeSpace } } } }', data, 'datastores')),
    ).toMatchObject([{ label: 'half' }])
  })

  it.each<[string, boolean, object, string?]>([
    ['the last page', false, lastPage],
    ['all objects by their number', false, { totalCount: 4 }],
    ['all objects, and coverage is complete', false, { totalCount: 4, coverage: [{ isComplete: true }] }],
    ['a next page', true, { pageInfo: { hasNextPage: true } }],
    ['no information on further pages', true, {}],
    ['incomplete coverage', true, { totalCount: 4, coverage: [{ isComplete: false }] }],
    ['statistics', true, { totalCount: 4, aggregate: { capacity: { sum: 1 } } }],
    ['further fields of its objects', true, { totalCount: 4 }, 'name capacity freeSpace type'],
  ])('of a page with %s need a table too: %s', (_, expected, more, selection = 'name capacity freeSpace') => {
    const document = `{ datastores { nodes { ${selection} } totalCount pageInfo { hasNextPage }
      coverage { isComplete } aggregate { capacity { sum } } } }`
    const typed = nodes.map((node) => ({ ...node, ...(selection.includes('type') && { type: 'NFS' }) }))
    const value = typedAt(document, { datastores: { nodes: typed, ...more } }, 'datastores')
    expect(needsTable(value)).toBe(expected)
    expect(mayHaveMore(value)).toBe(!('totalCount' in more) && more !== lastPage)
  })

  it('of a plain list need no table', () => {
    const document = '{ virtualMachine(by: { name: "a" }) { datastores { name capacity freeSpace } } }'
    const data = { virtualMachine: { datastores: nodes } }
    const value = typedAt(document, data, 'virtualMachine', 'datastores')
    expect([hasBars(value), needsTable(value)]).toEqual([true, false])
  })
})

it('calls shares high from 75 % and very high from 90 %', () => {
  expect([0, 0.749, 0.75, 0.899, 0.9, 1.2].map(levelOf)).toEqual([
    'normal',
    'normal',
    'high',
    'high',
    'very high',
    'very high',
  ])
})
