// Tests the filters, orders, groups and pages that are rejected before any call, and the limits that a remedy goes with.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { errorOf } from './select.ts'

let gateway: TestGateway

beforeAll(async () => {
  gateway = startGateway()
  await gateway.execute('{ virtualMachines { totalCount } }')
})
afterAll(() => gateway.close())

const byFilter = 'query ($filter: VirtualMachineFilter) { virtualMachines(filter: $filter) { totalCount } }'

/** Returns the error of an operation, which must not have caused a call. */
async function rejection(query: string, variables?: Record<string, unknown>) {
  const { calls } = gateway.simulator
  const before = calls.length
  const error = await errorOf(gateway, query, variables)
  expect(calls.slice(before).map(({ method }) => method)).toEqual([])
  return error
}

/** Returns a filter with this many levels. */
const nested = (levels: number): object =>
  levels === 1 ? { name: { eq: 'a' } } : { not: nested(levels - 1) }

const conditions = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: { ne: `${index}` } }))

const anyAddress = { guest: { ipAddresses: { every: {} } } }

describe('a filter', () => {
  const tooMany: [title: string, filter: (count: number) => object][] = [
    ['in or', (count) => ({ or: conditions(count) })],
    ['in and', (count) => ({ and: conditions(count) })],
    ['on another object', (count) => ({ host: { and: conditions(count) } })],
    [
      'on the items of a list',
      (count) => ({ disks: { some: { and: Array(count).fill({ label: { ne: 'a' } }) } } }),
    ],
    ['that lists are not empty', (count) => ({ or: Array(count).fill({ disks: { some: {} } }) })],
    ['that objects exist', (count) => ({ or: Array(count).fill({ host: {} }) })],
    ['that always hold', (count) => ({ and: Array(count).fill({ name: {} }) })],
    ['without any key', (count) => ({ and: Array(count).fill({ or: [] }) })],
    ['on strings of a list that always hold', (count) => ({ and: Array(count).fill(anyAddress) })],
    [
      'of several operators',
      (count) => ({
        and: Array(Math.floor(count / 2)).fill({ cpuCount: { gt: 0, lt: 900 } }),
        ...(count % 2 === 1 && { name: { ne: 'a' } }),
      }),
    ],
  ]
  it.each(tooMany)('has at most 100 conditions %s', async (_title, filter) => {
    expect(await rejection(byFilter, { filter: filter(101) })).toMatchObject({
      message: 'a filter has 101 conditions, but the limit per filter is 100',
      extensions: {
        code: 'QUERY_TOO_COMPLEX',
        limit: 100,
        remedy: expect.stringContaining('Use in with a list'),
      },
    })
    const { errors } = await gateway.execute(byFilter, { filter: filter(100) })
    expect(errors).toBeUndefined()
  })

  it('may compare one value with more than 100 others', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `vm-${index}`)
    const { data } = await gateway.execute(byFilter, { filter: { name: { notIn: names } } })
    expect(data.virtualMachines.totalCount).toBe(20)
  })

  it('has at most 10 levels', async () => {
    expect(await rejection(byFilter, { filter: nested(11) })).toMatchObject({
      message: 'a filter is nested 11 levels deep, but the limit per filter is 10',
      extensions: { code: 'QUERY_TOO_COMPLEX', limit: 10, remedy: expect.stringContaining('same level') },
    })
    expect((await gateway.execute(byFilter, { filter: nested(10) })).errors).toBeUndefined()
  })

  it('counts levels along edges and lists', async () => {
    const levels = (count: number): object =>
      count === 1 ? { name: { ne: 'a' } } : { host: hosts(count - 1) }
    const hosts = (count: number): object =>
      count === 1 ? { name: { ne: 'a' } } : { virtualMachines: { some: levels(count - 1) } }
    expect(await rejection(byFilter, { filter: levels(11) })).toMatchObject({
      extensions: { code: 'QUERY_TOO_COMPLEX', limit: 10 },
    })
  })

  it('has globs of at most 256 characters', async () => {
    const filter = (length: number) => ({ filter: { name: { glob: '*'.repeat(length) } } })
    expect(await rejection(byFilter, filter(257))).toMatchObject({
      message: 'the glob has 257 characters, but the limit is 256',
      extensions: { code: 'BAD_USER_INPUT', remedy: expect.stringContaining('shorter pattern') },
    })
    expect((await gateway.execute(byFilter, filter(256))).errors).toBeUndefined()
  })

  it('has no glob whose set is not closed, and no null operand', async () => {
    for (const name of [{ glob: 'web-[0' }, { eq: null }, { in: null }])
      expect(await rejection(byFilter, { filter: { name } })).toMatchObject({
        extensions: { code: 'BAD_USER_INPUT' },
      })
  })

  it('of a list field is rejected at that field', async () => {
    const query =
      '{ virtualMachines(first: 1) { nodes { disks(filter: { label: { eq: null } }) { label } } } }'
    expect(await errorOf(gateway, query)).toMatchObject({
      path: ['virtualMachines', 'nodes', 0, 'disks'],
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })
})

describe('an order', () => {
  it('has each key once', async () => {
    const query =
      '{ virtualMachines(orderBy: [{ field: NAME }, { field: MEMORY }, { field: NAME, direction: DESC }]) { totalCount } }'
    expect(await rejection(query)).toMatchObject({
      message: 'orderBy contains NAME twice',
      extensions: { code: 'BAD_USER_INPUT', remedy: 'Remove one of the two.' },
    })
  })
})

describe('groups', () => {
  it.each([
    ['by is empty', 'by: []'],
    ['by has 5 fields, but the limit is 4', 'by: [HOST, FOLDER, CLUSTER, TEMPLATE, POWER_STATE]'],
    ['by contains HOST twice', 'by: [HOST, FOLDER, HOST]'],
    ['first is 1,001, but must be at most 1,000', 'by: [HOST], first: 1001'],
    ['first is -1, but must not be negative', 'by: [HOST], first: -1'],
  ])('are rejected when %s', async (message, args) => {
    const query = `{ virtualMachines { groups(${args}) { count } } }`
    expect(await rejection(query)).toMatchObject({
      message,
      extensions: { code: 'BAD_USER_INPUT', remedy: expect.stringMatching(/^(?:Pass|Remove|Group) /) },
    })
  })

  it('number at most 1,000 unless first limits them', async () => {
    const own = startGateway({ vms: 1_100 })
    for (const [index, vm] of [...own.simulator.objects.ofType('VirtualMachine')].entries()) {
      const config = vm.get('config') as object | undefined
      if (config) vm.set('config', { ...config, version: `vmx-${index}` })
    }
    const query = (args: string) =>
      `{ virtualMachines { totalCount groups(by: [HARDWARE_VERSION]${args}) { count key { hardwareVersion } } } }`
    const error = await errorOf(own, query(''))
    expect(error).toMatchObject({
      message: expect.stringMatching(/^there are 1,\d{3} groups, but the limit per field is 1,000$/),
      path: ['virtualMachines', 'groups'],
      extensions: { code: 'QUERY_TOO_COMPLEX', limit: 1_000, remedy: 'Pass first, or filter the items.' },
    })
    const { data, errors } = await own.execute(query(', first: 3'))
    expect(errors).toBeUndefined()
    expect(data.virtualMachines.groups).toHaveLength(3)
    await own.close()
  })
})
