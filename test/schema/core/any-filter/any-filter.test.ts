// Compares connections with a model in memory: random inventories, filters, orders and pages of every type with a connection, with
// aggregates and groups. CASES sets the number of filters for each type and inventory, and SEED the first inventory.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSimulator, type SimulatedObject, type Simulator } from '../../../../src/simulator/index.ts'
import { createRandom, type Random } from '../../../../src/simulator/random.ts'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { orderKeysOf, rootFields } from './filterable-schema.ts'
import { type ObjectGraph, readGraph, type Values } from './object-graph.ts'
import { RandomCriteria } from './random-criteria.ts'
import { evaluate, type Filter, type OrderKey, sorted } from './reference-filter.ts'
import { expectStatistics } from './reference-statistics.ts'

const cases = Number(process.env.CASES ?? 8)
const firstSeed = Number(process.env.SEED ?? 1)
const seeds = [firstSeed, firstSeed + 1]

interface Inventory {
  readonly simulator: Simulator
  readonly gateway: TestGateway
  readonly graph: ObjectGraph
}

/** Changes names to be equal, and denies some properties of virtual machines and hosts. */
async function createInventory(seed: number): Promise<Inventory> {
  const random = createRandom('inventory', seed)
  const simulator = createSimulator({ seed, vms: 18 + random.integer(12) })
  simulator.inventory.settings.guestsWrite = false
  const withoutConfig = new Set<string>()
  const deny = (object: SimulatedObject, property: string) => {
    simulator.faults.deny(object.ref, property)
    if (property === 'config') withoutConfig.add(object.moid)
  }
  for (const vm of simulator.objects.ofType('VirtualMachine')) {
    if (vm.get('config') === undefined) withoutConfig.add(vm.moid)
    if (random.integer(6) === 0) vm.set('name', random.pick(['same', 'Same', 'a%2fb', '', 'zzz']))
    if (random.integer(8) === 0)
      deny(vm, random.pick(['name', 'config', 'runtime', 'guest', 'summary', 'parent']))
  }
  for (const host of simulator.objects.ofType('HostSystem'))
    if (random.integer(8) === 0) deny(host, random.pick(['name', 'summary', 'parent']))
  const gateway = startGateway({ simulator, limits: { objects: 1e9, responseValues: 1e9, errors: 1e6 } })
  return { simulator, gateway, graph: await readGraph(gateway, withoutConfig) }
}

let inventory: Inventory

const pageFields =
  'totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { moid } }'
const pageQuery = (
  typeName: string,
) => `query ($filter: ${typeName}Filter, $orderBy: [${typeName}Order!], $first: Int, $last: Int, $after: String, $before: String) {
  ${rootFields.get(typeName)}(filter: $filter, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
    ${pageFields} coverage { isComplete undecidedCount }
  }
}`

/** What a case is compared with. */
interface Case {
  readonly typeName: string
  readonly filter: Filter
  readonly orderBy: readonly OrderKey[]
  /** The objects that match, in order. */
  readonly expected: readonly Values[]
  readonly undecidedCount: number
}

function modelOf(graph: ObjectGraph, typeName: string, filter: Filter, orderBy: readonly OrderKey[]): Case {
  const objects = (graph.roots.get(typeName) ?? []).map((id) => graph.objects.get(id) as Values)
  const verdicts = objects.map((values) => evaluate(graph, typeName, values, filter))
  const keys = orderBy.length > 0 ? orderBy : [{ field: typeName === 'Snapshot' ? 'CREATED_AT' : 'NAME' }]
  const expected = sorted(
    graph,
    typeName,
    objects.filter((_, index) => verdicts[index]),
    keys.map(({ field, direction }) => ({
      path: orderKeysOf(typeName).get(field) as readonly string[],
      isDescending: direction === 'DESC',
    })),
  )
  return {
    typeName,
    filter,
    orderBy,
    expected,
    undecidedCount: verdicts.filter((each) => each === undefined).length,
  }
}

