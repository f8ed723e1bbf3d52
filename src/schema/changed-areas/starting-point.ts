// Checks the preconditions of a query for changed areas: the disk is tracked, its state can be read, and the starting point
// is earlier in the same epoch. Checking them here avoids calls that vSphere would reject with a less specific fault.

import { PlanNode } from '../../planner/plan-node.ts'
import type { Context } from '../context.ts'
import { nameAndMoid, withMoid } from '../core/names.ts'
import { decodeId } from '../core/nodes/ids.ts'
import { refersTo } from '../core/nodes/node-registry.ts'
import { ApiError, badInput } from '../errors/api-error.ts'
import {
  backingOf,
  capacityOf,
  type Disk,
  frozenDisksOf,
  trackingBlockers,
} from '../virtual-machine/disks/disk.ts'
import {
  currentSnapshotOf,
  lineageOf,
  type SnapshotNode,
  snapshotsOf,
} from '../virtual-machine/snapshots/snapshot-tree.ts'
import { assertPoweredOff } from './area-source.ts'
import { parseChangeId } from './change-id.ts'
import { assertNotDiscarded } from './discarded-branches.ts'
import { loadFrozenDisks } from './snapshot-disks.ts'

/** A starting point: a stored changeId, or an ancestor snapshot. */
export interface ChangedSinceInput {
  readonly changeId?: string | null | undefined
  readonly snapshot?: string | null | undefined
}

const fullBackupRemedy = 'Read all areas in use (allocatedAreas) and store the new changeId.'
const describeDisk = ({ vm, snapshot, device }: Disk): string =>
  `${device.deviceInfo?.label ?? `disk ${device.key}`} of ${nameAndMoid(vm)}${snapshot ? ` in ${describeSnapshot(snapshot)}` : ''}`

const describeSnapshot = ({ path, tree }: SnapshotNode): string =>
  `snapshot ${withMoid(path, tree.snapshot.value)}`

/**
 * Checks the end point and returns its changeId. Needs the paths that `planEndPoint` plans.
 * @throws ApiError CBT_UNSUPPORTED, CBT_NOT_ENABLED; CONFLICT if a live disk's virtual machine is not powered off
 */
export function endPointChangeId(disk: Disk): string {
  const { changeId } = backingOf(disk)
  if (!changeId) {
    const tooOld = disk.vm.tryRead('capability.changeTrackingSupported') === false
    const blockers = [...(tooOld ? ['HARDWARE_TOO_OLD'] : []), ...trackingBlockers(disk)]
    if (blockers.length > 0)
      throw new ApiError(
        'CBT_UNSUPPORTED',
        `changes of ${describeDisk(disk)} cannot be tracked: ${blockers.join(', ')}`,
        { remedy: 'Read the whole disk.' },
      )
    throw new ApiError(
      'CBT_NOT_ENABLED',
      `changes of ${describeDisk(disk)} are not tracked: it has no changeId`,
      {
        remedy:
          'Enable change tracking (setChangeTracking), take a snapshot to activate it, and use that snapshot.',
      },
    )
  }
  if (!disk.snapshot) assertPoweredOff(disk.vm)
  return changeId
}

/**
 * Returns the changeId of the starting point. May retrieve the configuration of an ancestor snapshot.
 * @throws ApiError CHANGE_ID_STALE, CHANGE_ID_INVALID, CBT_NOT_ENABLED, NOT_FOUND, BAD_USER_INPUT
 */
