// Where the windows of one disk come from, and what ties them together. A snapshot stands still. A live disk does not: only
// while its virtual machine is off, and nothing but looking again tells that it was off all the while.

import { PlanNode } from '../../planner/plan-node.ts'
import { changedDiskWindows, type WindowBounds } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import { queryChangedDiskAreas } from '../../vim25/changed-disk-areas/query-changed-disk-areas.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors/api-error.ts'
import { backingOf, capacityOf, type Disk, devicePath, disksOf } from '../virtual-machine/disk.ts'
import type { WindowSource } from './area-scans.ts'
import { queryError } from './query-error.ts'

/** What a live disk's state is told by: whoever writes to it, resizes it or resets its tracking changes one of them. */
export const statePaths = ['runtime.powerState', 'config.changeVersion'] as const

/** The disk's areas since a changeId, window by window. */
export function areaSource(disk: Disk, changeId: string, capacity: number, context: Context): WindowSource {
  const { vm, snapshot, device } = disk
  const { session } = context.vcenter
  const { callOptions } = context
  const query = async (startOffset: number, onBounds: (place: WindowBounds) => void) => {
    try {
      const args = { snapshot: snapshot?.tree.snapshot, deviceKey: device.key, startOffset, changeId }
      return await session.withLogin(
        (login) => queryChangedDiskAreas(login, vm.ref, args, callOptions, onBounds),
        callOptions,
      )
    } catch (error) {
      const mappedError = queryError(error, changeId)
      // Of a machine that runs, vSphere says that the disk is not tracked, or that its file cannot be opened.
      if (mappedError !== error && !snapshot) await confirmUnchanged(disk, context)
      throw mappedError
    }
  }
  return {
    // A live disk is looked at after each window, and what was asked before that would be of the time before.
    windows: (startOffset, prefetch) =>
      changedDiskWindows(query, capacity, startOffset, prefetch && snapshot !== undefined),
    ...(!snapshot && { confirm: () => confirmUnchanged(disk, context) }),
  }
}

/** Names the state of a live disk; null for one that cannot change. A power cycle passes its changeId or the changeVersion. */
export const liveDiskState = (disk: Disk): readonly unknown[] | null =>
  disk.snapshot
    ? null
    : [
        backingOf(disk).changeId,
        backingOf(disk).uuid,
        capacityOf(disk),
        disk.vm.tryRead('config.changeVersion'),
      ]

/** Refuses a virtual machine that is not powered off. Needs `statePaths`. */
export function assertPoweredOff(vm: Disk['vm']): void {
  const state = vm.read('runtime.powerState')
  if (state === 'poweredOff') return
  throw new ApiError(
    'CONFLICT',
    'the disk of a virtual machine that is not powered off cannot be queried as it is now',
    { state: state ?? 'unknown', remedy: 'Take a snapshot and ask the disk in it.' },
  )
}

/** Looks at the disk again. What has changed since it was read makes all windows of it worthless. */
async function confirmUnchanged(disk: Disk, context: Context): Promise<void> {
  const plan = new PlanNode('VirtualMachine', devicePath, ...statePaths)
  const vm = await context.freshReader().object(disk.vm.ref, plan)
  if (!vm)
    throw new ApiError('NOT_FOUND', `there is no virtual machine ${disk.vm.ref.value} any more`, {
      remedy: 'It was removed while its disk was read.',
    })
  assertPoweredOff(vm)
  const currentDisk = disksOf(vm)?.find(({ device }) => device.key === disk.device.key)
  if (!currentDisk || JSON.stringify(liveDiskState(currentDisk)) !== JSON.stringify(liveDiskState(disk)))
    throw diskChangedError()
}

/** The error for a live disk that is not any more what it was when its map was begun. */
export const diskChangedError = (): ApiError =>
  new ApiError('CONFLICT', 'the disk, or its virtual machine, was changed while the map was read', {
    state: 'changed',
    retryable: true,
    remedy: 'Begin the map again without after, or take a snapshot and ask the disk in it.',
  })
