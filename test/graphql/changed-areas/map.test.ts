// The promise that everything else stands for, through the whole gateway: whatever happened to a disk, and happens while its
// map is read, the pages together say what was written, to the byte, or there is an error. pages.test.ts has the same for
// thousands of histories.

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
  step,
  written,
} from './history.ts'
import { type Area, askAreas, type Laboratory, rewritten, type Since, startLaboratory } from './laboratory.ts'
import { type Manner, toldIn } from './manners.ts'

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

/** A laboratory whose server tells its windows in another manner once it is told which, and what there is to tell. */
async function startMannered() {
  let manner: Manner = 'tidy'
  let all: readonly Area[] = []
  const lab = await startLaboratory({
    wrap: (transport) => ({
      ...transport,
      async send(request) {
        const response = await transport.send(request)
        if (!request.body?.includes('<QueryChangedDiskAreas ')) return response
        return { ...response, body: rewritten(response.body, retold) }
      },
    }),
  })
  const area = /<changedArea><start>(\d+)<\/start><length>(\d+)<\/length><\/changedArea>/g
  const retold = (text: string): string => {
    const [, startOffset, length] = /<startOffset>(\d+)<\/startOffset><length>(\d+)</.exec(text) ?? []
    if (length === undefined) return text
    const window = [...text.matchAll(area)].map((each) => ({
      start: Number(each[1]),
      length: Number(each[2]),
    }))
    const areas = toldIn(manner, window, Number(startOffset) + Number(length), all)
      .map(
        ({ start, length }) => `<changedArea><start>${start}</start><length>${length}</length></changedArea>`,
      )
      .join('')
    return text.replace(area, '').replace('</returnval>', `${areas}</returnval>`)
  }
  return {
    lab,
    tell(how: Manner, areas: readonly Area[]) {
      manner = how
      all = areas
    },
  }
}

/** Something that may happen between two pages; gives whether the map can be gone on with. */
type Between = (page: number) => boolean

/**
 * Reads a map page by page, takes one of its cursors up again, and holds all of it to what must come out. Where it cannot
 * be gone on with there must be an error.
 */
async function expectMap(
  lab: Laboratory,
  id: string,
  since: Since,
  expected: readonly Area[],
  chosen: Reading,
  between: Between = () => true,
): Promise<'whole' | 'ended'> {
  Object.assign(lab.simulator.inventory.settings, chosen)
  const { pageSizes, buckets, resumed, failing, mergeGapsUpTo } = chosen
  const read = (first: number, after: string | null, fields = pageFields) =>
    askAreas(lab, id, since, { first, after, mergeGapsUpTo }, fields)
  let turn = 0
  const ask = async (...args: Parameters<typeof read>) => {
    turn += 1
    if (failing !== turn - 1) return (await read(...args)).data.node.areas
    faults[failing % faults.length]?.(lab.simulator)
    const { data, errors } = await read(...args)
    lab.simulator.trouble.clear()
    if (!errors) return data.node.areas
    expect(errors.every(({ extensions }) => extensions.retryable)).toBe(true)
    return (await read(...args)).data.node.areas
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
    if (!between(page)) {
      expect(areas).toEqual(expected.slice(0, areas.length))
      const { data, errors } = await read(first, after)
      expect(data.node?.areas ?? null).toBeNull()
      expect(errors?.length).toBeGreaterThan(0)
      for (const { extensions } of errors ?? []) expect(ends).toContain(extensions.code)
      return 'ended'
    }
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
  return 'whole'
}

/** What a map ends with that cannot be gone on with: its snapshot is gone, or its disk is not what it was. */
const ends = ['NOT_FOUND', 'CONFLICT', 'CBT_NOT_ENABLED']

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

const outcomes = { whole: 0, ended: 0, refused: 0 }

/** Reads the map of one point since another, by changeId or by snapshot: what the book says, or a refusal where it knows of none. */
async function expectAnswer(
  { lab, tell }: Awaited<ReturnType<typeof startMannered>>,
  played: Played,
  chosen: Reading,
): Promise<keyof typeof outcomes | undefined> {
  const { snapshots } = await told(lab)
  const until = snapshots[chosen.until % Math.max(1, snapshots.length)]
  const [disk] = until?.disks ?? []
  if (!until || !disk?.changeId) return undefined
  const { id, changeId } = disk
  const points = ['*', ...played.taken.map((each) => each.changeId)]
  const start = points[chosen.since % points.length] as string
  const areas = written(played, start, changeId)
  const base = snapshots.find(({ disks }) => disks[0]?.changeId === start)
  const bySnapshot = base && base !== until && chosen.resumed % 2 === 0 ? base : undefined
  const since: Since =
    start === '*' && chosen.since % 2 === 0
      ? undefined
      : bySnapshot
        ? { snapshot: bySnapshot.id }
        : { changeId: start }
  tell('tidy', [])
  const { errors } = await askAreas(lab, id, since, {}, 'capacity nodes { start }')
  const code = errors?.[0]?.extensions.code as string | undefined
  if (!areas || (code && played.discarded)) {
    expect(refusals).toContain(code)
    return 'refused'
  }
  expect(errors).toBeUndefined()
  const isLeft = ({ moid }: Told) => played.left.some(({ snapshot }) => snapshot.ref.value === moid)
  tell(chosen.manner, areas)
  return expectMap(lab, id, since, expectedAreas(areas, chosen), chosen, (page) => {
    const next = chosen.meanwhile[page]
    if (next) played.happen(next)
    return isLeft(until) && (!bySnapshot || isLeft(bySnapshot))
  })
}

test(
  'any history: allocatedAreas and changedAreas are what the book says, whatever the windows, pages, faults and what happens in between',
  async () => {
    const seen = { ...outcomes }
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(reading, { minLength: 3, maxLength: 3 }),
        async (happened, readings) => {
          const mannered = await startMannered()
          try {
            const played = play(mannered.lab.machine, happened)
            for (const chosen of readings) {
              const outcome = await expectAnswer(mannered, played, chosen)
              if (outcome) seen[outcome] += 1
            }
          } finally {
            await mannered.lab.close()
          }
        },
      ),
      { seed: 20261122, numRuns: cases(100) },
    )
    expect(seen.whole).toBeGreaterThan(cases(100))
    expect(seen.ended).toBeGreaterThan(cases(5))
    expect(seen.refused).toBeGreaterThan(cases(5))
  },
  cases(120_000),
)

test(
  'a powered-off virtual machine tells the map of its disk as it is now, or a CONFLICT when it was not off all the while',
  async () => {
    const seen = { conflicts: 0, whole: 0, ended: 0 }
    await fc.assert(
      fc.asyncProperty(history, reading, step, fc.nat(3), async (happened, chosen, next, powering) => {
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
          // Nobody writes to a disk that is off.
          const isAct = next.act !== 'write'
          const between = (page: number) => !(page === 0 && isAct && played.happen(next))
          const outcome = await expectMap(
            lab,
            lab.diskId,
            undefined,
            expectedAreas(areas, chosen),
            chosen,
            between,
          )
          seen[outcome] += 1
          if (outcome === 'ended') return

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
            seen.conflicts += 1
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
      { seed: 7, numRuns: cases(40) },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(cases(5))
  },
  cases(120_000),
)
