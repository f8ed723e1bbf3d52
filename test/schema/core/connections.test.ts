// Compares pages of virtual machines with a plain model: all objects in memory, filtered, sorted and sliced. The result equals the
// model's, at the root and below a datacenter, whether one page holds everything or not. Other types: any-filter/any-filter.test.ts.

import fc from 'fast-check'
import type { ExecutionResult } from 'graphql'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { createRandom } from '../../../src/simulator/random.ts'
import type { DataObject, ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { type Case, modelOf, moidsOf } from './any-filter/model-case.ts'
import type { Values } from './any-filter/object-graph.ts'
import { RandomCriteria } from './any-filter/random-criteria.ts'
import { createInventory, type Inventory } from './any-filter/random-inventory.ts'
import type { Filter } from './any-filter/reference-filter.ts'

type OrderField = 'NAME' | 'POWER_STATE' | 'CPU_COUNT' | 'MEMORY'
interface Order {
  readonly field: OrderField
  readonly direction?: 'ASC' | 'DESC'
}

interface Window {
  readonly first?: number | null
  readonly last?: number | null
  /** The index in the whole list at which the cursor points. */
  readonly after?: number | null
  readonly before?: number | null
}

/** The cursors of the request. An empty page returns them as its own. */
interface Given {
  readonly after?: string | null | undefined
  readonly before?: string | null | undefined
}

/** The range of a page in a list of this length, as [start, end). */
function cut(count: number, { first, last, after, before }: Window): [number, number] {
  const from = after == null ? 0 : after + 1
  const to = Math.max(from, before ?? count)
  if (last != null) return [Math.max(from, to - last), to]
  return [from, Math.min(to, from + (first ?? pageSizeDefault))]
}

const pageSizeDefault = 7

function identityOf({ objects }: Simulator): string {
  const content = objects.find({ type: 'ServiceInstance', value: 'ServiceInstance' })!.get('content')
  return (content as DataObject<'ServiceContent'>).about.instanceUuid as string
}

// ---- the queries

const windowFields =
  'totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { moid powerState } }'
const signature =
  '$first: Int, $last: Int, $after: String, $before: String, $filter: VirtualMachineFilter, $orderBy: [VirtualMachineOrder!]'
const args = 'first: $first, last: $last, after: $after, before: $before, filter: $filter, orderBy: $orderBy'
const rootQuery = `query (${signature}) { virtualMachines(${args}) { ${windowFields} } }`
const nestedQuery = `query (${signature}) { datacenters { nodes { moid virtualMachines(${args}) { ${windowFields} } } } }`

interface PageResult {
  readonly totalCount: number
  readonly pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
  readonly edges: { cursor: string; node: { moid: string; powerState: string | null } }[]
}

async function root(gateway: TestGateway, variables: object): Promise<PageResult> {
  const { data, errors } = await gateway.execute(rootQuery, variables as Record<string, unknown>)
  expectOnlyDenials(errors)
  return data.virtualMachines
}

/** Denied properties are reported beside the page; no other error is expected. */
function expectOnlyDenials(errors: ExecutionResult['errors']): void {
  expect(new Set((errors ?? []).map(({ extensions }) => extensions.code))).toEqual(
    new Set(errors ? ['FORBIDDEN'] : []),
  )
}

function expectPage(
  result: PageResult,
  ordered: readonly Values[],
  cursors: readonly string[],
  window: Window,
  given: Given = {},
): void {
  const [start, end] = cut(ordered.length, window)
  expect(result.edges.map(({ node }) => node.moid)).toEqual(ordered.slice(start, end).map(({ moid }) => moid))
  expect(result.edges.map(({ cursor }) => positionOf(cursor))).toEqual(
    cursors.slice(start, end).map(positionOf),
  )
  expect(result.totalCount).toBe(ordered.length)
  const { startCursor, endCursor, ...beyond } = result.pageInfo
  expect(beyond).toEqual({ hasNextPage: end < ordered.length, hasPreviousPage: start > 0 })
  expect([startCursor, endCursor].map(positionOf)).toEqual(
    [
      end > start ? cursors[start] : (given.before ?? null),
      end > start ? cursors[end - 1] : (given.after ?? null),
    ].map(positionOf),
  )
}

/** The content of a cursor without the id of its cached order: the names of order and filter, the moid and the sort keys. */
const positionOf = (cursor: string | null | undefined): unknown =>
  cursor == null ? null : JSON.parse(Buffer.from(cursor, 'base64url').toString()).toSpliced(3, 1)

/** Replaces the cursors of a result by their positions. */
const withPositions = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data), (key, value) => (/cursor$/i.test(key) ? positionOf(value) : value))

