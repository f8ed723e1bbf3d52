// The setChangeTracking mutation: sets changeTrackingEnabled by ReconfigVM_Task, and on request takes a temporary snapshot so that
// tracking becomes active now.

import { withTimeout } from '../../../concurrency/timing.ts'
import type { InventoryReader } from '../../../planner/inventory-reader.ts'
import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { hasEnded, type TaskInfo } from '../../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../../vim25/vim-fault-error.ts'
import type { Context, VCenterContext } from '../../context.ts'
import type { LookupInput } from '../../core/lookup.ts'
import { encodeId } from '../../core/nodes/ids.ts'
import { ApiError, badInput, notFoundError } from '../../errors/api-error.ts'
import { verifyToggle } from '../../tasks/effect-checks.ts'
import { awaitTask } from '../../tasks/run-task.ts'
import { planTrackingReasons } from '../../virtual-machine/change-tracking/reasons.ts'
import {
  enabledPaths,
  isActiveNow,
  isEnabled,
  isTrackingSetTo,
  trackingConfigSpec,
} from '../../virtual-machine/change-tracking/tracking-state.ts'
import { declareMutation } from '../declare-mutation.ts'
import { requireVirtualMachine, virtualMachineArgOptions } from '../targets.ts'
import { assertWaitSeconds, runTask, virtualMachineOptions, waitSecondsOptions } from '../task-mutation.ts'
import { assertNotBlocked } from './activation-blockers.ts'
import { leftoverRemovals } from './snapshot-removal.ts'
import { TemporarySnapshot } from './temporary-snapshot.ts'

interface SetChangeTrackingResult {
  /** The last task that was started; undefined if there was nothing to do. */
  readonly task: TaskInfo | undefined
  readonly activated: boolean | null
  readonly vm: ManagedObjectReference
  readonly reader: InventoryReader
}

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

declareMutation('setChangeTracking', {
  description:
    'Enables or disables changed block tracking (CBT). Does nothing if it is already set as requested. Needs the privilege VirtualMachine.Config.ChangeTracking; with activate, also VirtualMachine.State.CreateSnapshot and VirtualMachine.State.RemoveSnapshot. Source: `ReconfigVM_Task` with changeTrackingEnabled.',
  input: {
    description: 'The virtual machine, and whether to track its changed blocks.',
    fields: (t) => ({
      virtualMachine: t.field(virtualMachineArgOptions),
      enabled: t.boolean({
        required: true,
        description:
          'Whether changed blocks are to be tracked. Disabling it invalidates all stored changeIds. Source: `config.changeTrackingEnabled`.',
      }),
      activate: t.boolean({
        defaultValue: false,
        description:
          'Whether to take and remove a temporary snapshot, so that tracking becomes active now instead of at the next power-on. Only with enabled: true. Runs up to three tasks and cannot be combined with waitSeconds: 0. The snapshot is removed in any case. Fails with CONFLICT, before anything is changed, if there are snapshots from before tracking was enabled, or if the virtual machine is suspended, a template or not readable.',
      }),
      waitSeconds: t.int({ ...waitSecondsOptions, defaultValue: 60 }),
    }),
  },
  resolve: (input, context) => setChangeTracking(input, context),
  payload: {
    description: 'The last task, and the virtual machine after it.',
    fields: (t) => ({
      task: t.field({
        type: 'Task',
        description:
          'The task that was started last. Null if nothing had to be changed. Source: `ReconfigVM_Task`; with activate, then `CreateSnapshot_Task` and `RemoveSnapshot_Task`.',
        resolve: ({ task, reader }) => (task ? { ...task, source: reader.source } : null),
      }),
      activated: t.exposeBoolean('activated', {
        description:
          'With activate: whether all disks that can be tracked have changeIds now. Null without activate, and while this is not known. Source: `backing.changeId` of the disks.',
      }),
      virtualMachine: t.field(virtualMachineOptions),
    }),
  },
})

interface SetChangeTrackingInput {
  readonly virtualMachine: LookupInput
  readonly enabled: boolean
  readonly activate?: boolean | null | undefined
  readonly waitSeconds: number
}

