// The tree of a list of snapshots: by children, parents or paths, and when it cannot be built.

import { describe, expect, it } from 'vitest'
import {
  buildTree,
  flatten,
  type SnapshotItem,
  type SnapshotNode,
} from '../../playground/src/results/snapshot-tree/build-tree.ts'
import {
  hasMoreFields,
  readTree,
  treeTitle,
} from '../../playground/src/results/snapshot-tree/read-snapshots.ts'
import { ageOf, describeTree } from '../../playground/src/results/snapshot-tree/snapshot-facts.ts'
import { valueAt } from '../../playground/src/results/typed/typed-value.ts'
import { typed, typedAt } from './typed.ts'

/** A tree as nested names. */
const namesOf = (nodes: readonly SnapshotNode[] | undefined): unknown[] | undefined =>
  nodes?.map(({ item, children }) => (children.length > 0 ? [item.name, namesOf(children)] : item.name))

const item = (name: string, more: Partial<SnapshotItem> = {}): SnapshotItem => ({ name, ...more })

const tree = [['base', ['update', ['patch', ['nightly']]]], 'other']

describe('the snapshot tree', () => {
  it('is built from the ids of parents, in the order of the list', () => {
    const items = [
      item('nightly', { id: '4', parentId: '3' }),
      item('base', { id: '1', parentId: null }),
      item('update', { id: '2', parentId: '1' }),
      item('patch', { id: '3', parentId: '1' }),
      item('other', { id: '5', parentId: null }),
    ]
    expect(namesOf(buildTree(items)?.roots)).toEqual(tree)
    expect(buildTree(items)?.detached).toBe(0)
  })

  it('is built from paths that are unique', () => {
    const items = ['base', 'base/update', 'base/patch', 'base/patch/nightly', 'other'].map((path) =>
      item(path.split('/').at(-1) as string, { path }),
    )
    expect(namesOf(buildTree(items)?.roots)).toEqual(tree)
    expect(buildTree([...items, item('update', { path: 'base/update' })])).toBeUndefined()
  })

  it('is built from children, also if the list has all snapshots', () => {
    const nightly = item('nightly', { id: '4', children: [] })
    const patch = item('patch', { id: '3', children: [nightly] })
    const update = item('update', { id: '2', children: [] })
    const base = item('base', { id: '1', children: [update, patch] })
    const other = item('other', { id: '5', children: [] })
    expect(namesOf(buildTree([base, other])?.roots)).toEqual(tree)
    // Below the root the selection has only one level: the levels below come from the occurrence that has them.
    const shallow = item('base', { id: '1', children: [update, item('patch', { id: '3' })] })
    expect(namesOf(buildTree([shallow, update, patch, nightly, other])?.roots)).toEqual(tree)
  })

  it('has snapshots whose parent is filtered out at its root, and counts them', () => {
    const built = buildTree([
      item('patch', { id: '3', parentId: '1' }),
      item('nightly', { id: '4', parentId: '3' }),
    ])
    expect(namesOf(built?.roots)).toEqual([['patch', ['nightly']]])
    expect(built?.detached).toBe(1)
  })

  it('ends for snapshots that are below themselves', () => {
    const cycle = [item('a', { id: '1', parentId: '2' }), item('b', { id: '2', parentId: '1' })]
    expect(flatten(buildTree(cycle)?.roots ?? [])).toHaveLength(2)
    const inner = item('a', {
      id: '1',
      children: [item('b', { id: '2', children: [item('a', { id: '1' })] })],
    })
    expect(flatten(buildTree([inner])?.roots ?? []).length).toBeLessThan(5)
  })

  it('is not built from names alone', () => {
    expect(buildTree([item('a'), item('b')])).toBeUndefined()
    expect(buildTree([item('a', { id: '1' }), item('b', { id: '2', parentId: '1' })])).toBeUndefined()
  })
})

