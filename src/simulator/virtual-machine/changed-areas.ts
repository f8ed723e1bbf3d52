// VirtualMachine.QueryChangedDiskAreas: resolves a snapshot and a changeId to points in the write history,
// and rejects invalid ones. The areas come from the disk's write history, the windows from disk/windows.ts.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { type Disk, type DiskFile, isTrackable } from '../disk/disk.ts'
import type { Areas } from '../disk/ranges.ts'
import { type Epoch, parseChangeId } from '../disk/tracking.ts'
import { windowOf } from '../disk/windows.ts'
import { commonAncestor, isAncestor, type Point } from '../disk/write-history.ts'
import { VimFault } from '../vim-fault.ts'
import { type Machine, snapshotOf } from './machine.ts'
import { isTrackingEnabled } from './tracking.ts'

interface ChangedAreasRequest {
  readonly snapshot?: ManagedObjectReference | undefined
  readonly deviceKey: number
  readonly startOffset: number | bigint
  readonly changeId: string
}

/** A disk at the newer of the two points. */
interface DiskAtPoint {
  readonly disk: Disk
  readonly file: DiskFile
  readonly point: Point
  readonly epoch: Epoch | undefined
  /** The last changeId number that is not later than the point. */
  readonly number: number
}

export function queryChangedDiskAreas(
  machine: Machine,
  request: ChangedAreasRequest,
): DataObject<'DiskChangeInfo'> {
  const at = request.snapshot
    ? diskInSnapshot(machine, request.snapshot, request.deviceKey)
    : liveDisk(machine, request.deviceKey)
  const { disk } = at
  const startOffset = Number(request.startOffset)
  if (!(startOffset >= 0 && startOffset < disk.capacity)) throw invalidArgument('startOffset')
  const { settings } = machine.context
  return windowOf({
    areas: areasSince(machine, at, request.changeId),
    capacity: disk.capacity,
    grain: disk.history.grain,
    startOffset,
    limit: Math.max(1, settings.areasPerWindow),
    irregular: settings.irregularWindows,
    seed: `${disk.seed}/${at.point.position}/${request.changeId}`,
  })
}

function diskInSnapshot(machine: Machine, ref: ManagedObjectReference, deviceKey: number): DiskAtPoint {
  const object = machine.context.objects.find(ref)
  if (object?.type !== 'VirtualMachineSnapshot')
    throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: ref })
  const { machine: owner, snapshot } = snapshotOf(object)
  if (owner !== machine) throw new VimFault({ _typeName: 'NotFound' })
  const frozen = snapshot.disks.find(({ disk }) => disk.key === deviceKey)
  if (!frozen?.head.until) throw invalidArgument('deviceKey')
  return {
    disk: frozen.disk,
    file: frozen.head,
    point: frozen.head.until,
    epoch: frozen.epoch,
    number: frozen.number ?? 0,
  }
}

function liveDisk(machine: Machine, deviceKey: number): DiskAtPoint {
  const disk = machine.disks.find(({ key }) => key === deviceKey)
  if (!disk || !isTrackable(disk)) throw invalidArgument('deviceKey')
  // A running VM changes all the time, so a snapshot is required. A server reports the same fault as for an
  // untracked disk.
  if (machine.powerState === 'poweredOn') throw fileFault(disk, disk.head, 'noTrack')
  return {
    disk,
    file: disk.head,
    point: disk.history.now,
    epoch: disk.epoch,
    number: disk.epoch?.points.length ?? 0,
  }
}

function areasSince(
  machine: Machine,
  { disk, file, point, epoch, number }: DiskAtPoint,
  changeId: string,
): Areas {
  const since = changeId === '*' ? undefined : parseChangeId(changeId)
  if (!since && changeId !== '*') throw invalidArgument('changeId')
  if (!isTrackable(disk)) throw invalidArgument('deviceKey')
  if (!epoch) {
    const isPending = changeId === '*' && isTrackingEnabled(machine, disk)
    throw fileFault(disk, file, isPending ? 'noEpoch' : 'noTrack')
  }
  if (disk.damage === 'locked') throw new VimFault({ _typeName: 'FileLocked', file: pathOf(disk, file) })
  if (disk.damage === 'corrupt') throw fileFault(disk, file, 'corrupt')
  if (!since) return allocatedAreas(disk, point)
  const from = epoch.points[since.number - 1]
  if (since.uuid !== epoch.uuid || since.number > number || !from)
    throw fileFault(disk, file, 'cannotGetChanges')
  if (isAncestor(from, point)) return disk.history.areas(from, point)
  if (machine.context.settings.epochAfterRevert !== 'unchecked')
    throw fileFault(disk, file, 'cannotGetChanges')
  return disk.history.areas(commonAncestor(from, point), point)
}

/**
 * Thin disks on VMFS and vSAN record which blocks were ever written; other disks report the whole disk as one
 * extent.
 */
function allocatedAreas(disk: Disk, point: Point): Areas {
  if (disk.thin && !disk.rawDevice && disk.storage.type !== 'NFS') return disk.history.areas(undefined, point)
  return { starts: Float64Array.of(0), ends: Float64Array.of(disk.capacity) }
}

const invalidArgument = (invalidProperty: string): VimFault =>
  new VimFault(
    { _typeName: 'InvalidArgument', invalidProperty },
    `A specified parameter was not correct: ${invalidProperty}`,
  )

const reasons = {
  noTrack: { key: 'noTrack', message: 'Change tracking is not active on this disk' },
  noEpoch: { key: 'noEpoch', message: 'Cannot get the current epoch of this disk' },
  cannotGetChanges: {
    key: 'cannotGetChanges',
    message: 'Cannot compute the changes since the given change id',
  },
  corrupt: {
    key: 'cannotGetChanges',
    message: 'Cannot compute the changes: the change tracking file is corrupt',
  },
} as const

/** The path as the host sees it, not in the inventory's `[datastore]` form. */
const pathOf = (disk: Disk, file: DiskFile): string =>
  file.name.replace(/^\[[^\]]*\] /, disk.storage.url.replace(/^ds:\/\//, ''))

function fileFault(disk: Disk, file: DiskFile, reason: keyof typeof reasons): VimFault {
  const path = pathOf(disk, file)
  const { key, message } = reasons[reason]
  return new VimFault(
    {
      _typeName: 'FileFault',
      faultMessage: [{ key: `vim.hostd.vmsvc.cbt.${key}`, message }],
      file: path,
    },
    `Error caused by file ${path}`,
  )
}
