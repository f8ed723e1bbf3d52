// Tests the central guarantee through the whole gateway: whatever happens to a disk before and while its
// map is read, the pages together contain exactly what was written, or there is an error. pages.test.ts
// checks the same for thousands of histories.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import {
  type ChangedAreasFixture,
  queryAreas,
  type Since,
  startChangedAreasFixture,
} from './changed-areas-fixture.ts'
import { expectMap, startCbtVariant } from './read-map.ts'
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
} from './write-history.ts'

interface ReportedSnapshot {
  readonly id: string
  readonly moid: string
  readonly disks: readonly { readonly id: string; readonly changeId: string | null }[]
}

async function reported(fixture: ChangedAreasFixture) {
  const { data } = await fixture.execute(
    'query ($id: ID!) { node(id: $id) { ... on VirtualMachine { disks { id changeId } snapshots { id moid disks { id changeId } } } } }',
    { id: fixture.vmId },
  )
  return data.node as { disks: ReportedSnapshot['disks']; snapshots: readonly ReportedSnapshot[] }
}

const rejectionCodes = ['CHANGE_ID_STALE', 'BAD_USER_INPUT']

const outcomes = { whole: 0, ended: 0, rejected: 0 }

/**
 * Reads the map of one point since another, by changeId or by snapshot. Expects what the write history
 * contains, or a rejection where it has none.
 */
async function expectAreas(
  { fixture, setVariant }: Awaited<ReturnType<typeof startCbtVariant>>,
  played: Played,
  chosen: Reading,
): Promise<keyof typeof outcomes | undefined> {
  const { snapshots } = await reported(fixture)
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
  setVariant('tidy', [])
  const { errors } = await queryAreas(fixture, id, since, {}, 'capacity nodes { start }')
  const code = errors?.[0]?.extensions.code as string | undefined
  if (!areas || (code && played.discarded)) {
    expect(rejectionCodes).toContain(code)
    return 'rejected'
  }
  expect(errors).toBeUndefined()
  const isLeft = ({ moid }: ReportedSnapshot) =>
    played.left.some(({ snapshot }) => snapshot.ref.value === moid)
  setVariant(chosen.variant, areas)
  return expectMap(fixture, id, since, expectedAreas(areas, chosen), chosen, (page) => {
    const next = chosen.meanwhile[page]
    if (next) played.happen(next)
    return isLeft(until) && (!bySnapshot || isLeft(bySnapshot))
  })
}

test(
  'returns allocatedAreas and changedAreas that match the write history for any history, windows, pages, faults and concurrent events',
  async () => {
    const seen = { ...outcomes }
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(reading, { minLength: 3, maxLength: 3 }),
        async (happened, readings) => {
          const variant = await startCbtVariant()
          try {
            const played = play(variant.fixture.machine, happened)
            for (const chosen of readings) {
              const outcome = await expectAreas(variant, played, chosen)
              if (outcome) seen[outcome] += 1
            }
          } finally {
            await variant.fixture.close()
          }
        },
      ),
      { seed: 20261122, numRuns: cases(60) },
    )
    expect(seen.whole).toBeGreaterThan(cases(60))
    expect(seen.ended).toBeGreaterThan(cases(2))
    expect(seen.rejected).toBeGreaterThan(cases(2))
  },
  cases(120_000),
)

test(
  'returns the map of the current disk of a powered-off virtual machine, or a CONFLICT when it was powered on meanwhile',
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
        const fixture = await startChangedAreasFixture({ wrap })
        try {
          const played = play(fixture.machine, happened)
          if (fixture.machine.powerState === 'poweredOn') setPower(fixture.machine, 'poweredOff', new Date())
          const { disks } = await reported(fixture)
          const changeId = disks[0]?.changeId as string
          const areas = written(played, '*', changeId) ?? []
          // The disk of a powered-off machine is not written to.
          const isAct = next.act !== 'write'
          const between = (page: number) => !(page === 0 && isAct && played.happen(next))
          const outcome = await expectMap(
            fixture,
            fixture.diskId,
            undefined,
            expectedAreas(areas, chosen),
            chosen,
            between,
          )
          seen[outcome] += 1
          if (outcome === 'ended') return

          // The guest runs briefly and writes where the map was already read, before one of the queries if
          // there are that many.
          Object.assign(fixture.simulator.inventory.settings, chosen)
          queries = 0
          onQuery = (nth) => {
            if (nth !== powering) return
            setPower(fixture.machine, 'poweredOn', new Date())
            fixture.write(0, 1)
            setPower(fixture.machine, 'poweredOff', new Date())
          }
          const { data, errors } = await queryAreas(
            fixture,
            fixture.diskId,
            undefined,
            {},
            'totalCount totalLength',
          )
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
          await fixture.close()
        }
      }),
      { seed: 7, numRuns: cases(30) },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
  },
  cases(120_000),
)
