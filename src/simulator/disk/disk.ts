// One virtual disk of a machine: what it is, the chain of files that it is made of now, and whether its changes are tracked.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { installation } from './guest.ts'
import { grainAreas, totalLength } from './ranges.ts'
import { changeIdOf, createEpoch, type Epoch } from './tracking.ts'
import { type Point, WriteHistory } from './write-history.ts'

/** The datastore that holds files. */
export interface Storage {
  readonly ref: ManagedObjectReference
  readonly name: string
  readonly url: string
  readonly type: 'VMFS' | 'NFS' | 'vsan'
}

/** A vmdk. A snapshot freezes it and puts another on top, whose parent it is; one may be the parent of several. */
export interface DiskFile {
  /** Such as `[vmfs-01] web-01/web-01-000001.vmdk`. */
  name: string
  parent: DiskFile | undefined
  /** It holds what was written after this point; the whole disk if undefined. */
  since: Point | undefined
  /** Up to this one; up to now if undefined. */
  until: Point | undefined
  size?: { readonly until: Point; readonly bytes: number }
}

/** Nobody can make sense of it, or another process has it open. */
export type TrackingDamage = 'corrupt' | 'locked'

export interface DiskOptions {
  readonly seed: string
  readonly key: number
  readonly label: string
  readonly controllerKey: number
  readonly unitNumber: number
  readonly capacity: number
  readonly uuid: string
  readonly storage: Storage
  readonly fileName: string
  readonly thin: boolean
  readonly mode: 'persistent' | 'independent_persistent'
  readonly rawDevice: 'virtualMode' | 'physicalMode' | undefined
  readonly multiWriter: boolean
  readonly sharedBus: boolean
  /** When it was installed, in milliseconds since 1970. */
  readonly createdAt: number
}

export interface Disk extends DiskOptions {
  /** It may grow. */
  capacity: number
  readonly history: WriteHistory
  /** The file that is written to. */
  head: DiskFile
  /** Undefined while changes are not tracked. */
  epoch: Epoch | undefined
  /** All that ever were. */
  readonly epochs: Epoch[]
  /** What is wrong with the file that changes are tracked in; a new epoch has a new file. */
  damage: TrackingDamage | undefined
  /** The point up to which its sizes are told: as on a real host, they are looked at now and then. */
  measured: Point | undefined
}

/** A disk with an operating system on it. */
export const createDisk = (options: DiskOptions): Disk =>
  diskWith(
    options,
    new WriteHistory(options.capacity, () => installation(options.seed, options.capacity, options.createdAt)),
  )

/** A disk that nobody has written to. */
export const createBlankDisk = (options: DiskOptions): Disk =>
  diskWith(options, new WriteHistory(options.capacity))

function diskWith(options: DiskOptions, history: WriteHistory): Disk {
  return {
    ...options,
    history,
    head: { name: options.fileName, parent: undefined, since: undefined, until: undefined },
    epoch: undefined,
    epochs: [],
    damage: undefined,
    measured: undefined,
  }
}

/** Independent disks and physical RDMs are left out of snapshots. */
export const isInSnapshots = (disk: Disk): boolean =>
  disk.mode === 'persistent' && disk.rawDevice !== 'physicalMode'

/** Whether changed block tracking can work on it at all. */
export const isTrackable = (disk: Disk): boolean =>
  isInSnapshots(disk) && !disk.multiWriter && !disk.sharedBus

/** The key of a machine's extra configuration that switches the tracking of this one disk. */
export const trackingKeyOf = ({ controllerKey, unitNumber }: Disk): string =>
  `scsi${controllerKey - 1000}:${unitNumber}.ctkEnabled`

/** Makes room behind all that is there. What was tracked counted in other grains, so that tracking ends. */
export function growDisk(disk: Disk, capacity: number): void {
  disk.history.grow(capacity)
  disk.capacity = capacity
  disk.epoch = undefined
}

export function startTracking(disk: Disk): void {
  disk.damage = undefined
  disk.epoch = createEpoch(disk.seed, disk.epochs.length + 1)
  disk.epochs.push(disk.epoch)
}

/** Gives the present moment a number in the epoch; undefined when there is none. */
export function markPoint(disk: Disk): number | undefined {
  disk.measured = disk.history.now
  return disk.epoch?.points.push(disk.history.now)
}

/** What the live disk's backing says: the last number that was given, a passing value. */
export const liveChangeId = ({ epoch }: Disk): string | undefined =>
  epoch && changeIdOf(epoch, epoch.points.length)

/** What a file takes on its datastore. */
export function sizeOf(disk: Disk, file: DiskFile): number {
  if (disk.rawDevice && !file.parent) return 0
  if (!disk.thin && !file.parent) return disk.capacity
  const until = file.until ?? disk.measured ?? disk.history.beginning
  if (file.size?.until !== until) {
    const bytes = totalLength(grainAreas(disk.history.writtenRanges(file.since, until), disk.history.grain))
    file.size = { until, bytes: Math.min(disk.capacity, bytes) }
  }
  return file.size.bytes
}

/** A file and those under it, base first. */
export function chainOf(file: DiskFile): DiskFile[] {
  const chain = []
  for (let each: DiskFile | undefined = file; each; each = each.parent) chain.unshift(each)
  return chain
}
