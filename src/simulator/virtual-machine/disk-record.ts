// A disk from the outside, for tests and demonstrations: writing to it as its guest would, and reading what its book
// says between two moments. None of it goes through QueryChangedDiskAreas or its windows.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Point, Write } from '../disk/write-history.ts'
import type { TrackingDamage } from '../disk/disk.ts'
import type { ByteRange } from '../disk/ranges.ts'
import { parseChangeId } from '../disk/tracking.ts'
import { letGuestWrite, type Machine, snapshotOf } from './machine.ts'

/** A moment in a disk's life: of a snapshot that exists, of a changeId that once was given, or the present. */
export type Moment = 'now' | { readonly snapshot: ManagedObjectReference } | { readonly changeId: string }

export interface DiskRecord {
  readonly capacity: number
  /** The unit of tracking, in bytes. */
  readonly grain: number
  /** Writes now, as the guest would. */
  write(offset: number, length: number): void
  /** Does harm to the file that changes are tracked in, or takes it back. */
  damage(how: TrackingDamage | undefined): void
  /** Every write between two moments, in order. */
  writes(since: Moment | 'beginning', until: Moment): Write[]
  /** The bytes written between two moments, exactly: sorted, disjoint, merged. */
  ranges(since: Moment | 'beginning', until: Moment): ByteRange[]
  /** The same in whole grains, which is what tracking can tell; the last may end past the capacity. */
  areas(since: Moment | 'beginning', until: Moment): ByteRange[]
}

export function diskRecordOf(machine: Machine, deviceKey: number): DiskRecord {
  const disk = machine.disks.find(({ key }) => key === deviceKey)
  if (!disk) throw new TypeError(`${machine.name} has no disk ${deviceKey}`)

  const pointAt = (moment: Moment | 'beginning'): Point | undefined => {
    if (moment === 'beginning') return undefined
    if (moment === 'now') {
      letGuestWrite(machine, machine.site.world.clock.now())
      return disk.book.now
    }
    if ('changeId' in moment) {
      const id = parseChangeId(moment.changeId)
      const point = id && disk.epochs.find(({ uuid }) => uuid === id.uuid)?.points[id.number - 1]
      if (!point)
        throw new TypeError(`no point of ${machine.name} disk ${deviceKey} was ever ${moment.changeId}`)
      return point
    }
    const object = machine.site.world.find(moment.snapshot)
    const frozen = object && snapshotOf(object).snapshot.disks.find((each) => each.disk === disk)
    if (!frozen?.head.until)
      throw new TypeError(`${moment.snapshot.value} has no disk ${deviceKey} of ${machine.name}`)
    return frozen.head.until
  }
  const between = (since: Moment | 'beginning', until: Moment): [Point | undefined, Point] => {
    const end = pointAt(until) as Point
    return [pointAt(since), end]
  }
  return {
    get capacity() {
      return disk.capacity
    },
    get grain() {
      return disk.book.grain
    },
    write(offset, length) {
      const now = machine.site.world.clock.now()
      letGuestWrite(machine, now)
      disk.book.record(offset, length, now.getTime())
    },
    damage(how) {
      disk.damage = how
    },
    writes: (since, until) => [...disk.book.writes(...between(since, until))],
    ranges: (since, until) => disk.book.ranges(...between(since, until)),
    areas(since, until) {
      const { starts, ends } = disk.book.areas(...between(since, until))
      return Array.from(starts, (start, index) => ({ start, end: ends[index] as number }))
    },
  }
}
