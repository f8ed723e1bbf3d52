// Queries the windows of one disk and checks that they all belong to the same state of the disk. A disk in a snapshot never
// changes. A live disk can be read only while its virtual machine is powered off, and only reading its state again shows whether
// it stayed off.

import { PlanNode } from '../../planner/plan-node.ts'
import { changedDiskWindows, type WindowBounds } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import { queryChangedDiskAreas } from '../../vim25/changed-disk-areas/query-changed-disk-areas.ts'
import { ApiError } from '../errors/api-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { backingOf, capacityOf, type Disk, diskDevices, disksOf } from '../virtual-machine/disks/disk.ts'
import type { WindowSource } from './area-scans.ts'
import { queryError } from './query-error.ts'

/** Properties that identify the state of a live disk: a write, a resize or a reset of its tracking changes at least one of them. */
export const statePaths = ['runtime.powerState', 'config.changeVersion'] as const

/** Returns the source of the disk's areas since a changeId, window by window. */
export function areaSource(
  disk: Disk,
  changeId: string,
  capacity: number,
  vcenter: RequestVCenter,
): WindowSource {
  const { vm, snapshot, device } = disk
  const { session, callOptions } = vcenter
  const { windowPrefetch, captures } = vcenter
  const argsFor = (startOffset: number) => ({
    snapshot: snapshot?.tree.snapshot,
    deviceKey: device.key,
    startOffset,
    changeId,
  })
  const query = async (startOffset: number, onBounds: (bounds: WindowBounds) => void) => {
    try {
      const args = argsFor(startOffset)
      const prefetched = snapshot && (await windowPrefetch.take(vm.ref, args, callOptions))
      if (prefetched) {
        onBounds(prefetched)
        return prefetched
      }
      return await session.withLogin(
        (login) => queryChangedDiskAreas(login, vm.ref, args, callOptions, onBounds),
        callOptions,
      )
    } catch (error) {
      const mappedError = queryError(error, changeId)
      // If the machine was powered on, vSphere reports that the disk is not tracked or that its file cannot be opened.
      if (mappedError !== error && !snapshot) await confirmUnchanged(disk, vcenter)
      throw mappedError
    }
  }
  return {
    // A live disk is checked after each window. A prefetched window would have been queried before that check.
    windows: (startOffset, prefetch) =>
      captures.shared.reading(
        snapshot?.tree.snapshot,
        changedDiskWindows(query, capacity, startOffset, prefetch && snapshot !== undefined),
      ),
    ...(snapshot
      ? { prefetch: (startOffset) => windowPrefetch.start(vm.ref, argsFor(startOffset), callOptions.signal) }
      : { confirm: () => confirmUnchanged(disk, vcenter) }),
  }
}

/** Returns the state of a live disk; null for a disk in a snapshot. A power cycle changes its changeId or config.changeVersion. */
export const liveDiskState = (disk: Disk): readonly unknown[] | null =>
  disk.snapshot
    ? null
    : [
        backingOf(disk).changeId,
        backingOf(disk).uuid,
        capacityOf(disk),
        disk.vm.tryRead('config.changeVersion'),
      ]

/**
 * Checks that a virtual machine is powered off. Needs `statePaths`.
 * @throws ApiError CONFLICT
 */
export function assertPoweredOff(vm: Disk['vm']): void {
  const state = vm.read('runtime.powerState')
  if (state === 'poweredOff') return
  throw new ApiError(
    'CONFLICT',
    'the current state of a disk can be queried only while its virtual machine is powered off',
    { state: state ?? 'unknown', remedy: 'Take a snapshot and query the disk in that snapshot.' },
  )
}

/**
 * Reads the disk again and compares its state. If it has changed, none of its windows can be used.
 * @throws ApiError CONFLICT, NOT_FOUND
 */
async function confirmUnchanged(disk: Disk, vcenter: RequestVCenter): Promise<void> {
  const plan = new PlanNode('VirtualMachine', diskDevices, ...statePaths)
  const vm = await vcenter.freshReader().object(disk.vm.ref, plan)
  if (!vm)
    throw new ApiError('NOT_FOUND', `VirtualMachine ${disk.vm.ref.value} was not found`, {
      remedy: 'It was removed while its disk was being read.',
    })
  assertPoweredOff(vm)
  const currentDisk = disksOf(vm)?.find(({ device }) => device.key === disk.device.key)
  if (!currentDisk || JSON.stringify(liveDiskState(currentDisk)) !== JSON.stringify(liveDiskState(disk)))
    throw diskChangedError()
}

/** Creates the error for a live disk that changed during the scan. */
export const diskChangedError = (): ApiError =>
  new ApiError('CONFLICT', 'the disk or its virtual machine changed while the areas were being read', {
    state: 'changed',
    retryable: true,
    remedy: 'Start again without after, or take a snapshot and query the disk in that snapshot.',
  })
