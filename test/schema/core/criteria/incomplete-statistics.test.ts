// Tests that no number describes only a part: statistics and groups are null where a value that they need is missing.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DataObject } from '../../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'

let gateway: TestGateway

beforeEach(() => {
  gateway = startGateway()
})
afterEach(() => gateway.close())

const deny = (name: string, property: string) =>
  gateway.simulator.faults.deny(gateway.simulator.inventory.machine(name).ref, property)

describe('totalCount, aggregate and groups', () => {
  it('are null while the snapshots of a machine may not be read', async () => {
    deny('web-01', 'snapshot')
    const { data, errors } = await gateway.execute(
      '{ snapshots { totalCount aggregate { size { sum } } groups(by: [IS_CURRENT]) { count } coverage { isComplete error { code } } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.snapshots).toEqual({
      totalCount: null,
      aggregate: null,
      groups: null,
      coverage: [{ isComplete: false, error: { code: 'FORBIDDEN' } }],
    })
  })

  it('leave out objects that the filter leaves undecided', async () => {
    const { data } = await gateway.execute(
      '{ virtualMachines(filter: { annotation: { ne: "x" } }) { totalCount coverage { isComplete undecidedCount } groups(by: [TEMPLATE]) { count } } }',
    )
    const { totalCount, coverage, groups } = data.virtualMachines
    expect([totalCount, coverage]).toEqual([19, [{ isComplete: true, undecidedCount: 1 }]])
    expect(groups.map(({ count }: { count: number }) => count)).toEqual([18, 1])
  })
})

describe('a statistic', () => {
  it('is null with an error while one of its values may not be read, and the others are complete', async () => {
    deny('web-01', 'summary')
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(filter: { name: { glob: "web-*" } }) { totalCount aggregate { cpuUsage { sum } cpuCount { sum min max avg } } } }',
    )
    expect(data.virtualMachines).toEqual({
      totalCount: 2,
      aggregate: { cpuUsage: null, cpuCount: { sum: 4, min: 2, max: 2, avg: 2 } },
    })
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['virtualMachines', 'aggregate', 'cpuUsage'], 'FORBIDDEN'],
    ])
  })

  it('reports a sum beyond 2^53 as an error, never rounded', async () => {
    const { objects, inventory } = gateway.simulator
    for (const name of ['web-01', 'web-02']) {
      const vm = objects.find(inventory.machine(name).ref)!
      const summary = vm.get('summary') as DataObject<'VirtualMachineSummary'>
      vm.set('summary', { ...summary, storage: { ...summary.storage, committed: 2 ** 52 + 1 } })
    }
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(filter: { name: { glob: "web-*" } }) { aggregate { storageCommitted { sum min max } } } }',
    )
    expect(data.virtualMachines.aggregate.storageCommitted).toEqual({
      sum: null,
      min: 2 ** 52 + 1,
      max: 2 ** 52 + 1,
    })
    expect(errors?.map(({ path }) => path)).toEqual([
      ['virtualMachines', 'aggregate', 'storageCommitted', 'sum'],
    ])
  })

  it('is null without an error when no object has a value', async () => {
    const { data, errors } = await gateway.execute(
      '{ virtualMachines(filter: { id: { in: [] } }) { aggregate { cpuCount { sum avg min max } } groups(by: [HOST]) { count } } }',
    )
    expect(errors).toBeUndefined()
    const cpuCount = { sum: null, avg: null, min: null, max: null }
    expect(data.virtualMachines).toEqual({ aggregate: { cpuCount }, groups: [] })
  })
})

describe('groups', () => {
  it('are null with an error while a key may not be read', async () => {
    deny('web-01', 'runtime')
    const { data, errors } = await gateway.execute(
      '{ virtualMachines { totalCount groups(by: [POWER_STATE]) { count } } }',
    )
    expect(data.virtualMachines).toEqual({ totalCount: 20, groups: null })
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['virtualMachines', 'groups'], 'FORBIDDEN'],
    ])
  })

  it('come with the largest first, then by key, with a group of their own for unset values', async () => {
    const { data } = await gateway.execute(
      '{ virtualMachines { groups(by: [CLUSTER, POWER_STATE]) { count key { cluster { name } powerState host { name } } aggregate { cpuCount { sum } } } } }',
    )
    const { groups } = data.virtualMachines
    expect(
      groups.map(({ count, key }: { count: number; key: { cluster: unknown; powerState: string } }) => [
        count,
        key,
      ]),
    ).toEqual([
      [14, { cluster: { name: 'fra-cluster-01' }, powerState: 'POWERED_ON', host: null }],
      [2, { cluster: { name: 'fra-cluster-01' }, powerState: 'POWERED_OFF', host: null }],
      [2, { cluster: null, powerState: 'POWERED_ON', host: null }],
      [1, { cluster: null, powerState: 'POWERED_OFF', host: null }],
      [1, { cluster: null, powerState: 'SUSPENDED', host: null }],
    ])
    expect(groups.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(20)
  })
})
