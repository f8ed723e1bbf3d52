// Tests which values the operators of conditions match, and what unset values meet.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DataObject } from '../../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { namesOf, select } from './select.ts'

let gateway: TestGateway
let all: readonly string[]

beforeAll(async () => {
  gateway = startGateway()
  all = await namesOf(gateway, null)
})
afterAll(() => gateway.close())

const named = (filter: unknown) => namesOf(gateway, { name: filter })
const without = (...names: readonly string[]) => all.filter((name) => !names.includes(name))

describe('a filter', () => {
  it('selects everything when it is null, {} or and: [], and when all of its conditions are null or {}', async () => {
    expect(all).toHaveLength(20)
    const filters = [
      {},
      { and: [] },
      { and: null, or: null, not: null },
      { name: null, host: null, disks: null },
      { name: {}, annotation: {}, disks: {}, cpuCount: {} },
      { and: [{}, { and: [{}] }] },
    ]
    for (const filter of filters)
      expect(await select(gateway, filter)).toEqual({ names: all, undecidedCount: 0 })
  })

  it('selects nothing when it is or: [] or not: {}', async () => {
    for (const filter of [{ or: [] }, { not: {} }, { and: [{}, { or: [] }] }])
      expect(await namesOf(gateway, filter)).toEqual([])
  })

  it('requires all keys of an object', async () => {
    expect(await namesOf(gateway, { name: { glob: '*-01' }, cpuCount: { gte: 4 } })).toEqual([
      'db-01',
      'erp-01',
      'rac-01',
      'san-01',
    ])
    expect(await namesOf(gateway, { cpuCount: { gte: 4, lt: 8 }, or: [{ name: { eq: 'erp-01' } }] })).toEqual(
      ['erp-01'],
    )
  })

  it('ignores operators whose variable is omitted', async () => {
    const query = `query ($name: String, $cpus: Int) {
      virtualMachines(filter: { name: { eq: $name }, cpuCount: { gte: $cpus } }) { totalCount } }`
    const { data } = await gateway.execute(query, { cpus: 8 })
    expect(data.virtualMachines).toEqual({ totalCount: 1 })
  })
})

describe('operators of text', () => {
  it('compare eq, ne, in and notIn exactly', async () => {
    expect(await named({ eq: 'web-01' })).toEqual(['web-01'])
    expect(await named({ eq: 'WEB-01' })).toEqual([])
    expect(await named({ in: ['web-01', 'DB-01', 'absent'] })).toEqual(['web-01'])
    expect(await named({ ne: 'web-01' })).toEqual(without('web-01'))
    expect(await named({ ne: 'WEB-01' })).toEqual(all)
    expect(await named({ notIn: ['web-01', 'web-02', 'DB-01'] })).toEqual(without('web-01', 'web-02'))
  })

  it('match nothing with in: [] and everything with notIn: []', async () => {
    expect(await named({ in: [] })).toEqual([])
    expect(await named({ notIn: [] })).toEqual(all)
  })

  it('ignore case in contains, startsWith, endsWith and glob', async () => {
    expect(await named({ contains: 'EB-0' })).toEqual(['web-01', 'web-02'])
    expect(await named({ startsWith: 'WEB' })).toEqual(['web-01', 'web-02'])
    expect(await named({ startsWith: 'eb' })).toEqual([])
    expect(await named({ endsWith: 'NT4' })).toEqual(['scada-nt4'])
    expect(await named({ glob: 'W[A-F]B-0?' })).toEqual(['web-01', 'web-02'])
  })

  it('match the whole value with a glob of *, ?, [a-z], [!a-z] and \\', async () => {
    expect(await named({ glob: 'web' })).toEqual([])
    expect(await named({ glob: 'web-0[!1]' })).toEqual(['web-02'])
    expect(await named({ glob: '[0-9]*' })).toEqual(['007'])
    expect(await named({ glob: 'ubuntu-24?0?' })).toEqual(['ubuntu-24.04'])
    expect(await named({ glob: '\\*' })).toEqual([])
    expect(await named({ glob: '*' })).toEqual(all)
    expect(await named({ glob: '' })).toEqual([])
  })

  it('compare names as they are shown, and paths with their escapes', async () => {
    expect(await named({ eq: 'a/b' })).toEqual(['a/b'])
    expect(await named({ contains: '%2f' })).toEqual([])
    expect(await namesOf(gateway, { path: { endsWith: '/Testing/a%2fb' } })).toEqual(['a/b'])
    expect(await namesOf(gateway, { path: { endsWith: 'a/b' } })).toEqual([])
    const snapshot = { some: { name: { eq: '50/50 test' }, path: { endsWith: '/50%2f50 test' } } }
    expect(await namesOf(gateway, { snapshots: snapshot })).toEqual(['erp-01'])
  })
})

