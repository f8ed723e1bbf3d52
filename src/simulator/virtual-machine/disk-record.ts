// Direct access to a disk for tests and demonstrations: writing as its guest would, and reading its write
// history between two points. Bypasses QueryChangedDiskAreas and its windows.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TrackingDamage } from '../disk/disk.ts'
import type { ByteRange } from '../disk/ranges.ts'
import { parseChangeId } from '../disk/tracking.ts'
import type { Point, Write } from '../disk/write-history.ts'
import { type Machine, recordGuestWrites, snapshotOf } from './machine.ts'

/** A point in a disk's history: an existing snapshot, a changeId that was issued at some time, or the present. */
export type PointInTime =
  | 'now'
  | { readonly snapshot: ManagedObjectReference }
  | { readonly changeId: string }

export interface DiskRecord {
  readonly capacity: number
  /** Granularity of change tracking, in bytes. */
  readonly grain: number
  /** Writes at the current time, as the guest would. */
  write(offset: number, length: number): void
  /** Damages the change tracking file; undefined repairs it. */
  damage(how: TrackingDamage | undefined): void
  /** Returns every write between two points, in order. */
  writes(since: PointInTime | 'beginning', until: PointInTime): Write[]
  /** Returns the exact byte ranges written between two points: sorted, disjoint and merged. */
  ranges(since: PointInTime | 'beginning', until: PointInTime): ByteRange[]
  /**
   * Returns the ranges in whole grains, the precision of change tracking. The last range may end past the
   * capacity.
   */
  areas(since: PointInTime | 'beginning', until: PointInTime): ByteRange[]
}

export function diskRecordOf(machine: Machine, deviceKey: number): DiskRecord {
  const disk = machine.disks.find(({ key }) => key === deviceKey)
  if (!disk) throw new TypeError(`${machine.name} has no disk ${deviceKey}`)

  const pointAt = (pointInTime: PointInTime | 'beginning'): Point | undefined => {
    if (pointInTime === 'beginning') return undefined
    if (pointInTime === 'now') {
      recordGuestWrites(machine, machine.context.objects.clock.now())
      return disk.history.now
    }
    if ('changeId' in pointInTime) {
      const id = parseChangeId(pointInTime.changeId)
      const point = id && disk.epochs.find(({ uuid }) => uuid === id.uuid)?.points[id.number - 1]
      if (!point)
        throw new TypeError(
          `changeId ${pointInTime.changeId} was never issued for disk ${deviceKey} of ${machine.name}`,
        )
      return point
    }
    const object = machine.context.objects.find(pointInTime.snapshot)
    const frozen = object && snapshotOf(object).snapshot.disks.find((each) => each.disk === disk)
    if (!frozen?.head.until)
      throw new TypeError(
        `${pointInTime.snapshot.value} does not include disk ${deviceKey} of ${machine.name}`,
      )
    return frozen.head.until
  }
  const between = (since: PointInTime | 'beginning', until: PointInTime): [Point | undefined, Point] => {
    const end = pointAt(until) as Point
    return [pointAt(since), end]
  }
  return {
    get capacity() {
      return disk.capacity
    },
    get grain() {
      return disk.history.grain
    },
    write(offset, length) {
      const now = machine.context.objects.clock.now()
      recordGuestWrites(machine, now)
      disk.history.record(offset, length, now.getTime())
    },
    damage(how) {
      disk.damage = how
    },
    writes: (since, until) => [...disk.history.writes(...between(since, until))],
    ranges: (since, until) => disk.history.ranges(...between(since, until)),
    areas(since, until) {
      const { starts, ends } = disk.history.areas(...between(since, until))
      return Array.from(starts, (start, index) => ({ start, end: ends[index] as number }))
    },
  }
}
