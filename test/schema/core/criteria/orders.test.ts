// Tests the orders of connections: defaults, several keys, text without regard to case, objects without a value, and cursors.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { errorOf } from './select.ts'

let gateway: TestGateway

const names = ['b', 'B', 'a', 'A2', 'a10', 'É', 'z', '_']

beforeAll(() => {
  gateway = startGateway()
  const { objects } = gateway.simulator
  const machines = [...objects.ofType('VirtualMachine')].slice(0, names.length)
  for (const [index, vm] of machines.entries()) vm.set('name', names[index])
})
afterAll(() => gateway.close())

const query = (
  selection: string,
) => `query ($orderBy: [VirtualMachineOrder!], $filter: VirtualMachineFilter, $after: String, $first: Int = 100) {
  virtualMachines(orderBy: $orderBy, filter: $filter, after: $after, first: $first) {
    pageInfo { endCursor hasNextPage } nodes { ${selection} } } }`

interface Arguments extends Record<string, unknown> {
  readonly orderBy?: unknown
  readonly filter?: unknown
}

// biome-ignore lint/suspicious/noExplicitAny: each test selects other fields
async function nodes(selection: string, args: Arguments): Promise<any[]> {
  const { data, errors } = await gateway.execute(query(selection), args)
  expect(errors).toBeUndefined()
  return data.virtualMachines.nodes
}

const renamed = { name: { in: names } }
const namesBy = async (orderBy?: unknown, filter: unknown = renamed) =>
  (await nodes('name', { orderBy, filter })).map(({ name }) => name)

describe('text', () => {
  const sorted = ['_', 'a', 'a10', 'A2', 'B', 'b', 'z', 'É']

  it('sorts by its lower case, then by code unit, and by name without orderBy', async () => {
    expect(await namesBy()).toEqual(sorted)
    expect(await namesBy([])).toEqual(sorted)
    expect(await namesBy(null)).toEqual(sorted)
    expect(await namesBy([{ field: 'NAME' }])).toEqual(sorted)
    expect(await namesBy([{ field: 'NAME', direction: 'DESC' }])).toEqual(sorted.toReversed())
  })

  it('accepts one sort key without a list', async () => {
    expect(await namesBy({ field: 'NAME', direction: 'DESC' })).toEqual(sorted.toReversed())
  })
})

describe('objects without a value', () => {
  it('come last in both directions, by moid', async () => {
    const moids: string[][] = []
    for (const direction of ['ASC', 'DESC']) {
      const sorted = await nodes('moid bootTime', { orderBy: [{ field: 'BOOT_TIME', direction }] })
      const times = sorted.map(({ bootTime }) => bootTime).filter((time) => time !== null)
      expect(times.toSorted()).toEqual(direction === 'ASC' ? times : times.toReversed())
      const last = sorted.slice(times.length)
      expect(last.map(({ bootTime }) => bootTime)).toEqual([null, null, null, null])
      moids.push(last.map(({ moid }) => moid))
    }
    expect(moids[0]).toEqual(moids[0]!.toSorted())
    expect(moids[1]).toEqual(moids[0])
  })

  it('are also those whose value may not be read', async () => {
    const { objects } = gateway.simulator
    const [vm] = objects.ofType('VirtualMachine')
    const undo = gateway.simulator.faults.deny(vm!.ref, 'overallStatus')
    for (const direction of ['ASC', 'DESC'])
      expect((await nodes('moid', { orderBy: [{ field: 'OVERALL_STATUS', direction }] })).at(-1)).toEqual({
        moid: vm!.moid,
      })
    undo()
  })
})

describe('several keys', () => {
  it('decide in turn, each in its direction, and the moid last', async () => {
    const orderBy = [
      { field: 'CPU_COUNT', direction: 'DESC' },
      { field: 'HOST_NAME' },
      { field: 'POWER_STATE' },
    ]
    const filter = { cpuCount: { isNull: false } }
    const sorted = await nodes('moid cpuCount powerState host { name }', { orderBy, filter })
    expect(sorted.length).toBeGreaterThan(15)
    const expected = sorted.toSorted(
      (a, b) =>
        b.cpuCount - a.cpuCount ||
        compare(a.host.name, b.host.name) ||
        compare(a.powerState, b.powerState) ||
        compare(a.moid, b.moid),
    )
    expect(sorted).toEqual(expected)
  })

  it('are all held by the cursors', async () => {
    const orderBy = [
      { field: 'CLUSTER_NAME', direction: 'DESC' },
      { field: 'BOOT_TIME' },
      { field: 'STORAGE_COMMITTED' },
    ]
    const all = (await nodes('moid', { orderBy })).map(({ moid }) => moid)
    const paged: string[] = []
    let after: string | undefined
    do {
      const { data, errors } = await gateway.execute(query('moid'), { orderBy, after, first: 3 })
      expect(errors).toBeUndefined()
      paged.push(...data.virtualMachines.nodes.map(({ moid }: { moid: string }) => moid))
      after = data.virtualMachines.pageInfo.hasNextPage ? data.virtualMachines.pageInfo.endCursor : undefined
    } while (after)
    expect(paged).toEqual(all)
  })
})

