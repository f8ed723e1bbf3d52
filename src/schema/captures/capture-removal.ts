// Removes the snapshot of a capture, found by its marker. Concurrent removals of one capture share one call.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { VCenterContext } from '../context.ts'
import { ApiError } from '../errors/api-error.ts'
import { runToCompletion } from '../mutations/change-tracking/snapshot-removal.ts'
import { verifyRemove } from '../tasks/effect-checks.ts'
import { snapshotByRef } from '../virtual-machine/snapshots/snapshot-tree.ts'
import type { CaptureMarker } from './capture-marker.ts'
import type { Captures } from './captures.ts'
import { type HeldCapture, heldCaptures, planHeldCaptures } from './held-captures.ts'

/** The removals that run, by connection and nonce. */
const removals = new WeakMap<Captures, Map<string, Promise<void>>>()

/** Reads the captures on a virtual machine; none if it no longer exists. */
export async function loadHeldCaptures(
  vm: ManagedObjectReference,
  { vcenter }: VCenterContext,
): Promise<HeldCapture[]> {
  const machine = await vcenter.freshReader().object(vm, planHeldCaptures(new PlanNode('VirtualMachine')))
  return machine ? heldCaptures(machine, vcenter) : []
}

/**
 * Removes the snapshot of a capture, unless it no longer has its marker, and waits for the end.
 * @param context a background context, so that a client that disconnects does not abort the work
 */
export function removeCapture(
  vm: ManagedObjectReference,
  marker: CaptureMarker,
  context: VCenterContext,
): Promise<void> {
  const { nonce } = marker
  const { captures, backgroundJobs } = context.vcenter
  const running = removals.get(captures) ?? new Map<string, Promise<void>>()
  removals.set(captures, running)
  const removal =
    running.get(nonce) ??
    backgroundJobs.run(() => remove(vm, marker, context)).finally(() => running.delete(nonce))
  running.set(nonce, removal)
  return removal
}

async function remove(
  vm: ManagedObjectReference,
  marker: CaptureMarker,
  context: VCenterContext,
): Promise<void> {
  const isOfMarker = (each: HeldCapture) => each.marker.nonce === marker.nonce
  // Read again right before the call: a user may have changed the description to keep the snapshot.
  const held = (await loadHeldCaptures(vm, context)).find(isOfMarker)
  if (!held) return
  const self = held.snapshot.tree.snapshot
  const call = {
    method: 'RemoveSnapshot_Task',
    self,
    args: { removeChildren: false, consolidate: true },
    effectCheck: verifyRemove(vm, [self], context),
  } as const
  const problem = await runToCompletion(call, context).then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  const after = await loadAfterRemoval(vm, context).catch(() => undefined)
  if (problem && !(after && !snapshotByRef(after, self))) throw problem.error
  if (after?.tryRead(consolidationPath))
    warnOfCapture(vm, marker, 'was removed; the disks need consolidation: run consolidateDisks', context)
}

const consolidationPath = 'runtime.consolidationNeeded'

/** Reads what the removal of a snapshot has left; undefined if the virtual machine no longer exists. */
export const loadAfterRemoval = (
  vm: ManagedObjectReference,
  { vcenter }: VCenterContext,
): Promise<ManagedObject<'VirtualMachine'> | undefined> =>
  vcenter.freshReader().object(vm, new PlanNode('VirtualMachine', 'snapshot', consolidationPath))

/**
 * Removes captures whose lease has ended, except those that this gateway reads.
 * @throws ApiError CONFLICT if it reads the one that has the key
 */
export async function removeExpired(
  vm: ManagedObjectReference,
  key: string,
  expired: readonly HeldCapture[],
  context: VCenterContext,
): Promise<void> {
  for (const { snapshot, marker } of expired) {
    if (!context.vcenter.captures.shared.isBeingRead(snapshot.tree.snapshot)) {
      warnOfCapture(vm, marker, 'was not released before its lease ended, and is being removed', context)
      await removeCapture(vm, marker, context)
    } else if (marker.key === key)
      throw new ApiError('CONFLICT', `the lease of ${JSON.stringify(key)} has ended`, {
        state: 'expired',
        retryable: true,
        remedy: 'Stop reading its areas, and repeat the request.',
      })
  }
}

/** Returns the oldest of several captures with one key, and removes the others: their calls took effect late. */
export function keepOldest(
  vm: ManagedObjectReference,
  captures: readonly HeldCapture[],
  context: VCenterContext,
): HeldCapture | undefined {
  const [oldest, ...others] = [...captures].sort(
    ({ snapshot: { tree: one } }, { snapshot: { tree: other } }) =>
      one.createTime.getTime() - other.createTime.getTime() || (one.id ?? 0) - (other.id ?? 0),
  )
  for (const { marker } of others) {
    warnOfCapture(vm, marker, 'was taken twice; the later snapshot is being removed', context)
    void removeCapture(vm, marker, context).catch((error) => {
      warnOfCapture(vm, marker, `has a second snapshot that was not removed: ${String(error)}`, context)
    })
  }
  return oldest
}

/** Logs what happens to the snapshot of a capture. */
export function warnOfCapture(
  vm: ManagedObjectReference,
  { key }: CaptureMarker,
  problem: string,
  { vcenter: { name, backgroundJobs } }: VCenterContext,
): void {
  backgroundJobs.warn(`${name}: the capture ${JSON.stringify(key)} of ${vm.value} ${problem}`)
}
