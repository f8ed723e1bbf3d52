// The releaseCapture mutation: ends a capture by removing its snapshot, by RemoveSnapshot_Task.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError, VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { Context, VCenterContext } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { ApiError, badInput } from '../errors/api-error.ts'
import { declareMutation } from '../mutations/declare-mutation.ts'
import { requireId, virtualMachineOf } from '../mutations/targets.ts'
import {
  assertWaitSeconds,
  runTask,
  virtualMachineOptions,
  waitSecondsOptions,
} from '../mutations/task-mutation.ts'
import { verifyRemove } from '../tasks/effect-checks.ts'
import { loadTask } from '../tasks/load-task.ts'
import { snapshotByRef } from '../virtual-machine/snapshots/snapshot-tree.ts'
import { loadAfterRemoval } from './capture-removal.ts'
import { heldCaptures, planHeldCaptures } from './held-captures.ts'

interface ReleaseCaptureResult {
  readonly task: TaskInfo | undefined
  /** Undefined if the snapshot did not exist: only it leads to its virtual machine. */
  readonly vm: ManagedObjectReference | undefined
  readonly reader: InventoryReader
}

declareMutation('releaseCapture', {
  description:
    'Ends a capture by removing its snapshot. The current data of the disks is kept, and stored tokens stay valid. Succeeds if the snapshot no longer exists, which the gateway cannot distinguish from one that the account may not see, and if it was removed but its disk files could not be merged. Needs the privilege VirtualMachine.State.RemoveSnapshot. Source: `RemoveSnapshot_Task`.',
  input: {
    description: 'The capture to end.',
    fields: (t) => ({
      snapshot: t.id({
        required: true,
        description:
          'Global id of the snapshot of the capture. One that captureChanges did not take is rejected with BAD_USER_INPUT.',
      }),
      waitSeconds: t.int(waitSecondsOptions),
    }),
  },
  resolve: (input, context) => releaseCapture(input, context),
  payload: {
    description: 'The task, and the virtual machine after it.',
    fields: (t) => ({
      task: t.field({
        type: 'Task',
        description:
          'The task that removes the snapshot. It has an error if the snapshot was removed, but its disk files could not be merged. Null if the snapshot no longer existed. Source: `RemoveSnapshot_Task`.',
        resolve: ({ task, reader }) => (task ? { ...task, source: reader.source } : null),
      }),
      virtualMachine: t.field({
        ...noRequirements,
        type: 'VirtualMachine',
        description:
          'The virtual machine, read after the task: its `consolidationNeeded` reports whether disk files were left behind. Null if the snapshot no longer existed.',
        resolve: ({ vm, reader }, args, context, info) =>
          vm ? virtualMachineOptions.resolve({ vm, reader }, args, context, info) : null,
      }),
    }),
  },
})

async function releaseCapture(
  { snapshot: id, waitSeconds }: { readonly snapshot: string; readonly waitSeconds: number },
  requestContext: Context,
): Promise<ReleaseCaptureResult> {
  assertWaitSeconds(waitSeconds)
  const { ref: snapshot, context } = await requireId(id, 'Snapshot', requestContext)
  const { vcenter } = context
  const machine = await ifFound(virtualMachineOf(snapshot, context, planHeldCaptures))
  if (!machine) return { task: undefined, vm: undefined, reader: vcenter.resetReader() }
  const vm = machine.ref
  const held = heldCaptures(machine, vcenter).find(
    (each) => each.snapshot.tree.snapshot.value === snapshot.value,
  )
  if (!held)
    throw badInput(
      `${snapshot.value} of ${vm.value} is not a snapshot of captureChanges, or its description was changed, or was signed with another key`,
      'Remove other snapshots with removeSnapshot.',
    )
  const args = { removeChildren: false, consolidate: true }
  const effectCheck = verifyRemove(vm, [snapshot], context)
  const call = { method: 'RemoveSnapshot_Task', self: snapshot, args, effectCheck } as const
  const result = await runTask({ ...call, waitSeconds }, context).catch((error) =>
    ifRemoved(error, vm, snapshot, context),
  )
  if (!result.task || hasEnded(result.task)) vcenter.captures.leaseTimer?.cancel(held.marker)
  return { vm, ...result }
}

/**
 * Returns the task that failed, if the snapshot no longer exists all the same: another client has removed it, or its disk files could not be
 * merged.
 * @throws the error, if the snapshot exists or cannot be read
 */
async function ifRemoved(
  error: unknown,
  vm: ManagedObjectReference,
  snapshot: ManagedObjectReference,
  context: VCenterContext,
): Promise<Pick<ReleaseCaptureResult, 'task' | 'reader'>> {
  if (!(error instanceof VimFaultError)) throw error
  const reader = context.vcenter.resetReader()
  const [machine, task] = await Promise.all([
    loadAfterRemoval(vm, context),
    error instanceof TaskError ? loadTask(error.task, reader) : undefined,
  ]).catch(() => [])
  if (!machine || snapshotByRef(machine, snapshot)) throw error
  return { task, reader }
}

/** Returns undefined if the snapshot no longer exists. */
const ifFound = (
  machine: Promise<ManagedObject<'VirtualMachine'>>,
): Promise<ManagedObject<'VirtualMachine'> | undefined> =>
  machine.catch((error) => {
    if (error instanceof ApiError && error.code === 'NOT_FOUND') return undefined
    throw error
  })
