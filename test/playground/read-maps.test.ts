// Which lists of areas of a result are drawn, and what is known of the disk from each.

import { describe, expect, it } from 'vitest'
import { isDrawable, readMaps } from '../../playground/src/results/disk-map/read-maps.ts'
import {
  disksWithAreas,
  distinguish,
  identityOf,
  namesOf,
} from '../../playground/src/results/disk-map/same-disk.ts'
import type { TypedObject } from '../../playground/src/results/typed/typed-value.ts'
import { typed, typedAt } from './typed.ts'

const disk = (selection: string) =>
  `query Q($after: String) { node(id: "x") { ... on VirtualDisk { ${selection} } } }`

const mapsOf = (selection: string, data: object, variables?: Record<string, unknown>) =>
  readMaps(typedAt(disk(selection), { node: data }, 'node') as TypedObject, variables)

const areas = [
  { start: 0, length: 100 },
  { start: 500, length: 100 },
]

describe('the maps of a disk', () => {
  it('are read under any alias, from nodes or edges, with the size of the disk from either place', () => {
    const selection = `capacity
      full: allocatedAreas { list: nodes { from: start length } pageInfo { more: hasNextPage } totalCount }
      changedAreas(since: { changeId: "52/1" }) { capacity edges { cursor item: node { start size: length } } sinceChangeId }`
    const [full, changed, ...others] = mapsOf(selection, {
      capacity: 1000,
      full: {
        list: areas.map(({ start, length }) => ({ from: start, length })),
        pageInfo: { more: false },
        totalCount: 2,
      },
      changedAreas: {
        capacity: 2000,
        edges: [{ cursor: 'c', item: { start: 500, size: 100 } }],
        sinceChangeId: '52/1',
      },
    })
    expect(others).toEqual([])
    expect(full).toMatchObject({
      name: 'full',
      meaning: 'in use',
      capacity: 1000,
      areas,
      known: [{ start: 0, end: 1000 }],
      totalCount: 2,
    })
    expect(changed).toMatchObject({
      name: 'changedAreas',
      meaning: 'changed',
      capacity: 2000,
      areas: [{ start: 500, length: 100 }],
      known: [{ start: 0, end: 600 }],
    })
  })

  it('begin at the first area if the page follows a cursor', () => {
    const selection = 'allocatedAreas(after: $after) { nodes { start length } pageInfo { hasNextPage } }'
    const data = { allocatedAreas: { nodes: [areas[1]], pageInfo: { hasNextPage: false } } }
    expect(mapsOf(selection, data, { after: 'c' })[0]?.known).toEqual([{ start: 500, end: 600 }])
    expect(mapsOf(selection, data, { after: null })[0]?.known).toEqual([{ start: 0, end: 600 }])
    expect(mapsOf(selection, data)[0]).toMatchObject({
      known: [{ start: 0, end: 600 }],
      isCapacityKnown: false,
    })
  })

  it('have the slices of the whole disk', () => {
    const data = { capacity: 400, allocatedAreas: { density: [100, 0, 0, 20], totalLength: 120 } }
    expect(mapsOf('capacity allocatedAreas { density(buckets: 4) totalLength }', data)).toMatchObject([
      { capacity: 400, areas: [], known: [], density: [100, 0, 0, 20], totalLength: 120 },
    ])
  })

  it('of a captured disk have the size and the name of the disk, and are what the capture says', () => {
    const selection =
      'basis disk { label uuid capacity } areas { nodes { start length } pageInfo { hasNextPage } }'
    const document = `mutation { captureChanges(input: { virtualMachine: { name: "a" } }) { capture { disks { ${selection} } } } }`
    const captured = (basis?: string) => ({
      ...(basis && { basis }),
      disk: { label: 'Disk 1', uuid: 'u1', capacity: 1000 },
      areas: { nodes: areas, pageInfo: { hasNextPage: false } },
    })
    const disks = [captured('CHANGES'), captured('FULL'), captured()]
    const { root } = typed(document, { captureChanges: { capture: { disks } } })
    const found = root ? disksWithAreas(root) : []
    expect(found.map((owner) => readMaps(owner, undefined)[0])).toMatchObject([
      { meaning: 'changed', capacity: 1000, isCapacityKnown: true },
      { meaning: 'in use', capacity: 1000 },
      { meaning: 'listed', capacity: 1000 },
    ])
    expect(found.map(identityOf)).toEqual(['u1', 'u1', 'u1'])
    expect(found[0] && namesOf(root, found[0].path)).toEqual(['Disk 1'])
  })

  it('merge areas of joined pages that overlap', () => {
    const nodes = [...areas, { start: 550, length: 100 }]
    expect(
      mapsOf('allocatedAreas { nodes { start length } }', { allocatedAreas: { nodes } })[0]?.areas,
    ).toEqual([
      { start: 0, length: 100 },
      { start: 500, length: 150 },
    ])
  })

  it.each([
    ['only totals are selected', '{ totalCount }', { totalCount: 5 }],
    ['the lengths are not selected', '{ nodes { start } }', { nodes: [{ start: 1 }] }],
    ['the edges have no node', '{ edges { cursor } }', { edges: [{ cursor: 'c' }] }],
    ['the density is null', '{ density }', { density: null }],
  ])('are none if %s', (_, selection, allocatedAreas) => {
    expect(mapsOf(`allocatedAreas ${selection}`, { allocatedAreas })).toEqual([])
  })

  it('are none of a list that failed, or of another type', () => {
    expect(
      mapsOf('capacity allocatedAreas { nodes { start length } }', { capacity: 1, allocatedAreas: null }),
    ).toEqual([])
    const other = typedAt(
      '{ datastores { nodes { capacity } } }',
      { datastores: { nodes: [] } },
      'datastores',
    )
    expect(isDrawable(other)).toBe(false)
  })
})

describe('the same disk at two places', () => {
  const document = `{ virtualMachine(by: { name: "a" }) { name
    before: snapshot(by: { path: "s1" }) { name disks { label uuid allocatedAreas { nodes { start length } } } }
    after: snapshot(by: { path: "s2" }) { name disks { label uuid allocatedAreas { nodes { start length } } } } } }`
  const disks = ['u1', 'u2'].map((uuid) => ({
    label: `Disk ${uuid}`,
    uuid,
    allocatedAreas: { nodes: areas },
  }))
  const data = { virtualMachine: { name: 'a', before: { name: 's1', disks }, after: { name: 's2', disks } } }
  const { root } = typed(document, data)

  it('has the same identity there, and names by which the places differ', () => {
    const found = root ? disksWithAreas(root) : []
    expect(found.map(identityOf)).toEqual(['u1', 'u2', 'u1', 'u2'])
    const names = found.filter((each) => identityOf(each) === 'u2').map(({ path }) => namesOf(root, path))
    expect(names).toEqual([
      ['a', 's1', 'Disk u2'],
      ['a', 's2', 'Disk u2'],
    ])
    expect(distinguish(names)).toEqual(['s1', 's2'])
  })

  it('is named by its field if nothing around it has a name', () => {
    const { root: unnamed } = typed('{ node(id: "x") { id } }', { node: { id: 'x' } })
    expect(namesOf(unnamed, ['node'])).toEqual(['node'])
  })
})