describe('the snapshots of a result', () => {
  const read = (selection: string, snapshots: readonly object[], field = 'snapshots') =>
    typedAt(
      `{ virtualMachine(by: { name: "a" }) { snapshots: ${field} { ${selection} } } }`,
      { virtualMachine: { snapshots } },
      'virtualMachine',
      'snapshots',
    )

  it('are read with what is selected of them', () => {
    const value = read('key: id name size isCurrent ageSeconds createdBy up: parent { id }', [
      { key: '1', name: 'base', size: 5, isCurrent: false, ageSeconds: 60, createdBy: null, up: null },
      {
        key: '2',
        name: 'patch',
        size: null,
        isCurrent: true,
        ageSeconds: 30,
        createdBy: 'ann',
        up: { id: '1' },
      },
    ])
    const built = readTree(value)
    expect(namesOf(built?.roots)).toEqual([['base', ['patch']]])
    expect(built?.roots[0]?.children[0]?.item).toMatchObject({
      id: '2',
      size: null,
      isCurrent: true,
      ageSeconds: 30,
      createdBy: 'ann',
    })
    expect(hasMoreFields(value)).toBe(false)
    expect(built && describeTree(built, 0)).toBe(
      '2 snapshots. 5 B in all, without 1 of unknown size. The oldest is 1 min old. The virtual machine runs on “patch”.',
    )
  })

  it('are a table if the list is ordered, or if their parents are not selected', () => {
    const snapshots = [{ id: '1', path: 'base' }]
    expect(readTree(read('id path', snapshots))).toBeDefined()
    expect(readTree(read('id path', snapshots, 'snapshots(orderBy: { field: SIZE })'))).toBeUndefined()
    expect(readTree(read('id name', [{ id: '1', name: 'base' }]))).toBeUndefined()
    expect(readTree(read('id', []))).toBeUndefined()
  })

  it('are named by their virtual machine, not by an object around it or the field', () => {
    const title = (selection: string, name: object) => {
      const document = `{ hosts { nodes { name virtualMachines { nodes { ${selection} list: rootSnapshots { name children { name } } } } } } }`
      const snapshots = [{ name: 'a', children: [] }]
      const machines = { nodes: [{ ...name, list: snapshots }] }
      const data = { hosts: { nodes: [{ name: 'esx-01', virtualMachines: machines }] } }
      const { root } = typed(document, data)
      return treeTitle(valueAt(root!, ['hosts', 'nodes', 0, 'virtualMachines', 'nodes', 0, 'list'])!, root)
    }
    expect(title('name', { name: 'web-01' })).toBe('Snapshots of web-01')
    expect(title('', {})).toBe('Snapshots')
  })

  it('have more than the tree shows if other fields are selected, at any level', () => {
    const child = { name: 'b', children: [], quiesced: true }
    const value = read(
      'name children { name children { name } quiesced }',
      [{ name: 'a', children: [child] }],
      'rootSnapshots',
    )
    expect(hasMoreFields(value)).toBe(true)
  })
})

describe('the sentences about a tree', () => {
  const describeList = (...roots: readonly SnapshotItem[]) => describeTree(buildTree(roots)!, 0)
  const now = '1970-01-01T00:00:00Z'
  const base = { id: '1', parentId: null }
  const patch = { id: '2', parentId: '1' }

  it('say how many snapshots have the values if a level of the selection has no size or time', () => {
    const inner = item('patch', {
      size: 5,
      createdAt: now,
      children: [item('x', { size: 1, ageSeconds: 60 })],
    })
    expect(describeList(item('base', { children: [inner] }))).toBe(
      '3 snapshots. 6 B in 2 of them. The age of 2 of them is known; the oldest of these is 1 min old. The children of 1 of them are not selected.',
    )
  })

  it('do not call sizes unknown that are not selected', () => {
    expect(describeList(item('base', { ...base, size: 5 }), item('patch', { ...patch, size: null }))).toBe(
      '2 snapshots. 5 B in all, without 1 of unknown size.',
    )
    expect(describeList(item('base', base), item('patch', { ...patch, size: null }))).toBe('2 snapshots.')
    const sizes = [5, null, undefined].map((size, at) => item('x', { id: `${at}`, parentId: null, size }))
    expect(describeList(...sizes)).toBe('3 snapshots. 5 B in 1 of them.')
  })

  it('do not take a part of the ages for all', () => {
    const ages = [item('base', base), item('patch', { ...patch, ageSeconds: 60 })]
    expect(describeList(...ages)).toBe(
      '2 snapshots. The age of 1 of them is known; the oldest of these is 1 min old.',
    )
  })

  it('say that the snapshots below the last selected level are not counted', () => {
    expect(describeList(item('base', { children: [item('patch')] }))).toBe(
      '2 snapshots. The children of 1 of them are not selected.',
    )
    expect(describeList(item('base', { children: [item('patch', { children: [] })] }))).toBe('2 snapshots.')
  })
})

it('takes the age that is reported, or else that of the creation', () => {
  expect(ageOf(item('a', { ageSeconds: 5, createdAt: '2026-01-01T00:00:00Z' }), 0)).toBe(5)
  expect(ageOf(item('a', { createdAt: '2026-01-01T00:00:00Z' }), Date.parse('2026-01-01T00:01:00Z'))).toBe(60)
  expect(ageOf(item('a', { createdAt: 'x' }), 0)).toBeUndefined()
})
