// Removes the snapshot of a capture, found by its marker. Concurrent removals of one capture share one call.

import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { VCenterContext } from '../context.ts'
import { runToCompletion } from '../mutations/change-tracking/snapshot-removal.ts'
import { verifyRemove } from '../tasks/effect-checks.ts'
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
  { nonce }: CaptureMarker,
  context: VCenterContext,
): Promise<void> {
  const { captures, backgroundJobs } = context.vcenter
  const running = removals.get(captures) ?? new Map<string, Promise<void>>()
  removals.set(captures, running)
  const removal =
    running.get(nonce) ??
    backgroundJobs.run(() => remove(vm, nonce, context)).finally(() => running.delete(nonce))
  running.set(nonce, removal)
  return removal
}

async function remove(vm: ManagedObjectReference, nonce: string, context: VCenterContext): Promise<void> {
  // Read again right before the call: a user may have changed the description to keep the snapshot.
  const held = (await loadHeldCaptures(vm, context)).find(({ marker }) => marker.nonce === nonce)
  if (!held) return
  const self = held.snapshot.tree.snapshot
  try {
    await runToCompletion(
      {
        method: 'RemoveSnapshot_Task',
        self,
        args: { removeChildren: false, consolidate: true },
        effectCheck: verifyRemove(vm, [self], context),
      },
      context,
    )
  } catch (error) {
    if (!(error instanceof VimFaultError && error.is('ManagedObjectNotFound'))) throw error
  }
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
