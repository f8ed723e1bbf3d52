// Compares connections with a model in memory: random inventories, filters, orders and pages of every type with a connection, with
// aggregates and groups. CASES sets the number of filters for each type and inventory, and SEED the first inventory.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createRandom, type Random } from '../../../../src/simulator/random.ts'
import { fieldsOf, rootFields } from './filterable-schema.ts'
import { type Case, modelOf, moidsOf, pageArgs, pageQuery, pageVariables } from './model-case.ts'
import { isUnknown } from './object-graph.ts'
import { RandomCriteria } from './random-criteria.ts'
import { createInventory, type Inventory } from './random-inventory.ts'
import { expectStatistics } from './reference-statistics.ts'

const cases = Number(process.env.CASES ?? 8)
const firstSeed = Number(process.env.SEED ?? 1)
const seeds = [firstSeed, firstSeed + 1]

let inventory: Inventory

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
  const { typeName, expected, undecidedCount } = each
  const isComplete = !inventory.graph.incomplete.has(typeName)
  const isBackwards = random.integer(3) === 0
  const size = Math.max(1, Math.ceil(expected.length / random.pick([1, 1, 2, 4])))
  const found: string[] = []
  const cursors: string[] = []
  for (let cursor: string | null = null; ; ) {
    const window: Record<string, unknown> = isBackwards
      ? { last: size, before: cursor }
      : { first: size, after: cursor }
    const { edges, pageInfo, totalCount, coverage } = await page(each, window)
    expect(totalCount).toBe(isComplete ? expected.length : null)
    if (cursor === null) expect(coverage).toEqual([{ isComplete, undecidedCount }])
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

/** Requests the connections of another type that lead to this one, with all parents in one operation. */
async function checkNested({ typeName, filter, orderBy }: Case, random: Random): Promise<void> {
  const { gateway, graph } = inventory
  const edges = [...rootFields].flatMap(([parent, root]) =>
    fieldsOf(parent)
      .filter((field) => field.isConnection && field.typeName === typeName)
      .map(({ name }) => ({ parent, root, name })),
  )
  if (edges.length === 0) return
  const { parent, root, name } = random.pick(edges as [(typeof edges)[0]])
  const size = 1 + random.integer(6)
  const isBackwards = random.integer(3) === 0
  const { data } = await gateway.execute(
    `query (${pageVariables(typeName)}) { parents: ${root}(first: 1000) { nodes { id page: ${name}(${pageArgs}) { totalCount nodes { moid } } } } }`,
    { filter, orderBy, [isBackwards ? 'last' : 'first']: size },
  )
  expect(data.parents.nodes).toHaveLength(graph.roots.get(parent)?.length ?? 0)
  for (const { id, page } of data.parents.nodes) {
    const items = graph.objects.get(id)?.[name] as readonly { id: string }[] | symbol | null
    if (isUnknown(items) || items === null) expect([name, id, page]).toEqual([name, id, null])
    else {
      const ids = items.map((item) => item.id)
      const moids = moidsOf(modelOf(graph, typeName, filter, orderBy, ids).expected)
      expect([name, id, page]).toEqual([
        name,
        id,
        {
          totalCount: moids.length,
          nodes: (isBackwards ? moids.slice(-size) : moids.slice(0, size)).map((moid) => ({ moid })),
        },
      ])
    }
  }
}

async function checkCase(typeName: string, seed: number, number: number): Promise<void> {
  const random = createRandom('case', seed, typeName, number)
  const criteria = new RandomCriteria(random, inventory.graph.samples)
  const each = modelOf(inventory.graph, typeName, criteria.filter(typeName), criteria.order(typeName))
  try {
    await checkPages(each, random)
    await checkNested(each, random)
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
    await inventory.close()
  })

  it.each([...rootFields.keys()])(
    'any filter, order, page, aggregate and group of %s equals the model',
    async (typeName) => {
      const failures: string[] = []
      for (let number = 0; number < cases; number += 1)
        await checkCase(typeName, seed, number).catch(({ message }: Error) => failures.push(message))
      expect(failures.slice(0, 5)).toEqual([])
    },
    Math.max(120_000, cases * 1000),
  )
})