export async function startingPointChangeId(
  disk: Disk,
  end: string,
  since: ChangedSinceInput,
  context: Context,
): Promise<string> {
  if (since.changeId != null) {
    const start = checkOrder(since.changeId, end)
    if (start !== '*') await assertNotDiscarded(start, disk, context)
    return start
  }
  if (since.snapshot == null)
    throw badInput(
      '`since` must have a value',
      'Pass the changeId that you stored, or the id of the earlier snapshot.',
    )
  const base = await baseSnapshot(disk, since.snapshot, context)
  const read = await loadFrozenDisks(base, context)
  if (!read)
    throw new ApiError('NOT_FOUND', `${describeSnapshot(base)} has been removed`, {
      remedy: 'Pass the changeId that was stored from it.',
    })
  const frozen = diskInSlot(disk, read)
  if (!frozen || backingOf(frozen).uuid !== backingOf(disk).uuid) {
    throw new ApiError(
      'CHANGE_ID_STALE',
      `${describeSnapshot(base)} has no disk ${disk.device.key}, or has another disk with this key`,
      { remedy: fullBackupRemedy },
    )
  }
  if (capacityOf(frozen) !== capacityOf(disk)) {
    throw new ApiError(
      'CHANGE_ID_STALE',
      `${describeDisk(disk)} was resized from ${capacityOf(frozen)} to ${capacityOf(disk)} bytes`,
      { remedy: fullBackupRemedy },
    )
  }
  const { changeId } = backingOf(frozen)
  if (!changeId)
    throw new ApiError('CBT_NOT_ENABLED', `changes of ${describeDisk(frozen)} were not tracked yet`, {
      remedy: fullBackupRemedy,
    })
  return checkOrder(changeId, end)
}

function checkOrder(start: string, end: string): string {
  if (start === '*') return start
  const from = parseChangeId(start)
  const to = parseChangeId(end)
  if (!from && (to || start === '')) {
    throw new ApiError('CHANGE_ID_INVALID', `${JSON.stringify(start.slice(0, 80))} is not a valid changeId`, {
      remedy: 'Pass a changeId exactly as VirtualDisk.changeId of a snapshot returned it.',
    })
  }
  // If the disk's own changeId has an unknown format, vSphere validates the starting point.
  if (!from || !to) return start
  if (from.epoch !== to.epoch) {
    throw new ApiError(
      'CHANGE_ID_STALE',
      'the changeId has another epoch: tracking was reset since, or it belongs to another disk',
      { remedy: fullBackupRemedy },
    )
  }
  if (from.number > to.number) {
    throw new ApiError('CHANGE_ID_STALE', 'the changeId is later than the requested state of the disk', {
      remedy:
        'Query a snapshot that was taken later. If the virtual machine was reverted since, read all areas in use (allocatedAreas).',
    })
  }
  return start
}

/**
 * Returns the snapshot with this id if the disk's state descends from it.
 * @throws ApiError NOT_FOUND, BAD_USER_INPUT
 */
async function baseSnapshot(disk: Disk, id: string, context: Context): Promise<SnapshotNode> {
  const { vm, snapshot } = disk
  const decoded = decodeId(context, id, ['Snapshot'])
  const { ref, vcenter } = decoded
  const base = snapshotsOf(vm).find(({ object }) => refersTo(decoded, object))
  if (!base) {
    // Not in the tree: it belongs to another virtual machine, or was removed. Only vSphere knows which.
    if (await vcenter.reader.object(ref, new PlanNode('VirtualMachineSnapshot', 'vm')))
      throw badInput(
        `snapshot ${ref.value} does not belong to ${vm.ref.value}`,
        'Pass an ancestor of this snapshot.',
      )
    throw new ApiError('NOT_FOUND', `snapshot ${ref.value} was not found`, {
      remedy: 'If it was removed, pass the changeId that was stored from it: it is still valid.',
    })
  }
  for (const above of lineageOf(snapshot ? snapshot.parent : currentSnapshotOf(vm)))
    if (above === base) return base
  throw badInput(
    `this state of the disk does not descend from snapshot ${ref.value}`,
    'Pass an ancestor of this snapshot.',
  )
}

/** Returns the disk of a snapshot that has the same device key. */
const diskInSlot = ({ device }: Disk, snapshot: SnapshotNode): Disk | undefined =>
  frozenDisksOf(snapshot)?.find((frozen) => frozen.device.key === device.key)
