// Tests reverts: a stored changeId of a discarded state returns correct areas or is rejected, as far as the
// snapshot tree can prove it, on servers that start a new epoch, keep the epoch, do not notice the revert,
// or reuse numbers.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeIdOf } from '../../../src/simulator/disk/tracking.ts'
import { isAncestor, type Point } from '../../../src/simulator/disk/write-history.ts'
import type { SimulatorSettings } from '../../../src/simulator/simulation-context.ts'
import { snapshotsOf } from '../../../src/simulator/virtual-machine/layout.ts'
import type { Machine, Snapshot } from '../../../src/simulator/virtual-machine/machine.ts'
import {
  removeSnapshots,
  revertToSnapshot,
  takeSnapshot,
} from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import {
  type ChangedAreasFixture,
  changedAreasFixture,
  grain,
  grainsAsAreas,
  queryAreas,
  startChangedAreasFixture,
} from './changed-areas-fixture.ts'
import { cases } from './write-history.ts'

type Mode = SimulatorSettings['epochAfterRevert']

const at = new Date(0)

/** A state whose changeId a client has stored. Its snapshot may have been removed. */
interface Stored {
  readonly snapshot: Snapshot
  readonly changeId: string
  readonly point: Point
  /** The parent state, whether it still exists or not. */
  readonly parent: Stored | undefined
}

function take(machine: Machine, parent?: Stored): Stored {
  const snapshot = takeSnapshot(machine, {
    name: 'point',
    description: '',
    memory: false,
    quiesced: false,
    at,
  })
  const [frozen] = snapshot.disks
  if (!frozen?.epoch || !frozen.number || !frozen.head.until) throw new Error('the disk is not tracked')
  return { snapshot, changeId: changeIdOf(frozen.epoch, frozen.number), point: frozen.head.until, parent }
}

const revert = (machine: Machine, { snapshot }: Pick<Stored, 'snapshot'>) =>
  revertToSnapshot(machine, snapshot, { powerOn: true, at })

const remove = (machine: Machine, snapshot: Snapshot, withChildren = false) =>
  removeSnapshots(machine, snapshot, { withChildren, consolidate: true, at })

const labIn = async (epochAfterRevert: Mode): Promise<ChangedAreasFixture> => {
  const fixture = await changedAreasFixture()
  fixture.simulator.inventory.settings.epochAfterRevert = epochAfterRevert
  return fixture
}

/** The id of the disk in a snapshot that still exists. */
async function diskIn(fixture: ChangedAreasFixture, { snapshot }: Stored): Promise<string> {
  const { data } = await fixture.execute(
    'query ($id: ID!) { node(id: $id) { ... on VirtualMachine { snapshots { id moid disks { id } } } } }',
    { id: fixture.vmId },
  )
  const found = data.node.snapshots.find(({ moid }: { moid: string }) => moid === snapshot.ref.value)
  return found.disks[0].id
}

describe('a changeId of a removed snapshot on a discarded branch', () => {
  test.each<[Mode]>([['same'], ['unchecked'], ['recounted']])(
    'is CHANGE_ID_STALE without a query while a later snapshot of the branch exists (%s epoch)',
    async (mode) => {
      const fixture = await labIn(mode)
      const { machine } = fixture
      const s1 = take(machine)
      fixture.write(0, 2 * grain)
      const s2 = take(machine)
      const s3 = take(machine)
      remove(machine, s2.snapshot)
      revert(machine, s1)
      fixture.write(20 * grain, 1)
      take(machine)
      const s5 = take(machine)
      const id = await diskIn(fixture, s5)
      fixture.queries()
      for (const { changeId } of [s2, s3]) {
        const { data, errors } = await queryAreas(fixture, id, { changeId })
        expect(data.node.areas).toBeNull()
        expect(errors?.[0]?.extensions).toMatchObject({ code: 'CHANGE_ID_STALE', remedy: expect.any(String) })
      }
      expect(fixture.queries()).toBe(0)
      expect((await queryAreas(fixture, id, { changeId: s1.changeId })).data.node.areas.nodes).toEqual([
        { start: 20 * grain, length: grain },
      ])
    },
  )

  test('is rejected when the fork itself was removed, so that its number is not in the tree', async () => {
    const fixture = await labIn('unchecked')
    const { machine } = fixture
    const s1 = take(machine)
    fixture.write(0, 1)
    const s2 = take(machine)
    take(machine)
    remove(machine, s2.snapshot)
    revert(machine, s1)
    const s4 = take(machine)
    remove(machine, s1.snapshot)
    const { errors } = await queryAreas(fixture, await diskIn(fixture, s4), { changeId: s2.changeId })
    expect(errors?.[0]?.extensions.code).toBe('CHANGE_ID_STALE')
  })
})