async function setChangeTracking(
  { virtualMachine, enabled, activate, waitSeconds }: SetChangeTrackingInput,
  requestContext: Context,
): Promise<SetChangeTrackingResult> {
  assertWaitSeconds(waitSeconds)
  if (activate && !enabled)
    throw badInput('activate requires enabled: true', 'Omit activate to switch change tracking off.')
  if (activate && waitSeconds === 0)
    throw badInput(
      'activate runs several tasks in sequence, so waitSeconds must not be 0',
      'Pass the time that its tasks may take, such as 60.',
    )
  const { ref: vm, context } = await requireVirtualMachine(virtualMachine, requestContext)
  const { mutation } = context
  // Unfinished until the requested state is confirmed.
  if (mutation) mutation.isUnfinished = true
  const deadline = performance.now() + waitSeconds * 1_000
  const before = await loadWithoutLeftovers(vm, activate ?? false, deadline, context)
  const isAlreadySet = isTrackingSetTo(before, enabled) === true
  const isNoOp = activate ? isEnabled(before) && isActiveNow(before) : isAlreadySet
  if (mutation) mutation.isUnfinished = !isNoOp && (activate ?? false)
  if (isNoOp)
    return { task: undefined, activated: activate ? true : null, vm, reader: context.vcenter.resetReader() }
  if (enabled) assertNotBlocked(before, activate ?? false)

  const args = { spec: trackingConfigSpec(before, enabled) }
  const effectCheck = verifyToggle(enabled, vm, context)
  const reconfigured = isAlreadySet
    ? undefined
    : await runTask({ method: 'ReconfigVM_Task', self: vm, args, effectCheck, waitSeconds }, context)
  if (reconfigured && (!activate || !hasEnded(reconfigured.task)))
    return { ...reconfigured, activated: null, vm }
  return { vm, ...(await activateTracking(vm, deadline, reconfigured?.task, context)) }
}

/**
 * Reads the virtual machine and removes temporary snapshots that earlier calls left on it. With `activate`, the removal is
 * awaited, because they would block the activation; otherwise it runs in the background.
 */
async function loadWithoutLeftovers(
  vm: ManagedObjectReference,
  activate: boolean,
  deadline: number,
  context: VCenterContext,
): Promise<VirtualMachineObject> {
  const before = await loadBefore(vm, activate, context)
  // A removal in the background is not part of this mutation.
  const background = activate ? context.forBackground() : { ...context.forBackground(), mutation: undefined }
  const leftovers = readOr(() => leftoverRemovals(before, background), [])
  if (leftovers.length === 0) return before
  const { backgroundJobs } = context.vcenter
  for (const removal of leftovers) removal.warn('was left by an earlier call and is being removed')
  const removing = backgroundJobs.run(() =>
    Promise.all(leftovers.map((removal) => (activate ? removal.removeOrWatch() : removal.retryRemoval()))),
  )
  if (!activate) return before
  await untilDeadline(removing, deadline, context)
  return loadBefore(vm, activate, context)
}

/** Reads the current state of the virtual machine, with only the properties that the decision needs. */
async function loadBefore(
  vm: ManagedObjectReference,
  activate: boolean,
  context: VCenterContext,
): Promise<VirtualMachineObject> {
  const node = new PlanNode('VirtualMachine').read(
    'name',
    ...enabledPaths,
    'config.version',
    'capability.changeTrackingSupported',
    'snapshot',
  )
  if (activate) planTrackingReasons(node)
  const machine = await context.vcenter.freshReader().object(vm, node)
  if (machine) return machine
  throw notFoundError(`VirtualMachine ${vm.value}`)
}

/** Takes a snapshot and removes it. Waits until the deadline; the work continues in the background after it. */
async function activateTracking(
  vm: ManagedObjectReference,
  deadline: number,
  reconfigured: TaskInfo | undefined,
  context: VCenterContext,
): Promise<Pick<SetChangeTrackingResult, 'task' | 'activated' | 'reader'>> {
  const snapshot = new TemporarySnapshot(vm, context)
  const activation = await untilDeadline(snapshot.done, deadline, context).catch((error) => {
    const isOutOfTime = error === context.budget.exceededError
    throw isOutOfTime
      ? continuesInBackgroundError(vm, snapshot.last?.task ?? reconfigured?.task, error, context)
      : error
  })
  const reader = context.vcenter.resetReader()
  if (activation) return { task: activation.task, activated: activation.isActive, reader }
  const { last } = snapshot
  if (!last) return { task: reconfigured, activated: null, reader }
  const task = await awaitTask(last.task, 0, last.effectCheck, reader, context)
  if (task.error) throw new TaskError(last.task, task.error, task.descriptionId)
  return { task, activated: null, reader }
}

/** The error for an operation that exceeded its limit. Its activation continues, so the client must not retry it blindly. */
const continuesInBackgroundError = (
  vm: ManagedObjectReference,
  task: ManagedObjectReference | undefined,
  cause: Error,
  context: VCenterContext,
): ApiError =>
  new ApiError(
    'OUTCOME_UNKNOWN',
    `${cause.message} while change tracking of ${vm.value} was being activated`,
    {
      ...(task && { task: { id: encodeId(context.vcenter, task), moid: task.value } }),
      remedy:
        'The gateway continues the activation and removes its temporary snapshot. Check changeTracking later.',
    },
    { cause },
  )

/** Resolves to undefined if the deadline passes first. Rejects if the signal is aborted first. */
const untilDeadline = <T>(
  promise: Promise<T>,
  deadline: number,
  { callOptions: { signal } }: Context,
): Promise<T | undefined> => withTimeout(promise, Math.max(0, deadline - performance.now()), signal)
