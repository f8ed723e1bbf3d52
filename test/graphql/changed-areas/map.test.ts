// The promise that everything else stands for: whatever was written, the pages together say it, to the byte.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Area,
  askAreas,
  type FrozenDisk,
  grain,
  type Laboratory,
  pageOf,
  type Since,
  smallCapacity,
  startLaboratory,
} from './laboratory.ts'

const write = fc.record({
  offset: fc.nat(smallCapacity - 1),
  length: fc.integer({ min: 1, max: 4 * grain }),
})
// What comes after the last area of a disk, and at its very end, is where maps go wrong.
const edgeWrite = fc.constantFrom(
  { offset: 0, length: 1 },
  { offset: smallCapacity - 1, length: 1 },
  { offset: 0, length: smallCapacity },
)
const history = fc.array(fc.oneof({ weight: 5, arbitrary: write }, { weight: 1, arbitrary: edgeWrite }), {
  maxLength: 30,
})
const reading = fc.record({
  areasPerWindow: fc.integer({ min: 1, max: 50 }),
  irregularWindows: fc.constantFrom(0, 0.3, 0.9),
  pageSizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
  buckets: fc.integer({ min: 1, max: 4096 }),
  /** Which of all cursors that were given is taken up again. */
  resumed: fc.nat(),
})
type Reading = typeof reading extends fc.Arbitrary<infer T> ? T : never

/** Reads a map page by page, takes one of its cursors up again, and holds all of it to what must come out. */
async function expectMap(
  lab: Laboratory,
  disk: FrozenDisk,
  since: Since,
  expected: Area[],
  { areasPerWindow, irregularWindows, pageSizes, buckets, resumed }: Reading,
): Promise<void> {
  Object.assign(lab.simulator.inventory.settings, { areasPerWindow, irregularWindows })
  const areas: Area[] = []
  const cursors: string[] = []
  let after: string | null = null
  for (let page = 0; ; page += 1) {
    const first = pageSizes[page % pageSizes.length] as number
    const { nodes, edges, pageInfo } = await pageOf(lab, disk.id, since, { first, after })
    expect(nodes.length).toBeLessThanOrEqual(first)
    expect(edges.map(({ node }) => node)).toEqual(nodes)
    expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null)
    expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null)
    expect(pageInfo.hasPreviousPage).toBe(page > 0)
    areas.push(...nodes)
    cursors.push(...edges.map(({ cursor }) => cursor))
    if (!pageInfo.hasNextPage) break
    expect(pageInfo.endCursor).not.toBe(after)
    after = pageInfo.endCursor
  }
  expect(areas).toEqual(expected)

  if (cursors.length > 0) {
    const at = resumed % cursors.length
    const rest = await pageOf(lab, disk.id, since, { first: 10_000, after: cursors[at] as string })
    expect(rest.nodes).toEqual(expected.slice(at + 1))
    expect(rest.pageInfo.hasNextPage).toBe(false)
  }

  const totals = await askAreas(
    lab,
    disk.id,
    since,
    {},
    `totalCount totalLength density(buckets: ${buckets})`,
  )
  const totalLength = expected.reduce((sum, { length }) => sum + length, 0)
  expect(totals.data?.node.areas).toMatchObject({ totalCount: expected.length, totalLength })
  expect(totals.data?.node.areas.density).toEqual(densityOf(expected, buckets))
}

/** Byte for byte would take a while: grain for grain, whose halves are found by counting. */
function densityOf(areas: readonly Area[], buckets: number): number[] {
  return Array.from({ length: buckets }, (_, index) => {
    const from = Math.floor((index * smallCapacity) / buckets)
    const to = Math.floor(((index + 1) * smallCapacity) / buckets)
    return areas.reduce(
      (sum, { start, length }) => sum + Math.max(0, Math.min(to, start + length) - Math.max(from, start)),
      0,
    )
  })
}

test('any history of writes: allocatedAreas and changedAreas are what the book says, whatever the windows and pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      history,
      history,
      history,
      fc.boolean(),
      fc.array(reading, { minLength: 4, maxLength: 4 }),
      async (before, between, after, baseIsGone, readings) => {
        const lab = await startLaboratory()
        try {
          for (const { offset, length } of before) lab.write(offset, length)
          const base = await lab.snapshot()
          for (const { offset, length } of between) lab.write(offset, length)
          const middle = await lab.snapshot()
          for (const { offset, length } of after) lab.write(offset, length)
          const last = await lab.snapshot()
          if (baseIsGone) lab.remove(base)

          const [all, sinceBase, sinceMiddle, sinceNow] = readings as [Reading, Reading, Reading, Reading]
          await expectMap(lab, last, undefined, lab.written('beginning', last), all)
          const fromBase = baseIsGone ? { changeId: base.changeId } : { snapshot: base.snapshotId }
          await expectMap(lab, last, fromBase, lab.written(base.changeId, last), sinceBase)
          await expectMap(lab, middle, fromBase, lab.written(base.changeId, middle), sinceBase)
          await expectMap(
            lab,
            last,
            { snapshot: middle.snapshotId },
            lab.written(middle.changeId, last),
            sinceMiddle,
          )
          await expectMap(lab, last, { changeId: last.changeId }, [], sinceNow)
          await expectMap(lab, middle, { changeId: '*' }, lab.written('beginning', middle), sinceNow)
        } finally {
          await lab.close()
        }
      },
    ),
    { seed: 20261122, numRuns: 40 },
  )
}, 120_000)

test('a powered-off virtual machine tells the map of its disk as it is now', async () => {
  await fc.assert(
    fc.asyncProperty(history, history, reading, async (before, after, chosen) => {
      const lab = await startLaboratory({ powerState: 'poweredOff' })
      try {
        for (const { offset, length } of before) lab.write(offset, length)
        const base = await lab.snapshot()
        for (const { offset, length } of after) lab.write(offset, length)
        const now = await lab.ask('query ($id: ID!) { node(id: $id) { ... on VirtualDisk { changeId } } }', {
          id: lab.diskId,
        })
        const live: FrozenDisk = { ...base, id: lab.diskId, changeId: now.data.node.changeId }
        const { areas } = lab.simulator.inventory.disk(lab.machine.ref, 2000)
        const expected = areas({ changeId: base.changeId }, 'now').map(({ start, end }) => ({
          start,
          length: Math.min(end, smallCapacity) - start,
        }))
        await expectMap(lab, live, { changeId: base.changeId }, expected, chosen)
        await expectMap(lab, live, { snapshot: base.snapshotId }, expected, chosen)
      } finally {
        await lab.close()
      }
    }),
    { seed: 7, numRuns: 20 },
  )
}, 60_000)
