// Generates random histories of a disk: writes and changes of its snapshots, size, tracking and power.
// Computes the expected changes between any two points independently, and generates how a map is read and
// what happens meanwhile.

import fc from 'fast-check'
import { changeIdOf } from '../../../src/simulator/disk/tracking.ts'
import { type DiskRecord, diskRecordOf } from '../../../src/simulator/virtual-machine/disk-record.ts'
import { snapshotsOf } from '../../../src/simulator/virtual-machine/layout.ts'
import type { Machine, Snapshot } from '../../../src/simulator/virtual-machine/machine.ts'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import {
  consolidateDisks,
  removeSnapshots,
  revertToSnapshot,
  takeSnapshot,
} from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import { cbtVariants } from './cbt-variants.ts'
import { type Area, closed, grain, grainsAsAreas, smallCapacity } from './changed-areas-fixture.ts'

const write = fc.record({
  act: fc.constant('write' as const),
  offset: fc.nat(smallCapacity - 1),
  length: fc.integer({ min: 1, max: 4 * grain }),
})
// Maps are most likely to be wrong after the last area of a disk and at its very end.
const edgeWrite = fc.constantFrom(
  { act: 'write' as const, offset: 0, length: 1 },
  { act: 'write' as const, offset: smallCapacity - 1, length: 1 },
  { act: 'write' as const, offset: 0, length: smallCapacity },
)
const deed = fc.record({
  act: fc.constantFrom(
    'snapshot',
    'snapshot',
    'snapshot',
    'remove',
    'removeTree',
    'revert',
    'consolidate',
    'grow',
    'reset',
    'power',
  ),
  which: fc.nat(9),
})

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
export const step = fc.oneof(
  { weight: 9, arbitrary: write },
  { weight: 1, arbitrary: edgeWrite },
  { weight: 5, arbitrary: deed },
)

export const history = fc.record({
  steps: fc.array(step, { maxLength: 40 }),
  epochAfterRevert: fc.constantFrom('new' as const, 'same' as const),
})

export const reading = fc.record({
  areasPerWindow: fc.integer({ min: 1, max: 50 }),
  irregularWindows: fc.constantFrom(0, 0.3, 0.9),
  variant: fc.constantFrom(...cbtVariants),
  pageSizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
  buckets: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 100 }) }, fc.constant(4096)),
  mergeGapsUpTo: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(smallCapacity)),
  /** Which of all returned cursors is resumed. */
  resumed: fc.nat(),
  /** Which query fails, if there are that many. */
  failing: fc.option(fc.nat(20)),
  /** What happens between two pages. */
  meanwhile: fc.array(step, { maxLength: 4 }),
  /** Selects the two points; the numbers are taken modulo the number of points. */
  since: fc.nat(),
  until: fc.nat(),
})
export type Reading = typeof reading extends fc.Arbitrary<infer T> ? T : never

/** A snapshot that was taken, whether it still exists or not. */
export interface Taken {
  readonly snapshot: Snapshot
  readonly changeId: string
}

export interface Played {
  readonly taken: readonly Taken[]
  /** The snapshots that still exist. */
  readonly left: readonly Taken[]
  readonly record: DiskRecord
  /**
   * Whether a state was discarded without a new epoch. A changeId of that state may be rejected although
   * nothing differs.
   */
  readonly discarded: boolean
  /** Runs one more step. Returns false when the step is not possible and nothing has happened. */
  happen(step: Step): boolean
}

/** Runs the steps on a machine with one small disk. */
export function play(
  machine: Machine,
  { steps, epochAfterRevert }: { steps: Step[]; epochAfterRevert: 'new' | 'same' },
): Played {
  machine.context.settings.epochAfterRevert = epochAfterRevert
  const record = diskRecordOf(machine, 2000)
  const taken: Taken[] = []
  let discarded = false
  const at = new Date()
  const take = () => {
    const snapshot = takeSnapshot(machine, {
      name: 'point',
      description: '',
      memory: false,
      quiesced: false,
      at,
    })
    const [frozen] = snapshot.disks
    if (frozen?.epoch && frozen.number)
      taken.push({ snapshot, changeId: changeIdOf(frozen.epoch, frozen.number) })
  }
  const happen = (step: Step): boolean => {
    if (step.act === 'write') {
      record.write(step.offset, Math.min(step.length, record.capacity - step.offset))
      return true
    }
    const { act, which } = step
    const all = snapshotsOf(machine)
    const chosen = all[which % Math.max(1, all.length)]
    if (act === 'snapshot') take()
    else if (act === 'consolidate') consolidateDisks(machine, at)
    else if (act === 'power')
      setPower(machine, machine.powerState === 'poweredOn' ? 'poweredOff' : 'poweredOn', at)
    else if (act === 'reset')
      for (const changeTrackingEnabled of [false, true]) reconfigure(machine, { changeTrackingEnabled }, at)
    else if (act === 'grow') {
      // Only a disk without snapshots can grow.
      if (machine.disks[0]?.head.parent) return false
      const device = { _typeName: 'VirtualDisk', key: 2000, capacityInKB: (record.capacity + grain) / 1024 }
      reconfigure(machine, { deviceChange: [{ operation: 'edit', device }] }, at)
    } else if (!chosen) return false
    else if (act === 'revert') {
      revertToSnapshot(machine, chosen, { powerOn: true, at })
      discarded ||= epochAfterRevert === 'same'
    } else
      removeSnapshots(machine, chosen, {
        withChildren: act === 'removeTree',
        consolidate: which % 2 === 0,
        at,
      })
    return true
  }
  for (const step of steps) happen(step)
  take()
  return {
    taken,
    get left() {
      const left = new Set(snapshotsOf(machine))
      return taken.filter(({ snapshot }) => left.has(snapshot))
    },
    record,
    get discarded() {
      return discarded
    },
    happen,
  }
}

/**
 * Returns what was written between two changeIds according to the write history, or undefined when that is
 * not defined.
 */
export function written({ record }: Played, since: string, until: string): Area[] | undefined {
  const [epoch, number] = since.split('/')
  const [endEpoch, endNumber] = until.split('/')
  if (since !== '*' && (epoch !== endEpoch || Number(number) > Number(endNumber))) return undefined
  try {
    const writes = record.writes(since === '*' ? 'beginning' : { changeId: since }, { changeId: until })
    return grainsAsAreas(writes, record.grain, record.capacity)
  } catch (error) {
    // Neither state descends from the other.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** The same, with gaps merged. */
export const expectedAreas = (areas: readonly Area[], { mergeGapsUpTo }: Reading): Area[] =>
  closed(areas, mergeGapsUpTo)

/** How many maps are read, from the environment variable MAP_CASES: for longer runs than the default. */
export const cases = (usual: number): number => Math.ceil(usual * Number(process.env.MAP_CASES ?? 1))