describe('enums', () => {
  it('sort by name', async () => {
    const states = (await nodes('powerState', { orderBy: [{ field: 'POWER_STATE' }] })).map(
      (each) => each.powerState,
    )
    expect(states).toEqual(states.toSorted())
    expect(new Set(states)).toEqual(new Set(['POWERED_OFF', 'POWERED_ON', 'SUSPENDED']))
  })

  it('sort health as GRAY, GREEN, YELLOW, RED', async () => {
    const { objects } = gateway.simulator
    const [first, second, third] = objects.ofType('VirtualMachine')
    const before = [first, second, third].map((vm) => vm!.get('overallStatus'))
    first!.set('overallStatus', 'yellow')
    second!.set('overallStatus', 'red')
    third!.set('overallStatus', 'gray')
    const order = async (direction: string) => [
      ...new Set(
        (await nodes('overallStatus', { orderBy: [{ field: 'OVERALL_STATUS', direction }] })).map(
          (each) => each.overallStatus,
        ),
      ),
    ]
    expect(await order('ASC')).toEqual(['GRAY', 'GREEN', 'YELLOW', 'RED'])
    expect(await order('DESC')).toEqual(['RED', 'YELLOW', 'GREEN', 'GRAY'])
    for (const [index, vm] of [first, second, third].entries()) vm!.set('overallStatus', before[index])
  })
})

describe('snapshots', () => {
  it('sort by creation time without orderBy', async () => {
    const { data } = await gateway.execute('{ snapshots(first: 100) { nodes { createdAt } } }')
    const times = data.snapshots.nodes.map(({ createdAt }: { createdAt: string }) => createdAt)
    expect(times).toHaveLength(7)
    expect(times).toEqual(times.toSorted())
  })

  it('of one machine sort as orderBy says, else depth first', async () => {
    const { data } =
      await gateway.execute(`{ virtualMachines(filter: { snapshots: { some: { name: { eq: "base" } } } }) { nodes {
      plain: snapshots { name depth } sorted: snapshots(orderBy: [{ field: DEPTH, direction: DESC }, { field: NAME }]) { name depth } } } }`)
    const [{ plain, sorted }] = data.virtualMachines.nodes
    expect(plain.map(({ name }: { name: string }) => name)).toEqual([
      'base',
      'after-patch',
      'base',
      '50/50 test',
    ])
    expect(sorted).toEqual(
      plain.toSorted(
        (a: { depth: number; name: string }, b: { depth: number; name: string }) =>
          b.depth - a.depth || compare(a.name, b.name),
      ),
    )
  })
})

describe('a cursor', () => {
  const first = 'first: 2, orderBy: [{ field: NAME }], filter: { powerState: { eq: POWERED_ON } }'
  const rejected: [name: string, args: string, message: string][] = [
    ['order', 'orderBy: [{ field: MEMORY }], filter: { powerState: { eq: POWERED_ON } }', 'order'],
    [
      'direction',
      'orderBy: [{ field: NAME, direction: DESC }], filter: { powerState: { eq: POWERED_ON } }',
      'order',
    ],
    [
      'number of keys',
      'orderBy: [{ field: NAME }, { field: MEMORY }], filter: { powerState: { eq: POWERED_ON } }',
      'order',
    ],
    ['filter', 'orderBy: [{ field: NAME }], filter: { powerState: { eq: SUSPENDED } }', 'filter'],
    ['filter', 'orderBy: [{ field: NAME }]', 'filter'],
  ]
  for (const [name, args, message] of rejected)
    it(`is rejected with another ${name}: ${args}`, async () => {
      const { data } = await gateway.execute(`{ virtualMachines(${first}) { pageInfo { endCursor } } }`)
      const { endCursor } = data.virtualMachines.pageInfo
      const calls = gateway.simulator.calls.length
      const error = await errorOf(
        gateway,
        `{ virtualMachines(${args}, after: "${endCursor}") { nodes { name } } }`,
      )
      expect(error).toMatchObject({
        message: expect.stringContaining(message),
        extensions: { code: 'BAD_USER_INPUT', remedy: 'Start again without after.' },
      })
      expect(gateway.simulator.calls.length).toBe(calls)
    })

  it('is accepted with a filter that differs only in conditions that are null', async () => {
    const { data } = await gateway.execute(
      `{ virtualMachines(first: 2, filter: { name: { glob: "*" } }) { pageInfo { endCursor } } }`,
    )
    const { errors } = await gateway.execute(
      `{ virtualMachines(after: "${data.virtualMachines.pageInfo.endCursor}", filter: { name: { glob: "*" }, host: null }) { nodes { name } } }`,
    )
    expect(errors).toBeUndefined()
  })

  it('of objects directly in a folder is rejected for objects at any depth', async () => {
    const folder = (args: string) =>
      `{ folders(filter: { name: { eq: "Production" } }) { nodes { virtualMachines(${args}) { pageInfo { endCursor } } } } }`
    const { data } = await gateway.execute(folder('first: 1'))
    const { endCursor } = data.folders.nodes[0].virtualMachines.pageInfo
    const error = await errorOf(gateway, folder(`first: 1, recursive: true, after: "${endCursor}"`))
    expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
  })
})

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
