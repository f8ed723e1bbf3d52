// Walks over the pages of random filters and orders while virtual machines are created, changed and removed: every machine that stays
// the same is returned once, and none is returned that is removed or no longer matches. CASES and SEED are those of any-filter.test.ts.

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createRandom, type Random } from '../../../../src/simulator/random.ts'
import { machineOf } from '../../../../src/simulator/virtual-machine/machine.ts'
import { setPower } from '../../../../src/simulator/virtual-machine/power/power-state.ts'
import { modelOf, pageQuery } from './model-case.ts'
import { RandomCriteria } from './random-criteria.ts'
import { createInventory, type Inventory } from './random-inventory.ts'

const cases = Number(process.env.CASES ?? 8)
const firstSeed = Number(process.env.SEED ?? 1)
const typeName = 'VirtualMachine'

let inventory: Inventory
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 5, 1) })
})
afterEach(async () => {
  vi.useRealTimers()
  await inventory.close()
})

/** Changes that other clients make. */
function change({ simulator }: Inventory, random: Random): void {
  const objects = [...simulator.objects.ofType(typeName)]
  const object = objects[random.integer(objects.length)]
  if (!object) return
  const kind = random.integer(4)
  const name = random.pick(['000', 'mmm', 'same', 'zzz'])
  if (kind === 0) simulator.inventory.destroy(object.ref)
  else if (kind === 1) simulator.inventory.add(name)
  else if (kind === 2) object.set('name', name)
  else setPower(machineOf(object), random.pick(['poweredOff', 'poweredOn']), new Date())
}

/** Returns the machines of a model by moid, as text to compare. */
const machinesOf = ({ expected }: ReturnType<typeof modelOf>) =>
  new Map(
    expected.map((values) => [
      values.moid as string,
      JSON.stringify(values, (_, each) => (typeof each === 'symbol' ? String(each) : each)),
    ]),
  )

interface Page {
  readonly edges: readonly { readonly node: { readonly moid: string } }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

async function page(variables: Record<string, unknown>): Promise<Page> {
  const { data, errors } = await inventory.gateway.execute(pageQuery(typeName), variables)
  expect(errors).toBeUndefined()
  return data.virtualMachines
}

async function checkWalk(number: number): Promise<string | undefined> {
  const random = createRandom('walk', firstSeed, number)
  const { graph } = inventory
  const criteria = new RandomCriteria(random, graph.samples)
  const filter = criteria.filter(typeName)
  const orderBy = criteria.order(typeName)
  const before = machinesOf(modelOf(graph, typeName, filter, orderBy))
  const size = 1 + random.integer(5)
  const earlier: string[] = []
  const later: string[] = []
  try {
    for (let after: string | null = null; ; ) {
      const { edges, pageInfo } = await page({ filter, orderBy, first: size, after })
      const moids = edges.map(({ node }) => node.moid)
      if (after === null) {
        earlier.push(...moids)
        for (let count = random.integer(4); count >= 0; count -= 1) change(inventory, random)
      } else later.push(...moids)
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
    }
    const changed = await inventory.readAgain()
    inventory = { ...inventory, graph: changed }
    const now = machinesOf(modelOf(changed, typeName, filter, orderBy))
    for (const moid of later) expect([...now.keys()]).toContain(moid)
    const same = [...before].filter(([moid, values]) => now.get(moid) === values).map(([moid]) => moid)
    const found = [...earlier, ...later].filter((moid) => same.includes(moid))
    expect(found.sort()).toEqual(same.sort())
    return undefined
  } catch (error) {
    return `SEED=${firstSeed}, walk ${number}: ${JSON.stringify({ filter, orderBy, size })}\n${(error as Error).message}`
  }
}

it(
  'returns the machines that stay the same once, and none that is removed or no longer matches',
  async () => {
    inventory = await createInventory(firstSeed)
    const failures: string[] = []
    for (let number = 0; number < cases; number += 1)
      failures.push(...[(await checkWalk(number)) ?? []].flat())
    expect(failures.slice(0, 5)).toEqual([])
  },
  Math.max(300_000, cases * 2000),
)