const orders = fc.record<Order>(
  {
    field: fc.constantFrom<OrderField>('NAME', 'POWER_STATE', 'CPU_COUNT', 'MEMORY'),
    direction: fc.constantFrom('ASC', 'DESC'),
  },
  { requiredKeys: ['field'] },
)

const sizes = fc.oneof(fc.nat(12), fc.constantFrom(0, 1, 100, 1000))
const positions = fc.option(fc.nat(99))
const windows = fc.oneof(
  fc.record({ first: fc.option(sizes), after: positions, before: positions }, { requiredKeys: [] }),
  fc.record({ last: sizes, after: positions, before: positions }, { requiredKeys: ['last'] }),
)

/** Returns the cursors for positions in a list of this length. */
function place({ after, before, ...rest }: Window, length: number): Window {
  return {
    ...rest,
    after: after == null || length === 0 ? null : after % length,
    before: before == null || length === 0 ? null : before % length,
  }
}

describe.each([1, 2, 3])('for the inventory of seed %i', (seed) => {
  let inventory: Inventory
  let gateway: TestGateway
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 5, 1) })
    inventory = await createInventory(seed)
    gateway = startGateway({ simulator: inventory.simulator, pageSizeDefault })
  })
  afterAll(async () => {
    vi.useRealTimers()
    await gateway.close()
    await inventory.close()
  })

  /** A random filter and order, and the machines that they select. */
  const criteria = fc.nat()
  const drawnCase = (number: number): Case => {
    const { graph } = inventory
    const drawn = new RandomCriteria(createRandom('connections', seed, number), graph.samples)
    return modelOf(graph, 'VirtualMachine', drawn.filter('VirtualMachine'), drawn.order('VirtualMachine'))
  }
  const machinesIn = (datacenter: string) => {
    const { graph } = inventory
    const { virtualMachines } = [...graph.objects.values()].find(({ moid }) => moid === datacenter) as Values
    return (virtualMachines as readonly { id: string }[]).map(({ id }) => id)
  }
  const withCursors = (window: Window, cursors: readonly string[]) => ({
    ...window,
    after: window.after == null ? null : cursors[window.after],
    before: window.before == null ? null : cursors[window.before],
  })

  it("every page of the root equals the model's", async () => {
    await fc.assert(
      fc.asyncProperty(criteria, windows, async (number, drawn) => {
        const { filter, orderBy, expected: ordered } = drawnCase(number)
        const complete = await root(gateway, { first: 1000, filter, orderBy })
        const cursors = complete.edges.map(({ cursor }) => cursor)
        expectPage(complete, ordered, cursors, { first: 1000 })
        const window = place(drawn, ordered.length)
        const given = withCursors(window, cursors)
        expectPage(await root(gateway, { filter, orderBy, ...given }), ordered, cursors, window, given)
      }),
      { seed: 10 + seed, numRuns: 60 },
    )
  })

  it("every page below a datacenter equals the model's", async () => {
    await fc.assert(
      fc.asyncProperty(criteria, windows, async (number, drawn) => {
        const { filter, orderBy, expected: all } = drawnCase(number)
        const complete = await root(gateway, { first: 1000, filter, orderBy })
        const cursors = complete.edges.map(({ cursor }) => cursor)
        const window = place(drawn, all.length)
        const given = withCursors(window, cursors)
        const { data, errors } = await gateway.execute(nestedQuery, { filter, orderBy, ...given })
        expectOnlyDenials(errors)
        expect(data.datacenters.nodes).toHaveLength(2)
        for (const { moid, virtualMachines } of data.datacenters.nodes as {
          moid: string
          virtualMachines: PageResult
        }[]) {
          const ids = new Set(machinesIn(moid))
          const mine = all.filter((machine) => ids.has(machine.id as string))
          // A cursor is a position in the order, whether its object is in this connection or not.
          const placed = {
            ...window,
            after:
              window.after == null
                ? null
                : mine.filter((each) => all.indexOf(each) <= window.after!).length - 1,
            before:
              window.before == null ? null : mine.filter((each) => all.indexOf(each) < window.before!).length,
          }
          expectPage(
            virtualMachines,
            mine,
            mine.map((each) => cursors[all.indexOf(each)]!),
            placed,
            given,
          )
        }
      }),
      { seed: 20 + seed, numRuns: 40 },
    )
  })

  it('the result does not depend on whether one page is known to hold everything', async () => {
    await fc.assert(
      fc.asyncProperty(criteria, windows, async (number, drawn) => {
        const { filter, orderBy } = drawnCase(number)
        const { first = null, last = null } = drawn as Window
        const variables = { first, last, filter, orderBy }
        const knowing = startGateway({ simulator: inventory.simulator, pageSizeDefault })
        const fresh = startGateway({ simulator: inventory.simulator, pageSizeDefault })
        await knowing.execute(
          '{ virtualMachines { totalCount } datacenters { nodes { virtualMachines { totalCount } } } }',
        )
        for (const query of [rootQuery, nestedQuery])
          expect(withPositions((await fresh.execute(query, variables)).data)).toEqual(
            withPositions((await knowing.execute(query, variables)).data),
          )
        await Promise.all([knowing.close(), fresh.close()])
      }),
      { seed: 30 + seed, numRuns: 15 },
    )
  })

  it('aliases with different arguments are different pages of the same parent', async () => {
    const aliased = `{ datacenters { nodes { moid
      all: virtualMachines(first: 1000) { nodes { moid } }
      one: virtualMachines(first: 1) { nodes { moid cpuCount } totalCount }
      last: virtualMachines(last: 2, orderBy: { field: MEMORY, direction: DESC }) { nodes { moid memory } }
      on: virtualMachines(first: 1000, filter: { powerState: { eq: POWERED_ON } }) { nodes { moid } }
      again: virtualMachines(first: 1) { nodes { moid disks { key } } }
    } } }`
    for (const time of ['first', 'second']) {
      const { data, errors } = await gateway.execute(aliased)
      expectOnlyDenials(errors)
      for (const { moid, all, one, last, on, again } of data.datacenters.nodes) {
        const moids = (page: { nodes: { moid: string }[] }) => page.nodes.map((node) => node.moid)
        const model = (filter: Filter, order: Order) =>
          moidsOf(modelOf(inventory.graph, 'VirtualMachine', filter, [order], machinesIn(moid)).expected)
        const mine = model({}, { field: 'NAME' })
        expect(moids(all), time).toEqual(mine)
        expect(moids(one)).toEqual(mine.slice(0, 1))
        expect(one.totalCount).toBe(mine.length)
        expect(moids(last)).toEqual(model({}, { field: 'MEMORY', direction: 'DESC' }).slice(-2))
        expect(moids(on)).toEqual(model({ powerState: { eq: 'POWERED_ON' } }, { field: 'NAME' }))
        expect(moids(again)).toEqual(moids(one))
      }
    }
  })
})

