// Tests removeSnapshot and removeAllSnapshots: which snapshots they remove, and what is read after the
// task.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, idsOf, mutate, treeOf } from './mutate.ts'

const selection = 'task { state operation } removedSnapshotIds virtualMachine { snapshots { path } }'

let gateway: TestGateway
beforeEach(() => {
  gateway = startGateway()
})
afterEach(() => gateway.close())

// base > after-patch > base, and a second branch under the first.
const tree = ['base', ['after-patch', ['base'], '50%2f50 test']]

describe('removeSnapshot', () => {
  it('removes one snapshot, and its children move up', async () => {
    expect(treeOf(gateway, 'erp-01')).toEqual(tree)
    const { snapshots } = await idsOf(gateway, 'erp-01')
    const { payload, reported } = await mutate(
      gateway,
      'removeSnapshot',
      { snapshot: snapshots['base/after-patch'] },
      selection,
    )
    expect(reported).toEqual([])
    expect(payload).toEqual({
      task: { state: 'SUCCESS', operation: expect.any(String) },
      removedSnapshotIds: [snapshots['base/after-patch']],
      virtualMachine: {
        snapshots: [{ path: 'base' }, { path: 'base/base' }, { path: 'base/50%2f50 test' }],
      },
    })
    expect(treeOf(gateway, 'erp-01')).toEqual(['base', ['base', '50%2f50 test']])
  })

  it('with its children removes all snapshots below it, reported depth first', async () => {
    const { snapshots } = await idsOf(gateway, 'erp-01')
    const { payload, reported } = await mutate(
      gateway,
      'removeSnapshot',
      { snapshot: snapshots['base/after-patch'], removeChildren: true },
      selection,
    )
    expect(reported).toEqual([])
    expect(payload.removedSnapshotIds).toEqual([
      snapshots['base/after-patch'],
      snapshots['base/after-patch/base'],
    ])
    expect(payload.virtualMachine.snapshots).toEqual([{ path: 'base' }, { path: 'base/50%2f50 test' }])
    expect(treeOf(gateway, 'erp-01')).toEqual(['base', ['50%2f50 test']])
  })

  it('consolidates unless disabled, and null means the default', async () => {
    const { snapshots } = await idsOf(gateway, 'erp-01')
    for (const [path, more] of [
      ['base/after-patch/base', {}],
      ['base/after-patch', { consolidate: null, removeChildren: null }],
      ['base', { consolidate: false, removeChildren: true }],
    ] as const)
      await mutate(gateway, 'removeSnapshot', { snapshot: snapshots[path], ...more })
    const sent = gateway.simulator.calls.filter(({ method }) => method === 'RemoveSnapshot_Task')
    expect(sent.map(({ args }) => [args.removeChildren, args.consolidate])).toEqual([
      [false, true],
      [false, true],
      [true, false],
    ])
    expect(gateway.simulator.inventory.machine('erp-01').consolidationNeeded).toBe(true)
    const { vm } = await idsOf(gateway, 'erp-01')
    const { payload, reported } = await mutate(
      gateway,
      'consolidateDisks',
      { virtualMachine: { id: vm } },
      'task { state operation } virtualMachine { name disks { backing { fileName } } }',
    )
    expect(reported).toEqual([])
    expect(payload).toMatchObject({
      task: { state: 'SUCCESS', operation: 'VirtualMachine.consolidateDisks' },
      virtualMachine: { name: 'erp-01' },
    })
    expect(JSON.stringify(payload)).not.toContain('-000')
    expect(gateway.simulator.inventory.machine('erp-01').consolidationNeeded).toBe(false)
  })

  it('lists no removed snapshot before the task has succeeded, and only actually removed ones afterwards', async () => {
    gateway.simulator.tasks.durationMs = 600_000
    const { snapshots } = await idsOf(gateway, 'erp-01')
    const { payload } = await mutate(
      gateway,
      'removeSnapshot',
      { snapshot: snapshots.base, waitSeconds: 0 },
      selection,
    )
    expect(payload.removedSnapshotIds).toBeNull()
    expect(payload.virtualMachine.snapshots).toHaveLength(4)
  })

  it('is NOT_FOUND for a removed snapshot, and nothing is sent', async () => {
    const { snapshots } = await idsOf(gateway, 'erp-01')
    const input = { snapshot: snapshots['base/after-patch'] }
    await mutate(gateway, 'removeSnapshot', input)
    const { payload, reported } = await mutate(gateway, 'removeSnapshot', input)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      { path: 'removeSnapshot', code: 'NOT_FOUND', remedy: expect.any(String) },
    ])
    expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(1)
  })

  it('takes the effect of an earlier removeSnapshot in the same operation into account', async () => {
    const { snapshots } = await idsOf(gateway, 'erp-01')
    const { data, errors } = await gateway.execute(
      `mutation ($a: ID!, $b: ID!) {
        first: removeSnapshot(input: { snapshot: $a }) { removedSnapshotIds virtualMachine { snapshots { path } } }
        second: removeSnapshot(input: { snapshot: $b, removeChildren: true }) { removedSnapshotIds virtualMachine { snapshots { path } } }
      }`,
      { a: snapshots['base/after-patch'], b: snapshots.base },
    )
    expect(errors).toBeUndefined()
    expect(data.first.removedSnapshotIds).toEqual([snapshots['base/after-patch']])
    expect(data.second).toEqual({
      removedSnapshotIds: [
        snapshots.base,
        snapshots['base/after-patch/base'],
        snapshots['base/50%2f50 test'],
      ],
      virtualMachine: { snapshots: [] },
    })
  })

  it('succeeds even if the removed snapshots cannot be read', async () => {
    const { snapshots } = await idsOf(gateway, 'erp-01')
    gateway.simulator.faults.deny(gateway.simulator.inventory.machine('erp-01').ref, 'snapshot')
    const { payload, reported } = await mutate(
      gateway,
      'removeSnapshot',
      { snapshot: snapshots.base },
      'task { state } removedSnapshotIds',
    )
    expect(payload).toEqual({ task: { state: 'SUCCESS' }, removedSnapshotIds: null })
    expect(reported).toMatchObject([{ path: 'removeSnapshot.removedSnapshotIds', code: 'FORBIDDEN' }])
  })
})

describe('removeAllSnapshots', () => {
  it('removes all snapshots, and succeeds without any', async () => {
    const { snapshots } = await idsOf(gateway, 'erp-01')
    const input = { virtualMachine: { name: 'erp-01' } }
    const first = await mutate(gateway, 'removeAllSnapshots', input, selection)
    expect(first.reported).toEqual([])
    expect(first.payload).toEqual({
      task: { state: 'SUCCESS', operation: 'VirtualMachine.removeAllSnapshots' },
      removedSnapshotIds: Object.values(snapshots),
      virtualMachine: { snapshots: [] },
    })
    expect(treeOf(gateway, 'erp-01')).toEqual([])
    const second = await mutate(gateway, 'removeAllSnapshots', input, selection)
    expect(second.reported).toEqual([])
    expect(second.payload).toMatchObject({ task: { state: 'SUCCESS' }, removedSnapshotIds: [] })
  })
})