test('accepts a snapshot above the disk as the starting point although a branch makes its changeId ambiguous', async () => {
  const fixture = await labIn('recounted')
  const { machine } = fixture
  const s1 = take(machine)
  const s2 = take(machine)
  revert(machine, s1)
  take(machine)
  revert(machine, s2)
  fixture.write(5 * grain, 1)
  const s4 = take(machine)
  const id = await diskIn(fixture, s4)
  const byChangeId = await queryAreas(fixture, id, { changeId: s2.changeId })
  expect(byChangeId.errors?.[0]?.extensions.code).toBe('CHANGE_ID_STALE')
  const { data } = await fixture.execute(
    'query ($id: ID!) { node(id: $id) { ... on VirtualMachine { snapshots { id moid } } } }',
    { id: fixture.vmId },
  )
  const above = data.node.snapshots.find(({ moid }: { moid: string }) => moid === s2.snapshot.ref.value)
  const bySnapshot = await queryAreas(fixture, id, { snapshot: above.id })
  expect(bySnapshot.data.node.areas.nodes).toEqual([{ start: 5 * grain, length: grain }])
})

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('write' as const), which: fc.nat(59) }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('take' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('revert' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('remove' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('removeTree' as const), which: fc.nat(9) }) },
)

/** Whether a state descends from an earlier one, or is the same. */
function grewOn(from: Stored, until: Stored): boolean {
  for (let each: Stored | undefined = until; each; each = each.parent) if (each === from) return true
  return false
}

/**
 * The grains that differ, or may differ, between two states: everything written since their common
 * ancestor.
 */
function grainsBetween(fixture: ChangedAreasFixture, from: Point, until: Point): Set<number> {
  const { history } = fixture.machine.disks[0] as Machine['disks'][number]
  const common = pointsOf(until).findLast((each) => isAncestor(each, from)) as Point
  const writes = [...history.writes(common, from), ...history.writes(common, until)]
  return grainsOf(grainsAsAreas(writes, grain, history.capacity))
}

/** All ancestors of a state and the state itself, the earliest first. */
function pointsOf({ branch, position }: Point): Point[] {
  const own = Array.from({ length: position + 1 }, (_, each) => ({ branch, position: each }))
  return branch.parent ? [...pointsOf(branch.parent), ...own] : own
}

function grainsOf(areas: readonly { readonly start: number; readonly length: number }[]): Set<number> {
  const grains = new Set<number>()
  for (const { start, length } of areas)
    for (let each = start / grain; each * grain < start + length; each += 1) grains.add(each)
  return grains
}

const outcomes = { correct: 0, rejected: 0, proven: 0, unprovable: 0 }

/** Queries every existing snapshot for the changes since every changeId that was ever stored. */
async function expectNoLoss(
  fixture: ChangedAreasFixture,
  stored: readonly Stored[],
  mode: Mode,
): Promise<void> {
  const { machine } = fixture
  const left = new Set(snapshotsOf(machine))
  const targets = stored.filter(({ snapshot }) => left.has(snapshot))
  const changeIds = [...new Set(stored.map(({ changeId }) => changeId))]
  const fields = changeIds.map(
    (changeId, index) =>
      `since${index}: changedAreas(first: 100, since: { changeId: "${changeId}" }) { nodes { start length } }`,
  )
  const { data } = await fixture.execute(
    `query ($id: ID!) { node(id: $id) { ... on VirtualMachine { snapshots { moid disks { ${fields} } } } } }`,
    { id: fixture.vmId },
  )
  for (const target of targets) {
    const { disks } = data.node.snapshots.find(
      ({ moid }: { moid: string }) => moid === target.snapshot.ref.value,
    )
    for (const start of stored) {
      const { changeId, point } = start
      const result = disks[0][`since${changeIds.indexOf(changeId)}`]
      const isAncestor = grewOn(start, target)
      const isShown = !isAncestor && targets.some((each) => grewOn(start, each))
      if (isShown) {
        outcomes.proven += 1
        expect(result, `${changeId} of a discarded state`).toBeNull()
      } else if (result === null) outcomes.rejected += 1
      else if (!isAncestor && (mode === 'unchecked' || mode === 'recounted')) outcomes.unprovable += 1
      else {
        outcomes.correct += 1
        const reported = grainsOf(result.nodes)
        for (const each of grainsBetween(fixture, point, target.point)) expect(reported).toContain(each)
      }
    }
  }
}

test.each<[Mode]>([['new'], ['same'], ['unchecked'], ['recounted']])(
  'loses no change that the tree shows, for any history of snapshots and reverts (%s epoch)',
  async (mode) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 24 }), async (steps) => {
        const fixture = await startChangedAreasFixture()
        try {
          const { machine } = fixture
          fixture.simulator.inventory.settings.epochAfterRevert = mode
          const stored = [take(machine)]
          let current = stored[0]
          const takeNext = () => {
            current = take(machine, current)
            stored.push(current)
          }
          for (const { act, which } of steps) {
            const all = snapshotsOf(machine)
            const chosen = all[which % Math.max(1, all.length)]
            if (act === 'write') fixture.write(which * grain, 1)
            else if (act === 'take') takeNext()
            else if (chosen && act === 'revert') {
              revert(machine, { snapshot: chosen })
              current = stored.find(({ snapshot }) => snapshot === chosen)
            } else if (chosen && act !== 'revert') remove(machine, chosen, act === 'removeTree')
          }
          takeNext()
          await expectNoLoss(fixture, stored, mode)
        } finally {
          await fixture.close()
        }
      }),
      { seed: 20261129, numRuns: cases(40) },
    )
    expect(outcomes.correct).toBeGreaterThan(cases(60))
    expect(outcomes.proven).toBeGreaterThan(cases(10))
  },
  cases(60_000),
)
