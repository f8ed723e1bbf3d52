// Reads random histories of a disk from a server that reshapes its windows. Every map must equal the writes, or be an error.

import { expect, test } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import type { Random } from '../../src/simulator/random.ts'
import { reconfigure } from '../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import { createUndiciTransport } from '../../src/transport/undici-transport.ts'
import {
  type ChangedAreasFixture,
  queryAreas,
  smallCapacity,
  startChangedAreasFixture,
} from '../schema/changed-areas/changed-areas-fixture.ts'
import { type Played, play, type Step, written } from '../schema/changed-areas/write-history.ts'
import { type SoapProxy, startSoapProxy } from '../soap-proxy.ts'
import { expectAll, isRepresentative, randomOf, scaled, timeLimit, type Verdict } from './cases.ts'
import { illegalResponsesOf } from './illegal-responses.ts'
import { errorsOf, unstableCodes } from './judge.ts'
import { reshape, reshapings } from './legal-reshaping.ts'

const deeds = [
  'snapshot',
  'snapshot',
  'remove',
  'removeTree',
  'revert',
  'consolidate',
  'grow',
  'reset',
  'power',
] as const

function randomStep(random: Random): Step {
  if (random.integer(5) < 3)
    return { act: 'write', offset: random.integer(smallCapacity - 1), length: 1 + random.integer(300_000) }
  return { act: random.pick(deeds), which: random.integer(10) }
}

/** Generates a random history, in which tracking is sometimes reset. */
function randomHistory({ machine }: ChangedAreasFixture, random: Random): Played {
  const epochAfterRevert = random.pick(['new', 'same'] as const)
  const played = play(machine, { steps: [], epochAfterRevert })
  const at = new Date(Date.UTC(2026, 0, 1))
  for (let steps = 10 + random.integer(40); steps > 0; steps -= 1) {
    if (random.integer(15) === 0) reconfigure(machine, { changeTrackingEnabled: random.integer(2) === 0 }, at)
    else played.happen(randomStep(random))
  }
  reconfigure(machine, { changeTrackingEnabled: true }, at)
  for (const step of [
    { act: 'write', offset: 0, length: 1 },
    { act: 'snapshot', which: 0 },
  ] as const)
    played.happen(step)
  return played
}

/** Whether the remaining snapshots show that a changeId belongs to a discarded branch. */
function isDecidable(played: Played, since: string, until: string): boolean {
  const { left } = played
  return left.some(
    ({ changeId }) =>
      changeId === since ||
      (written(played, since, changeId) !== undefined && written(played, changeId, until) === undefined),
  )
}

type Shape = 'as it is' | 'legal' | 'illegal'

/** Reshapes the following windows; an illegal change applies to one of them or to all. */
function reshapeWindows(proxy: SoapProxy, shape: Shape, random: Random): string {
  proxy.reset()
  if (shape === 'as it is') return shape
  const { name, change } = random.pick(
    illegalResponsesOf('QueryChangedDiskAreas') as [ReturnType<typeof illegalResponsesOf>[number]],
  )
  const at = random.integer(4)
  const isAlways = random.integer(2) === 0
  let earlier: string | undefined
  proxy.on('QueryChangedDiskAreas', async (call) => {
    const { status, text, headers } = await call.forward()
    const isMet = shape === 'illegal' && (isAlways ? call.index >= at : call.index === at)
    const legal = shape === 'legal' ? reshape(text, reshapings, random) : text
    const changed =
      (isMet && status === 200
        ? change({ method: 'QueryChangedDiskAreas', text, earlier }, random)
        : undefined) ?? legal
    earlier = text
    if (typeof changed === 'string') call.respond(status, changed, headers)
    else call.respond(changed.status, changed.text, headers)
  })
  return shape === 'legal' ? shape : `${name} from window ${at} on${isAlways ? '' : ', once'}`
}

const outcomes = { complete: 0, rejected: 0 }

async function judgeHistory(name: string): Promise<Verdict> {
  const random = randomOf(name)
  const simulator = createSimulator()
  const proxy = await startSoapProxy((await simulator.listen()).origin)
  const connect = () => createUndiciTransport({ url: proxy.url, userAgent: 'adversary' })
  const lab = await startChangedAreasFixture({ simulator, wrap: connect })
  try {
    const played = randomHistory(lab, random)
    simulator.inventory.settings.areasPerWindow = 1 + random.integer(8)
    const { data } = await lab.execute(
      'query ($id: ID!) { node(id: $id) { ... on VirtualMachine { snapshots { disks { id changeId } } } } }',
      { id: lab.vmId },
    )
    const disks = (data.node.snapshots as { disks: { id: string; changeId: string | null }[] }[]).flatMap(
      (each) => each.disks,
    )
    const wrong: string[] = []
    for (let map = 0; map < 8; map += 1) {
      const disk = disks[random.integer(disks.length)]
      if (!disk?.changeId) continue
      const since = random.pick(['*', ...played.taken.map(({ changeId }) => changeId)])
      const shape = random.pick(['as it is', 'legal', 'illegal', 'illegal'] as const)
      const how = reshapeWindows(proxy, shape, random)
      const answer = await queryAreas(
        lab,
        disk.id,
        { changeId: since },
        {},
        'totalCount nodes { start length } pageInfo { hasNextPage }',
      )
      const expected = written(played, since, disk.changeId)
      wrong.push(
        ...wrongMap(answer, expected, {
          // Maps from a correct server must succeed, except for changeIds that may belong to a discarded branch.
          mayFail: shape === 'illegal' || played.discarded || expected === undefined,
          mustFail: expected === undefined && isDecidable(played, since, disk.changeId),
        }).map((problem) => `${how}, since ${since} until ${disk.changeId}: ${problem}`),
      )
    }
    return wrong
  } finally {
    proxy.reset()
    await lab.close()
    await proxy.close()
    await simulator.close()
  }
}

function wrongMap(
  answer: Awaited<ReturnType<typeof queryAreas>>,
  expected: ReturnType<typeof written>,
  { mayFail, mustFail }: { readonly mayFail: boolean; readonly mustFail: boolean },
): string[] {
  const unstable = unstableCodes(answer)
  const codes = errorsOf(answer).map(({ extensions, message }) => `${extensions.code} (${message})`)
  const areas = answer.data?.node?.areas
  if (!areas || codes.length > 0) {
    outcomes.rejected += 1
    return mayFail ? unstable : [...unstable, `an error: ${codes.join(', ')}`]
  }
  outcomes.complete += 1
  if (mustFail) return ['an answer, although the changeId is of a discarded branch']
  const isRight = JSON.stringify(areas.nodes) === JSON.stringify(expected)
  return expected === undefined || (isRight && areas.totalCount === expected.length)
    ? []
    : [`${JSON.stringify(areas)}, not ${JSON.stringify(expected)}`]
}

test(
  'returns the written areas or an error for any history and windows',
  async () => {
    const cases = Array.from({ length: scaled(16) }, (_, number) => ({ name: `history ${number}` }))
    await expectAll(cases, 4, ({ name }) => judgeHistory(name))
    if (isRepresentative)
      for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(scaled(6))
  },
  timeLimit(60_000),
)