describe('the arguments of a connection', () => {
  let gateway: TestGateway
  beforeAll(() => {
    gateway = startGateway({ pageSizeDefault })
  })
  afterAll(() => gateway.close())

  const names = async (argumentsText: string) => {
    const { data, errors } = await gateway.execute(
      `{ virtualMachines${argumentsText} { nodes { name } totalCount } }`,
    )
    expect(errors).toBeUndefined()
    return data.virtualMachines.nodes.map(({ name }: { name: string }) => name) as string[]
  }

  it('have their default values when they are null', async () => {
    const plain = await names('')
    expect(plain).toHaveLength(pageSizeDefault)
    expect(
      await names('(first: null, after: null, last: null, before: null, filter: null, orderBy: null)'),
    ).toEqual(plain)
    expect(
      await names(
        '(filter: { name: null, powerState: null, changeTracking: null, snapshots: null, template: null, datacenter: null })',
      ),
    ).toEqual(plain)
    expect(await names('(orderBy: { field: NAME })')).toEqual(plain)
    expect(await names('(first: null, last: 2)')).toHaveLength(2)
  })

  it('match nothing with an empty list of power states', async () => {
    expect(await names('(filter: { powerState: { in: [] } })')).toEqual([])
  })

  it('match templates, numeric names and names with slashes', async () => {
    expect(await names('(filter: { template: { eq: true } })')).toEqual(['ubuntu-24.04'])
    expect(await names('(filter: { name: { eq: "007" } })')).toEqual(['007'])
    expect(await names('(filter: { name: { eq: "a/b" } })')).toEqual(['a/b'])
    expect(await names('(filter: { name: { glob: "app-0?" } })')).toEqual(['app-01', 'app-01'])
  })

  it('sort null values last in both directions', async () => {
    const { data } = await gateway.execute(`{
      up: virtualMachines(last: 1, orderBy: { field: CPU_COUNT }) { nodes { name cpuCount } }
      down: virtualMachines(last: 1, orderBy: { field: CPU_COUNT, direction: DESC }) { nodes { name cpuCount } }
    }`)
    expect(data.up.nodes).toEqual([{ name: 'legacy-01', cpuCount: null }])
    expect(data.down.nodes).toEqual([{ name: 'legacy-01', cpuCount: null }])
  })

  it('filter datacenters by name, and page them too', async () => {
    const { data } = await gateway.execute(`{
      all: datacenters { totalCount nodes { name } }
      some: datacenters(filter: { name: { glob: "*g*n" } }) { nodes { name } totalCount }
      one: datacenters(first: 1) { nodes { name } pageInfo { hasNextPage endCursor } }
    }`)
    expect(data.all).toEqual({ totalCount: 2, nodes: [{ name: 'Frankfurt' }, { name: 'Oregon' }] })
    expect(data.some).toEqual({ totalCount: 1, nodes: [{ name: 'Oregon' }] })
    expect(data.one).toMatchObject({ nodes: [{ name: 'Frankfurt' }], pageInfo: { hasNextPage: true } })
    const next = await gateway.execute(
      'query ($after: String) { datacenters(after: $after) { nodes { name } pageInfo { hasPreviousPage } } }',
      {
        after: data.one.pageInfo.endCursor,
      },
    )
    expect(next.data.datacenters).toEqual({
      nodes: [{ name: 'Oregon' }],
      pageInfo: { hasPreviousPage: true },
    })
  })
})