describe('operators of numbers, times, Booleans and enums', () => {
  it('compare integers', async () => {
    const cpus = (filter: unknown) => namesOf(gateway, { cpuCount: filter })
    expect(await cpus({ gt: 4 })).toEqual(['db-01'])
    expect(await cpus({ gte: 4, lte: 4 })).toEqual(['erp-01', 'rac-01', 'san-01'])
    const single = ['scada-nt4', expect.stringMatching(/^vCLS/), expect.stringMatching(/^vCLS/)]
    expect(await cpus({ lt: 2 })).toEqual(single)
    expect(await cpus({ in: [1, 8] })).toEqual(['db-01', ...single])
    expect(await cpus({ notIn: [1, 2, 4] })).toEqual(['db-01'])
    expect(await cpus({ ne: 2 })).toEqual(['db-01', 'erp-01', 'rac-01', 'san-01', ...single])
  })

  it('accept 64-bit integers as numbers and as decimal strings', async () => {
    for (const gte of [34_359_738_368, '34359738368'])
      expect(await namesOf(gateway, { memory: { gte } })).toEqual(['db-01'])
    expect(await namesOf(gateway, { memory: { eq: '536870912' } })).toEqual(['scada-nt4'])
  })

  it('compare 64-bit values beyond 2^53 exactly with the largest operand', async () => {
    const vm = gateway.simulator.inventory.machine('wiki-01')
    const object = gateway.simulator.objects.find(vm.ref)!
    const summary = object.get('summary') as DataObject<'VirtualMachineSummary'>
    const storage = { ...summary.storage, committed: 9_007_199_254_740_993n }
    object.set('summary', { ...summary, storage })
    try {
      const committed = (filter: unknown) => namesOf(gateway, { storage: { committed: filter } })
      expect(await committed({ gt: '9007199254740991' })).toEqual(['wiki-01'])
      expect(await committed({ eq: '9007199254740991' })).toEqual([])
    } finally {
      object.set('summary', summary)
    }
  })

  it('compare points in time, whatever the offset of the operand', async () => {
    const { data } = await gateway.execute(
      '{ virtualMachines(filter: { name: { eq: "erp-01" } }) { nodes { bootTime } } }',
    )
    const [{ bootTime }] = data.virtualMachines.nodes
    const instant = new Date(bootTime).getTime()
    const inTokyo = new Date(instant + 9 * 3_600_000).toISOString().replace('Z', '+09:00')
    const booted = (filter: unknown) => namesOf(gateway, { bootTime: filter })
    expect(await booted({ gte: inTokyo, lte: inTokyo })).toEqual(
      await booted({ gte: bootTime, lte: bootTime }),
    )
    expect(await booted({ gte: inTokyo, lte: inTokyo })).toContain('erp-01')
    expect(await booted({ gte: inTokyo, lt: inTokyo })).toEqual([])
  })

  it('compare Booleans with eq and ne', async () => {
    const template = (filter: unknown) => namesOf(gateway, { template: filter })
    expect(await template({ eq: true })).toEqual(['ubuntu-24.04'])
    expect(await template({ ne: true })).toEqual(without('ubuntu-24.04'))
    expect(await template({ ne: false })).toEqual(['ubuntu-24.04'])
  })

  it('compare enums by their names', async () => {
    const state = (filter: unknown) => namesOf(gateway, { powerState: filter })
    expect(await state({ eq: 'SUSPENDED' })).toEqual(['desktop-01'])
    expect(await state({ in: ['SUSPENDED', 'POWERED_OFF'] })).toEqual([
      'desktop-01',
      'legacy-01',
      'mail-01',
      'ubuntu-24.04',
    ])
    expect(await state({ notIn: ['POWERED_ON', 'POWERED_OFF'] })).toEqual(['desktop-01'])
    expect(await state({ in: [] })).toEqual([])
  })
})

describe('an unset value', () => {
  const off = ['desktop-01', 'legacy-01', 'mail-01', 'ubuntu-24.04']

  it('meets isNull: true, ne and notIn only', async () => {
    const host = (filter: unknown) => namesOf(gateway, { guest: { hostName: filter } })
    const unset = await host({ isNull: true })
    expect(unset).toEqual(['desktop-01', 'legacy-01', 'mail-01', 'scada-nt4', 'ubuntu-24.04'])
    for (const filter of [{ ne: 'web-01' }, { notIn: ['web-01'] }, { notIn: [] }])
      expect(await host(filter)).toEqual(expect.arrayContaining([...unset]))
    for (const filter of [{ eq: '' }, { in: [''] }, { contains: '' }, { startsWith: '' }, { glob: '*' }])
      expect((await host(filter)).filter((name) => unset.includes(name))).toEqual([])
    expect(await host({ isNull: false })).toEqual(without(...unset))
  })

  it('is neither before nor after any time, and its negation holds', async () => {
    const later = { bootTime: { gte: '1970-01-01T00:00:00Z' } }
    expect(await namesOf(gateway, later)).toEqual(without(...off))
    expect(await namesOf(gateway, { not: later })).toEqual(off)
  })

  it('meets ne: true of a Boolean', async () => {
    const running = (filter: unknown) => namesOf(gateway, { guest: { toolsRunning: filter } })
    const unset = await running({ isNull: true })
    expect(await running({ ne: true })).toEqual(expect.arrayContaining([...unset]))
    expect(await running({ ne: false })).toEqual(expect.arrayContaining([...unset]))
    expect((await running({ eq: false })).filter((name) => unset.includes(name))).toEqual([])
  })
})
