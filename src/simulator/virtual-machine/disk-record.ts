// A disk from the outside, for tests and demonstrations: writing to it as its guest would, and reading what its book
// says between two moments. None of it goes through QueryChangedDiskAreas or its windows.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TrackingDamage } from '../disk/disk.ts'
import type { ByteRange } from '../disk/ranges.ts'
import { parseChangeId } from '../disk/tracking.ts'
import type { Point, Write } from '../disk/write-history.ts'
import { type Machine, recordGuestWrites, snapshotOf } from './machine.ts'

/** A moment in a disk's life: of a snapshot that exists, of a changeId that once was given, or the present. */
export type PointInTime =
  | 'now'
  | { readonly snapshot: ManagedObjectReference }
  | { readonly changeId: string }

export interface DiskRecord {
  readonly capacity: number
  /** The unit of tracking, in bytes. */
  readonly grain: number
  /** Writes now, as the guest would. */
  write(offset: number, length: number): void
  /** Does harm to the file that changes are tracked in, or takes it back. */
  damage(how: TrackingDamage | undefined): void
  /** Every write between two moments, in order. */
  writes(since: PointInTime | 'beginning', until: PointInTime): Write[]
  /** The bytes written between two moments, exactly: sorted, disjoint, merged. */
  ranges(since: PointInTime | 'beginning', until: PointInTime): ByteRange[]
  /** The same in whole grains, which is what tracking can tell; the last may end past the capacity. */
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
        throw new TypeError(`no point of ${machine.name} disk ${deviceKey} was ever ${pointInTime.changeId}`)
      return point
    }
    const object = machine.context.objects.find(pointInTime.snapshot)
    const frozen = object && snapshotOf(object).snapshot.disks.find((each) => each.disk === disk)
    if (!frozen?.head.until)
      throw new TypeError(`${pointInTime.snapshot.value} has no disk ${deviceKey} of ${machine.name}`)
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