it('returns every existing object once and no deleted object while pages are walked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      orders,
      fc.array(fc.nat(99), { maxLength: 8 }),
      fc.array(fc.constantFrom('000', 'app-0', 'm', 'zzz'), { maxLength: 8 }),
      fc.boolean(),
      async (first, orderBy, victims, births, scansEachPage) => {
        const gateway = startGateway({ vms: 24 })
        const { simulator } = gateway
        const alive = new Set([...simulator.objects.ofType('VirtualMachine')].map(({ moid }) => moid))
        const seen: string[] = []
        const deletedUnseen: string[] = []
        const born = new Set<string>()
        let after: string | null = null
        for (let page = 0; ; page += 1) {
          const { edges, pageInfo } = await root(gateway, { first, after, orderBy })
          for (const { node } of edges) {
            expect([...alive, ...born]).toContain(node.moid)
            seen.push(node.moid)
          }
          if (!pageInfo.hasNextPage) break
          after = pageInfo.endCursor
          // A mutation of this gateway discards the cached order, so new objects appear on the next page.
          if (scansEachPage)
            await gateway.execute(
              'mutation { createSnapshot(input: { virtualMachine: { path: "/Frankfurt/vm/Production/007" }, name: "x", waitSeconds: 0 }) { task { id } } }',
            )
          const birth = births[page]
          if (birth !== undefined) born.add(simulator.inventory.add(birth).ref.value)
          const victim = [...alive][(victims[page] ?? 0) % alive.size]
          if (victims[page] === undefined || victim === undefined) continue
          simulator.inventory.destroy({ type: 'VirtualMachine', value: victim })
          alive.delete(victim)
          if (!seen.includes(victim)) deletedUnseen.push(victim)
        }
        expect(new Set(seen).size).toBe(seen.length)
        expect([...alive].filter((moid) => !seen.includes(moid))).toEqual([])
        expect(deletedUnseen.filter((moid) => seen.includes(moid))).toEqual([])
        await gateway.close()
      },
    ),
    { seed: 40, numRuns: 40 },
  )
})

