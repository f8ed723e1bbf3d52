// Tests that a cursor keeps its own order: requests of other clients, and objects that are renamed, created
// or removed between two pages, cause neither repeated nor missing objects.

import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

interface Page {
  readonly nodes: readonly { readonly moid: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

let simulator: Simulator
let gateways: TestGateway[] = []
function start(count: number): TestGateway[] {
  simulator = createSimulator({ vms: 14 })
  gateways = Array.from({ length: count }, () => startGateway({ simulator }))
  return gateways
}
afterEach(async () => {
  for (const gateway of gateways) await gateway.close()
  await simulator.close()
})

async function page(gateway: TestGateway, first: number, after: string | null): Promise<Page> {
  const { data, errors } = await gateway.execute(
    'query ($first: Int!, $after: String) { virtualMachines(first: $first, after: $after) { nodes { moid powerState } pageInfo { hasNextPage endCursor } } }',
    { first, after },
  )
  expect(errors).toBeUndefined()
  return data.virtualMachines
}

const vms = () => [...simulator.objects.ofType('VirtualMachine')]
const vmAt = (index: number) => vms()[index % vms().length]!
/** The first or last virtual machine by name. */
const byName = (end: 0 | -1) =>
  vms()
    .sort((a, b) => (String(a.get('name')) < String(b.get('name')) ? -1 : 1))
    .at(end)!

it('reads the heavy properties of later pages again, and keeps the objects that match', async () => {
  const [gateway] = start(1) as [TestGateway]
  const query = `query ($first: Int!, $after: String) {
    virtualMachines(first: $first, after: $after, filter: { cpuCount: { gt: 0 }, disks: { some: { capacity: { gt: 0 } } } }) {
      nodes { moid } pageInfo { hasNextPage endCursor }
    }
  }`
  const read = async (first: number, after: string | null): Promise<Page> =>
    (await gateway.execute(query, { first, after })).data.virtualMachines
  const { nodes } = await read(100, null)
  expect(nodes.length).toBeGreaterThan(5)
  const walked: unknown[] = []
  for (let after: string | null = null, isLast = false; !isLast; ) {
    const { nodes, pageInfo } = await read(3, after)
    walked.push(...nodes)
    after = pageInfo.endCursor
    isLast = !pageInfo.hasNextPage
  }
  expect(walked).toEqual(nodes)
})

describe('a cursor', () => {
  it.each([
    [
      'another client reads the first page',
      async (gateway: TestGateway) => void (await page(gateway, 3, null)),
    ],
    ['no other client reads', async () => {}],
  ])('continues its own order when %s', async (_name, meanwhile) => {
    const [gateway] = start(1) as [TestGateway]
    const first = await page(gateway, 3, null)
    byName(0).set('name', 'zzz')
    byName(-1).set('name', String(vmAt(0).get('name')))
    await meanwhile(gateway)
    const second = await page(gateway, 3, first.pageInfo.endCursor)
    // The last known size would allow a single retrieval, but the cursor requires the page.
    const rest = await page(gateway, 100, second.pageInfo.endCursor)
    const moids = [first, second, rest].flatMap(({ nodes }) => nodes.map(({ moid }) => moid))
    expect(moids.sort()).toEqual(
      vms()
        .map(({ moid }) => moid)
        .sort(),
    )
  })

  it('is the same for pages without a change between them', async () => {
    const [gateway] = start(1) as [TestGateway]
    expect(await page(gateway, 3, null)).toEqual(await page(gateway, 3, null))
    expect(await page(gateway, 100, null)).toEqual(await page(gateway, 100, null))
  })
})

type Step =
  | { readonly kind: 'page'; readonly client: number; readonly first: number }
  | { readonly kind: 'rename'; readonly vm: number; readonly name: string }
  | { readonly kind: 'create'; readonly name: string }
  | { readonly kind: 'remove'; readonly vm: number }

const name = fc.stringMatching(/^[a-z]{1,3}$/)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('page' as const),
      client: fc.nat(2),
      first: fc.constantFrom(1, 2, 3, 5, 100),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename' as const), vm: fc.nat(50), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('create' as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), vm: fc.nat(50) }) },
)

/** One client's walk through all pages. */
interface Walk {
  after: string | null
  readonly seen: string[]
  /** The objects that existed at its start and still exist. */
  readonly expected: Set<string>
  readonly renamed: Set<string>
}

/** Runs steps of three clients; `finished` checks each walk that has reached its end. */
async function run(
  steps: readonly Step[],
  gatewayOf: (step: number) => TestGateway,
  finished: (walk: Walk) => void,
): Promise<void> {
  const walks = new Map<number, Walk>()
  const next = async (client: number, first: number, index: number) => {
    let walk = walks.get(client)
    if (!walk) {
      const expected = new Set(vms().map(({ moid }) => moid))
      walk = { after: null, seen: [], expected, renamed: new Set() }
      walks.set(client, walk)
    }
    const { nodes, pageInfo } = await page(gatewayOf(index), first, walk.after)
    walk.seen.push(...nodes.map(({ moid }) => moid))
    walk.after = pageInfo.endCursor
    if (pageInfo.hasNextPage) return
    walks.delete(client)
    finished(walk)
  }
  for (const [index, each] of steps.entries()) {
    if (each.kind === 'page') await next(each.client, each.first, index)
    else if (each.kind === 'create') simulator.inventory.add(each.name)
    else {
      const vm = vmAt(each.vm)
      if (each.kind === 'rename') vm.set('name', each.name)
      else if (vms().length > 5) simulator.inventory.destroy(vm.ref)
      for (const walk of walks.values()) {
        if (each.kind === 'rename') walk.renamed.add(vm.moid)
        else walk.expected.delete(vm.moid)
      }
    }
  }
  for (const client of [...walks.keys()]) while (walks.has(client)) await next(client, 3, steps.length)
}

const repeated = (moids: readonly string[]): string[] =>
  moids.filter((moid, index) => moids.indexOf(moid) !== index)

describe('concurrent clients that read pages while virtual machines are renamed, created and removed', () => {
  const steps = fc.array(step, { minLength: 5, maxLength: 25 })

  it('see every virtual machine that exists throughout exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const [gateway] = start(1) as [TestGateway]
        try {
          await run(
            all,
            () => gateway,
            ({ seen, expected }) => {
              expect(repeated(seen)).toEqual([])
              expect([...expected].filter((moid) => !seen.includes(moid))).toEqual([])
            },
          )
        } finally {
          await gateway.close()
          await simulator.close()
        }
      }),
      { numRuns: 20 },
    )
  })

  it('see every virtual machine that was not renamed exactly once, without the cached order', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        // A gateway does not have the order of another gateway's cursor.
        const both = start(2)
        try {
          await run(
            all,
            (index) => both[index % 2]!,
            ({ seen, expected, renamed }) => {
              const fixed = [...expected].filter((moid) => !renamed.has(moid))
              expect(repeated(seen).filter((moid) => !renamed.has(moid))).toEqual([])
              expect(fixed.filter((moid) => !seen.includes(moid))).toEqual([])
            },
          )
        } finally {
          for (const gateway of both) await gateway.close()
          await simulator.close()
        }
      }),
      { numRuns: 20 },
    )
  })
})
