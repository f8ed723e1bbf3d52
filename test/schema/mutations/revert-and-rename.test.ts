// Tests revertToSnapshot and renameSnapshot: the state of the virtual machine, and the name of the
// snapshot.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, idsOf, mutate, treeOf } from './mutate.ts'

let gateway: TestGateway
beforeEach(() => {
  gateway = startGateway()
})
afterEach(() => gateway.close())

describe('revertToSnapshot', () => {
  const selection =
    'task { state operation } snapshot { path isCurrent } virtualMachine { powerState currentSnapshot { path } snapshots { path } }'

  it('reverts the virtual machine, and keeps the tree', async () => {
    const { snapshots } = await idsOf(gateway, 'erp-01')
    const { payload, reported } = await mutate(
      gateway,
      'revertToSnapshot',
      { snapshot: snapshots.base },
      selection,
    )
    expect(reported).toEqual([])
    expect(payload).toEqual({
      task: { state: 'SUCCESS', operation: expect.any(String) },
      snapshot: { path: 'base', isCurrent: true },
      virtualMachine: {
        powerState: 'POWERED_OFF',
        currentSnapshot: { path: 'base' },
        snapshots: Object.keys(snapshots).map((path) => ({ path })),
      },
    })
  })

  it.each([
    [true, 'POWERED_OFF'],
    [false, 'POWERED_ON'],
    [null, 'POWERED_ON'],
  ])('to a snapshot with memory, suppressPowerOn %j, leaves it %s', async (suppressPowerOn, powerState) => {
    const { snapshots } = await idsOf(gateway, 'erp-01')
    const { payload, reported } = await mutate(
      gateway,
      'revertToSnapshot',
      { snapshot: snapshots['base/after-patch'], suppressPowerOn },
      selection,
    )
    expect(reported).toEqual([])
    expect(payload.virtualMachine.powerState).toBe(powerState)
    expect(gateway.simulator.calls.find(({ method }) => method === 'RevertToSnapshot_Task')?.args).toEqual({
      suppressPowerOn: suppressPowerOn ?? false,
    })
  })
})

describe('renameSnapshot', () => {
  const rename = async (input: Record<string, unknown>) => {
    const { snapshots } = await idsOf(gateway, 'web-01')
    return mutate(
      gateway,
      'renameSnapshot',
      { snapshot: snapshots['before-update'], ...input },
      'snapshot { id name description path virtualMachine { snapshots { name } } }',
    )
  }
  const facts = () => {
    const [{ name, description } = {}] = gateway.simulator.inventory.machine('web-01').rootSnapshots
    return { name, description }
  }

  it.each([
    [{ name: 'new' }, { name: 'new', description: 'nginx 1.27' }],
    [{ description: 'new' }, { name: 'before-update', description: 'new' }],
    [
      { name: 'a', description: 'b' },
      { name: 'a', description: 'b' },
    ],
    [
      { name: null, description: '' },
      { name: 'before-update', description: '' },
    ],
    [
      { name: 'new', description: null },
      { name: 'new', description: 'nginx 1.27' },
    ],
  ])('with %j keeps the values that are not given', async (input, expected) => {
    const { payload, reported } = await rename(input)
    expect(reported).toEqual([])
    expect(payload.snapshot).toMatchObject({
      ...expected,
      virtualMachine: { snapshots: [{ name: expected.name }] },
    })
    expect(facts()).toEqual(expected)
    expect(countOf(gateway, 'RenameSnapshot')).toBe(1)
  })

  it.each([
    ['a/b', 'a%2fb'],
    ['50% of \\', '50%25 of %5c'],
    ['50%', '50%25'],
  ])('escapes %j as %j, and returns it as it was given', async (name, stored) => {
    const { payload } = await rename({ name })
    expect(payload.snapshot).toMatchObject({ name, path: stored })
    expect(treeOf(gateway, 'web-01')).toEqual([stored])
  })

  it.each([
    [{}],
    [{ name: null, description: null }],
    [{ name: '' }],
    [{ name: ' ' }],
    [{ name: 'bell\u0007' }],
    [{ description: '\u0000' }],
  ])('with %j is invalid, and nothing is sent', async (input) => {
    const { payload, reported } = await rename(input)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([{ path: 'renameSnapshot', code: 'BAD_USER_INPUT' }])
    expect(countOf(gateway, 'RenameSnapshot')).toBe(0)
  })
})
