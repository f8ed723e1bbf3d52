// The promise that everything else stands for, through the whole gateway: whatever happened to a disk, the pages of its map
// together say what was written, to the byte, or there is an error. pages.test.ts has the same for thousands of histories.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { setPower } from '../../../src/simulator/virtual-machine/power.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import {
  cases,
  expectedAreas,
  history,
  type Played,
  play,
  type Reading,
  reading,
  written,
} from './history.ts'
import { type Area, askAreas, type Laboratory, type Since, startLaboratory } from './laboratory.ts'

const pageFields = `
  capacity changeId sinceChangeId
  nodes { start length }
  edges { cursor node { start length } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`

/** What can break on the way to an answer, each once; after it the same is asked again. */
const faults = [
  ({ trouble }: Laboratory['simulator']) => trouble.fault('SystemError', { method: 'QueryChangedDiskAreas' }),
  ({ trouble }: Laboratory['simulator']) => trouble.cut('midBody', { method: 'QueryChangedDiskAreas' }),
  ({ trouble }: Laboratory['simulator']) => trouble.unavailable({ method: 'QueryChangedDiskAreas' }),
  // Is renewed, and nobody sees it.
  ({ trouble }: Laboratory['simulator']) => trouble.expireSessions(),
]

/** Reads a map page by page, takes one of its cursors up again, and holds all of it to what must come out. */
async function expectMap(
  lab: Laboratory,
  id: string,
  since: Since,
  expected: readonly Area[],
  chosen: Reading,
) {
  Object.assign(lab.simulator.inventory.settings, chosen)
  const { pageSizes, buckets, resumed, failing, mergeGapsUpTo } = chosen
  let turn = 0
  const ask = async (first: number, after: string | null, fields = pageFields) => {
    const read = () => askAreas(lab, id, since, { first, after, mergeGapsUpTo }, fields)
    turn += 1
    if (failing !== turn - 1) return (await read()).data.node.areas
    faults[failing % faults.length]?.(lab.simulator)
    const { data, errors } = await read()
    lab.simulator.trouble.clear()
    if (!errors) return data.node.areas
    expect(errors.every(({ extensions }) => extensions.retryable)).toBe(true)
    return (await read()).data.node.areas
  }

  const areas: Area[] = []
  const cursors: string[] = []
  let after: string | null = null
  for (let page = 0, more = true; more; page += 1) {
    const first = pageSizes[page % pageSizes.length] as number
    const { nodes, edges, pageInfo } = await ask(first, after)
    expect(nodes.length).toBeLessThanOrEqual(first)
    expect(edges.map(({ node }: { node: Area }) => node)).toEqual(nodes)
    expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null)
    expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null)
    expect(pageInfo.hasPreviousPage).toBe(page > 0)
    areas.push(...nodes)
    cursors.push(...edges.map(({ cursor }: { cursor: string }) => cursor))
    more = pageInfo.hasNextPage
    if (more) expect(pageInfo.endCursor).not.toBe(after)
    after = pageInfo.endCursor
  }
  expect(areas).toEqual(expected)

  if (cursors.length > 0) {
    const at = resumed % cursors.length
    const rest = await ask(10_000, cursors[at] as string)
    expect(rest.nodes).toEqual(expected.slice(at + 1))
    expect(rest.pageInfo.hasNextPage).toBe(false)
  }

  const totals = await ask(2000, null, `totalCount totalLength density(buckets: ${buckets})`)
  const totalLength = expected.reduce((sum, { length }) => sum + length, 0)
  expect(totals).toMatchObject({ totalCount: expected.length, totalLength })
  expect(totals.density).toEqual(densityOf(expected, buckets, lab.machine.disks[0]?.capacity as number))
}

/** Byte for byte would take a while: area for area, by what it has of each slice. */
function densityOf(areas: readonly Area[], buckets: number, capacity: number): number[] {
  return Array.from({ length: buckets }, (_, index) => {
    const from = Math.floor((index * capacity) / buckets)
    const to = Math.floor(((index + 1) * capacity) / buckets)
    return areas.reduce(
      (sum, { start, length }) => sum + Math.max(0, Math.min(to, start + length) - Math.max(from, start)),
      0,
    )
  })
}

interface Told {
  readonly id: string
  readonly moid: string
  readonly disks: readonly { readonly id: string; readonly changeId: string | null }[]
}