const moidsOf = (objects: readonly Values[]) => objects.map(({ moid }) => moid)

async function page({ typeName, filter, orderBy }: Case, window: Record<string, unknown>) {
  const { data, errors } = await inventory.gateway.execute(pageQuery(typeName), {
    filter,
    orderBy,
    ...window,
  })
  expect(errors).toBeUndefined()
  return data[rootFields.get(typeName) as string]
}

/** Walks over all pages, forwards or backwards, and then requests a page between two of the cursors. */
async function checkPages(each: Case, random: Random): Promise<void> {
  const { expected, undecidedCount } = each
  const isBackwards = random.integer(3) === 0
  const size = Math.max(1, Math.ceil(expected.length / random.pick([1, 1, 2, 4])))
  const found: string[] = []
  const cursors: string[] = []
  for (let cursor: string | null = null; ; ) {
    const window: Record<string, unknown> = isBackwards
      ? { last: size, before: cursor }
      : { first: size, after: cursor }
    const { edges, pageInfo, totalCount, coverage } = await page(each, window)
    expect(totalCount).toBe(expected.length)
    if (cursor === null) expect(coverage).toEqual([{ isComplete: true, undecidedCount }])
    const rows = edges as { cursor: string; node: { moid: string } }[]
    const at = isBackwards ? 0 : found.length
    found.splice(at, 0, ...rows.map(({ node }) => node.moid))
    cursors.splice(at, 0, ...rows.map((edge) => edge.cursor))
    expect(isBackwards ? pageInfo.hasNextPage : pageInfo.hasPreviousPage).toBe(cursor !== null)
    expect(found.length).toBeLessThanOrEqual(expected.length)
    cursor = isBackwards ? pageInfo.startCursor : pageInfo.endCursor
    if (!(isBackwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) break
    expect(rows).toHaveLength(size)
  }
  expect(found).toEqual(moidsOf(expected))
  if (cursors.length < 2) return
  const [from, to] = [random.integer(cursors.length), random.integer(cursors.length)].sort(
    (a, b) => a - b,
  ) as [number, number]
  const { edges } = await page(each, {
    after: cursors[from],
    before: cursors[to],
    first: 1 + random.integer(5),
  })
  const between = found.slice(from + 1, to)
  expect(edges.map(({ node }: { node: { moid: string } }) => node.moid)).toEqual(
    between.slice(0, edges.length),
  )
  expect(edges.length > 0).toBe(between.length > 0)
}

async function checkCase(typeName: string, seed: number, number: number): Promise<void> {
  const random = createRandom('case', seed, typeName, number)
  const criteria = new RandomCriteria(random, inventory.graph.samples)
  const each = modelOf(inventory.graph, typeName, criteria.filter(typeName), criteria.order(typeName))
  try {
    await checkPages(each, random)
    await expectStatistics(inventory, each, random)
  } catch (error) {
    const { filter, orderBy } = each
    const how = `SEED=${seed}, case ${number}, ${typeName}: ${JSON.stringify({ filter, orderBy })}`
    throw new Error(`${how}\n${(error as Error).message}`, { cause: error })
  }
}

describe.each(seeds)('in the inventory of seed %i', (seed) => {
  beforeAll(async () => {
    // Ages and usage depend on the time.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 5, 1) })
    inventory = await createInventory(seed)
  })
  afterAll(async () => {
    vi.useRealTimers()
    await inventory.gateway.close()
    await inventory.simulator.close()
  })

  it.each([...rootFields.keys()])(
    'any filter, order, page, aggregate and group of %s equals the model',
    async (typeName) => {
      const failures: string[] = []
      for (let number = 0; number < cases; number += 1)
        await checkCase(typeName, seed, number).catch(({ message }: Error) => failures.push(message))
      expect(failures.slice(0, 5)).toEqual([])
    },
    Math.max(30_000, cases * 1000),
  )
})
