// Reads random histories of a disk from a server that varies its windows. Every list of areas must equal the writes, or be an
// error.

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
import {
  expectNoViolations,
  isRepresentative,
  randomOf,
  scaled,
  scaledTimeout,
  type Violations,
} from './cases.ts'
import { codeViolations, errorsOf } from './read-oracle.ts'
import { applyVariations, variations } from './responses/equivalent-responses.ts'
import { illegalResponsesOf } from './responses/illegal-responses.ts'

const actions = [
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
  return { act: random.pick(actions), which: random.integer(10) }
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

type RewriteKind = 'unchanged' | 'legal' | 'illegal'

/** Rewrites the following windows. An illegal change applies to one window or to all. Returns a description. */
function rewriteWindows(proxy: SoapProxy, kind: RewriteKind, random: Random): string {
  proxy.reset()
  if (kind === 'unchanged') return kind
  const { name, change } = random.pick(
    illegalResponsesOf('QueryChangedDiskAreas') as [ReturnType<typeof illegalResponsesOf>[number]],
  )
  const at = random.integer(4)
  const isAlways = random.integer(2) === 0
  let earlier: string | undefined
  proxy.on('QueryChangedDiskAreas', async (call) => {
    const { status, text, headers } = await call.forward()
    const isReached = kind === 'illegal' && (isAlways ? call.index >= at : call.index === at)
    const legal = kind === 'legal' ? applyVariations(text, variations, random) : text
    const changed =
      (isReached && status === 200
        ? change({ method: 'QueryChangedDiskAreas', text, earlier }, random)
        : undefined) ?? legal
    earlier = text
    if (typeof changed === 'string') call.respond(status, changed, headers)
    else call.respond(changed.status, changed.text, headers)
  })
  return kind === 'legal' ? kind : `${name} from window ${at} on${isAlways ? '' : ', once'}`
}

const counts = { complete: 0, rejected: 0 }

async function checkHistory(name: string): Promise<Violations> {
  const random = randomOf(name)
  const simulator = createSimulator()
  const proxy = await startSoapProxy((await simulator.listen()).origin)
  const connect = () => createUndiciTransport({ url: proxy.url, userAgent: 'adversary' })
  const fixture = await startChangedAreasFixture({ simulator, wrap: connect })
  try {
    const played = randomHistory(fixture, random)
    simulator.inventory.settings.areasPerWindow = 1 + random.integer(8)
    const { data } = await fixture.execute(
      'query ($id: ID!) { node(id: $id) { ... on VirtualMachine { snapshots { disks { id changeId } } } } }',
      { id: fixture.vmId },
    )
    const disks = (data.node.snapshots as { disks: { id: string; changeId: string | null }[] }[]).flatMap(
      (each) => each.disks,
    )
    const violations: string[] = []
    for (let read = 0; read < 8; read += 1) {
      const disk = disks[random.integer(disks.length)]
      if (!disk?.changeId) continue
      const since = random.pick(['*', ...played.taken.map(({ changeId }) => changeId)])
      const kind = random.pick(['unchanged', 'legal', 'illegal', 'illegal'] as const)
      const how = rewriteWindows(proxy, kind, random)
      const response = await queryAreas(
        fixture,
        disk.id,
        { changeId: since },
        {},
        'totalCount nodes { start length } pageInfo { hasNextPage }',
      )
      const expected = written(played, since, disk.changeId)
      violations.push(
        ...areaViolations(response, expected, {
          // Reads from a correct server must succeed, except for changeIds that may belong to a discarded branch.
          mayFail: kind === 'illegal' || played.discarded || expected === undefined,
          mustFail: expected === undefined && isDecidable(played, since, disk.changeId),
        }).map((problem) => `${how}, since ${since} until ${disk.changeId}: ${problem}`),
      )
    }
    return violations
  } finally {
    proxy.reset()
    await fixture.close()
    await proxy.close()
    await simulator.close()
  }
}

function areaViolations(
  response: Awaited<ReturnType<typeof queryAreas>>,
  expected: ReturnType<typeof written>,
  { mayFail, mustFail }: { readonly mayFail: boolean; readonly mustFail: boolean },
): string[] {
  const violations = codeViolations(response)
  const codes = errorsOf(response).map(({ extensions, message }) => `${extensions.code} (${message})`)
  const areas = response.data?.node?.areas
  if (!areas || codes.length > 0) {
    counts.rejected += 1
    return mayFail ? violations : [...violations, `an error: ${codes.join(', ')}`]
  }
  counts.complete += 1
  if (mustFail) return ['a list of areas, although the changeId belongs to a discarded branch']
  const isCorrect = JSON.stringify(areas.nodes) === JSON.stringify(expected)
  return expected === undefined || (isCorrect && areas.totalCount === expected.length)
    ? []
    : [`${JSON.stringify(areas)}, not ${JSON.stringify(expected)}`]
}

test(
  'returns the written areas or an error for any history and windows',
  async () => {
    const cases = Array.from({ length: scaled(16) }, (_, number) => ({ name: `history ${number}` }))
    await expectNoViolations(cases, 4, ({ name }) => checkHistory(name))
    if (isRepresentative) for (const count of Object.values(counts)) expect(count).toBeGreaterThan(scaled(6))
  },
  scaledTimeout(300_000),
)