async function told(lab: Laboratory) {
  const { data } = await lab.ask(
    'query ($id: ID!) { node(id: $id) { ... on VirtualMachine { disks { id changeId } snapshots { id moid disks { id changeId } } } } }',
    { id: lab.vmId },
  )
  return data.node as { disks: Told['disks']; snapshots: readonly Told[] }
}

const refusals = ['CHANGE_ID_STALE', 'BAD_USER_INPUT']

/** Reads the map of one point since another, by changeId or by snapshot: what the book says, or a refusal where it knows of none. */
async function expectAnswer(lab: Laboratory, played: Played, snapshots: readonly Told[], chosen: Reading) {
  const until = snapshots[chosen.until % snapshots.length]
  const [disk] = until?.disks ?? []
  if (!disk?.changeId) return
  const { id, changeId } = disk
  const points = ['*', ...played.taken.map((each) => each.changeId)]
  const start = points[chosen.since % points.length] as string
  const areas = written(played, start, changeId)
  const base = snapshots.find(({ disks }) => disks[0]?.changeId === start)
  const since: Since =
    start === '*' && chosen.since % 2 === 0
      ? undefined
      : base && base !== until && chosen.resumed % 2 === 0
        ? { snapshot: base.id }
        : { changeId: start }
  const { errors } = await askAreas(lab, id, since, {}, 'capacity nodes { start }')
  const code = errors?.[0]?.extensions.code as string | undefined
  if (areas && !(code && played.discarded)) {
    expect(errors).toBeUndefined()
    await expectMap(lab, id, since, expectedAreas(areas, chosen), chosen)
  } else expect(refusals).toContain(code)
}

test(
  'any history: allocatedAreas and changedAreas are what the book says, whatever the windows, pages and faults',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(reading, { minLength: 3, maxLength: 3 }),
        async (happened, readings) => {
          const lab = await startLaboratory()
          try {
            const played = play(lab.machine, happened)
            const { snapshots } = await told(lab)
            for (const chosen of readings) await expectAnswer(lab, played, snapshots, chosen)
          } finally {
            await lab.close()
          }
        },
      ),
      { seed: 20261122, numRuns: cases(45) },
    )
  },
  cases(60_000),
)

test(
  'a powered-off virtual machine tells the map of its disk as it is now, or a CONFLICT when it was not off all the while',
  async () => {
    let conflicts = 0
    await fc.assert(
      fc.asyncProperty(history, reading, fc.nat(8), async (happened, chosen, powering) => {
        let onQuery = (_nth: number) => {}
        let queries = 0
        const wrap = (transport: Transport): Transport => ({
          ...transport,
          send(request) {
            if (request.body?.includes('<QueryChangedDiskAreas ')) {
              onQuery(queries)
              queries += 1
            }
            return transport.send(request)
          },
        })
        const lab = await startLaboratory({ wrap })
        try {
          const played = play(lab.machine, happened)
          if (lab.machine.powerState === 'poweredOn') setPower(lab.machine, 'poweredOff', new Date())
          const { disks } = await told(lab)
          const changeId = disks[0]?.changeId as string
          const areas = written(played, '*', changeId) ?? []
          await expectMap(lab, lab.diskId, undefined, expectedAreas(areas, chosen), chosen)

          // The guest runs for a moment and writes where the map was told already, before one of the queries if so many are made.
          Object.assign(lab.simulator.inventory.settings, chosen)
          queries = 0
          onQuery = (nth) => {
            if (nth !== powering) return
            setPower(lab.machine, 'poweredOn', new Date())
            lab.write(0, 1)
            setPower(lab.machine, 'poweredOff', new Date())
          }
          const { data, errors } = await askAreas(lab, lab.diskId, undefined, {}, 'totalCount totalLength')
          expect(errors === undefined).toBe(queries <= powering)
          if (errors) {
            conflicts += 1
            expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['CONFLICT']))
          } else
            expect(data.node.areas).toEqual({
              totalCount: areas.length,
              totalLength: areas.reduce((sum, { length }) => sum + length, 0),
            })
        } finally {
          await lab.close()
        }
      }),
      { seed: 7, numRuns: cases(25) },
    )
    expect(conflicts).toBeGreaterThan(0)
  },
  cases(60_000),
)
