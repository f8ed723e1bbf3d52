// One virtual disk of a machine: its properties, its current chain of files, and its change tracking state.

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

/** A vmdk file. A snapshot freezes it and adds a child on top. A file can have several children. */
export interface DiskFile {
  /** Such as `[vmfs-01] web-01/web-01-000001.vmdk`. */
  name: string
  parent: DiskFile | undefined
  /** The file holds writes after this point; the whole disk if undefined. */
  since: Point | undefined
  /** The file holds writes up to this point; up to now if undefined. */
  until: Point | undefined
  size?: { readonly until: Point; readonly bytes: number }
}

/** The change tracking file is corrupt, or another process holds a lock on it. */
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
  /** The key that it is encrypted with; undefined if it is not. */
  readonly keyId?: { readonly keyId: string; readonly providerId: { readonly id: string } } | undefined
  /** When it was installed, in ms since 1970. */
  readonly createdAt: number
}

export interface Disk extends DiskOptions {
  /** Can grow. */
  capacity: number
  readonly history: WriteHistory
  /** The file that receives writes. */
  head: DiskFile
  /** The current epoch; undefined while changes are not tracked. */
  epoch: Epoch | undefined
  /** All epochs so far. */
  readonly epochs: Epoch[]
  /** Damage to the change tracking file. A new epoch starts with a new file. */
  damage: TrackingDamage | undefined
  /** Point up to which file sizes are reported: as on a real host, sizes are only measured from time to time. */
  measured: Point | undefined
}

/** Creates a disk with an operating system on it. */
export const createDisk = (options: DiskOptions): Disk =>
  diskWith(
    options,
    new WriteHistory(options.capacity, () => installation(options.seed, options.capacity, options.createdAt)),
  )

/** Creates a disk without any writes. */
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

/** Whether snapshots include the disk: independent disks and physical RDMs are excluded. */
export const isInSnapshots = (disk: Disk): boolean =>
  disk.mode === 'persistent' && disk.rawDevice !== 'physicalMode'

/** Whether the disk supports changed block tracking. */
export const isTrackable = (disk: Disk): boolean =>
  isInSnapshots(disk) && !disk.multiWriter && !disk.sharedBus

/** Returns the extraConfig key that enables tracking for this disk. */
export const trackingKeyOf = ({ controllerKey, unitNumber }: Disk): string =>
  `scsi${controllerKey - 1000}:${unitNumber}.ctkEnabled`

/** Grows a disk at its end. The grain size can change with the capacity, so tracking ends. */
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

/**
 * Marks the present as a numbered point of the epoch.
 * @returns the number, or undefined if there is no epoch.
 */
export function markPoint(disk: Disk): number | undefined {
  disk.measured = disk.history.now
  return disk.epoch?.points.push(disk.history.now)
}

/** Returns the changeId in the live disk's backing: the last number assigned. It changes with every new point. */
export const liveChangeId = ({ epoch }: Disk): string | undefined =>
  epoch && changeIdOf(epoch, epoch.points.length)

/** Returns the space that a file uses on its datastore, in bytes. */
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

/** Returns a file and its ancestors, base first. */
export function chainOf(file: DiskFile): DiskFile[] {
  const chain = []
  for (let each: DiskFile | undefined = file; each; each = each.parent) chain.unshift(each)
  return chain
}