it('omits an object from the page when it is deleted between the scan and the page', async () => {
  let victim: ManagedObjectReference | undefined
  const gateway = startGateway({
    wrap: (transport) => ({
      ...transport,
      async send(request) {
        // The page is requested by its objects, the scan before it by a view.
        if (victim && String(request.body).includes(`<obj type="VirtualMachine">${victim.value}</obj>`)) {
          gateway.simulator.inventory.destroy(victim)
          victim = undefined
        }
        return transport.send(request)
      },
    }),
  })
  const { simulator } = gateway
  victim = simulator.inventory.machine('007').ref
  const { data, errors } = await gateway.execute(
    '{ virtualMachines(first: 3) { nodes { name powerState path } } }',
  )
  expect(errors).toBeUndefined()
  expect(data.virtualMachines.nodes.map(({ name }: { name: string }) => name)).toEqual(['a/b', 'app-01'])
  await gateway.close()
})

it.each(['missingSet', 'omitted'] as const)(
  'omits an object that is deleted while its page is retrieved (reported as %s), and returns null where it is a single value',
  async (how) => {
    let victim: ManagedObjectReference | undefined
    const gateway = startGateway({
      wrap: (transport) => ({
        ...transport,
        async send(request) {
          if (victim && String(request.body).includes('<ContinueRetrievePropertiesEx ')) {
            gateway.simulator.inventory.destroy(victim)
            victim = undefined
          }
          return transport.send(request)
        },
      }),
    })
    const { simulator } = gateway
    const machines = [...simulator.objects.ofType('VirtualMachine')].map(({ ref }) => ref)
    const ids = machines.map((ref) => encodeManagedObjectId(identityOf(simulator), ref))
    await gateway.execute('{ virtualMachines { totalCount } }')
    simulator.faults.pageSize = 1
    simulator.faults.removedObjects = how
    victim = machines.at(-1)
    const listed = await gateway.execute(
      '{ virtualMachines { nodes { moid name powerState disks { label } } } }',
    )
    expect(listed.errors).toBeUndefined()
    expect(victim).toBeUndefined()
    expect(listed.data.virtualMachines.nodes).toHaveLength(19)
    victim = machines.at(-2)
    const { data, errors } = await gateway.execute(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on VirtualMachine { moid powerState } } }',
      { ids: ids.slice(0, -1) },
    )
    expect(data.nodes.slice(0, -1)).not.toContain(null)
    expect(data.nodes.at(-1)).toBeNull()
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['nodes', 18], 'NOT_FOUND'],
    ])
    await gateway.close()
  },
)
