// setChangeTracking: ReconfigVM_Task with changeTrackingEnabled, and if wanted a throw-away snapshot, so that tracking begins now.

import { type ManagedObject, whereReadable } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { Reader } from '../../planner/inventory-reader.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import { ApiError, badInput, noLongerThere } from '../errors/api-error.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { encodeId } from '../core/ids.ts'
import { awaitTask } from '../tasks/run-task.ts'
import { readForReasons } from '../virtual-machine/tracking-reasons.ts'
import { enabledPaths, isActiveNow, isEnabled, isSwitched, switchSpec } from '../virtual-machine/tracking-state.ts'
import { refuseBlocked } from './activation-blockers.ts'
import { leftOn } from './temporary-snapshot/snapshot-removal.ts'
import { wantedVirtualMachine, wantedVirtualMachineOptions } from './targets.ts'
import { checkWaitSeconds, runTask, virtualMachineOptions, waitSecondsOptions } from './task-mutation.ts'
import { ThrowAwaySnapshot } from './temporary-snapshot/temporary-snapshot.ts'
import { switchTo } from '../tasks/effect-checks.ts'

export interface ChangeTrackingSet {
  /** The last one begun; undefined when there was nothing to do. */
  readonly task: TaskInfo | undefined
  readonly activated: boolean | null
  readonly vm: ManagedObjectReference
  readonly reader: Reader
}

type Machine = ManagedObject<'VirtualMachine'>

const SetChangeTrackingInput = builder.inputType('SetChangeTrackingInput', {
  description: 'Of which virtual machine to track changed blocks, or not any more.',
  fields: (t) => ({
    virtualMachine: t.field(wantedVirtualMachineOptions),
    enabled: t.boolean({
      required: true,
      description: 'Whether it is to be on. Switched off, all changeIds from before are of no use any more.',
    }),
    activate: t.boolean({
      defaultValue: false,
      description:
        'Only with enabled: whether a throw-away snapshot is also taken and removed, so that tracking begins now rather than at the next power-on. Up to three tasks; cannot go with waitSeconds: 0. The snapshot is removed whatever happens. Rejected with CONFLICT, before anything is changed, if there are snapshots from before tracking, or if the virtual machine is suspended, a template or not readable.',
    }),
    waitSeconds: t.int({ ...waitSecondsOptions, defaultValue: 60 }),
  }),
})

builder.objectType('SetChangeTrackingPayload', {
  description: 'What was done, and the virtual machine after it.',
  fields: (t) => ({
    task: t.field({
      type: 'Task',
      description:
        'The task that was begun last: of ReconfigVM_Task, or with activate of CreateSnapshot_Task, then RemoveSnapshot_Task. Null when all was as wanted already.',
      resolve: ({ task }) => task ?? null,
    }),
    activated: t.exposeBoolean('activated', {
      description:
        'With activate: whether the disks that can be tracked really carry changeIds now. Null without it, and while it cannot be known.',
    }),
    virtualMachine: t.field(virtualMachineOptions),
  }),
})

builder.mutationField('setChangeTracking', (t) =>
  t.field({
    type: 'SetChangeTrackingPayload',
    args: {
      input: t.arg({ type: SetChangeTrackingInput, required: true, description: 'Of what, and how.' }),
    },
    description:
      'Switches changed block tracking on or off: ReconfigVM_Task with changeTrackingEnabled. What is as wanted already is left alone. Needs the privilege VirtualMachine.Config.ChangeTracking, and to activate it VirtualMachine.State.CreateSnapshot and RemoveSnapshot.',
    resolve: (_root, { input }, context) => setChangeTracking(input, context),
  }),
)

async function setChangeTracking(
  { virtualMachine, enabled, activate, waitSeconds }: typeof SetChangeTrackingInput.$inferInput,
  context: Context,
): Promise<ChangeTrackingSet> {
  checkWaitSeconds(waitSeconds)
  if (activate && !enabled) throw badInput('activate goes with enabled: true only')
  if (activate && waitSeconds === 0)
    throw badInput('activate takes several tasks one after the other, so waitSeconds cannot be 0')
  const vm = await wantedVirtualMachine(virtualMachine, context)
  const { change } = context
  // Until all that was wanted is known to be so.
  if (change) change.isUnfinished = true
  const deadline = performance.now() + waitSeconds * 1_000
  const before = await readWithoutLeft(vm, activate ?? false, deadline, context)
  const isAsWanted = isSwitched(before, enabled) === true
  const isDone = activate ? isEnabled(before) && isActiveNow(before) : isAsWanted
  if (change) change.isUnfinished = !isDone && (activate ?? false)
  if (isDone) return { task: undefined, activated: activate ? true : null, vm, reader: context.renewReader() }
  if (enabled) refuseBlocked(before, activate ?? false)

  const args = { spec: switchSpec(before, enabled) }
  const traces = switchTo(enabled, vm, context)
  const switched = isAsWanted
    ? undefined
    : await runTask({ method: 'ReconfigVM_Task', self: vm, args, traces, waitSeconds }, context)
  if (switched && (!activate || !hasEnded(switched.task))) return { ...switched, activated: null, vm }
  return { vm, ...(await activated(vm, deadline, switched?.task, context)) }
}

/**
 * Reads the virtual machine, and removes temporary snapshots that earlier calls left on it: before it is activated, where they
 * would be in the way, else in the background.
 */
async function readWithoutLeft(
  vm: ManagedObjectReference,
  activate: boolean,
  deadline: number,
  context: Context,
): Promise<Machine> {
  const before = await readBefore(vm, activate, context)
  // What is removed in the background is no part of this change.
  const detached = activate ? context.detached() : { ...context.detached(), change: undefined }
  const left = whereReadable(() => leftOn(before, detached), [])
  if (left.length === 0) return before
  const { background } = context.vcenter
  for (const removal of left) removal.warn('was left by an earlier call and is removed now')
  const removing = background.run(() =>
    Promise.all(left.map((removal) => (activate ? removal.removeOrWatch() : removal.keepRemoving()))),
  )
  if (!activate) return before
  await untilDeadline(removing, deadline, context)
  return readBefore(vm, activate, context)
}

/** As it is now, with no more than what decides. */
async function readBefore(vm: ManagedObjectReference, activate: boolean, context: Context): Promise<Machine> {
  const node = new PlanNode('VirtualMachine').read(
    ...enabledPaths,
    'config.version',
    'capability.changeTrackingSupported',
    'snapshot',
  )
  if (activate) readForReasons(node)
  const machine = await context.freshReader().object(vm, node)
  if (machine) return machine
  throw noLongerThere(`VirtualMachine ${vm.value}`)
}

/** Takes a snapshot and removes it. The wait for that ends with the time; the work does not. */
async function activated(
  vm: ManagedObjectReference,
  deadline: number,
  switched: TaskInfo | undefined,
  context: Context,
): Promise<Pick<ChangeTrackingSet, 'task' | 'activated' | 'reader'>> {
  const snapshot = new ThrowAwaySnapshot(vm, context)
  const activation = await untilDeadline(snapshot.done, deadline, context).catch((error) => {
    const isOutOfTime = error === context.allowance.exceeded
    throw isOutOfTime ? goesOn(vm, snapshot.last?.task ?? switched?.task, error, context) : error
  })
  const reader = context.renewReader()
  if (activation) return { task: activation.task, activated: activation.isActive, reader }
  const { last } = snapshot
  if (!last) return { task: switched, activated: null, reader }
  const task = await awaitTask(last.task, 0, last.traces, reader, context)
  if (task.error) throw new TaskError(last.task, task.error)
  return { task, activated: null, reader }
}

/** The operation may wait no longer. What it has begun does not end with it, so it is not to be sent again. */
const goesOn = (
  vm: ManagedObjectReference,
  task: ManagedObjectReference | undefined,
  cause: Error,
  context: Context,
): ApiError =>
  new ApiError(
    'OUTCOME_UNKNOWN',
    `${cause.message}, while change tracking of ${vm.value} was being begun`,
    {
      ...(task && { task: { id: encodeId(context, task), moid: task.value } }),
      remedy: 'The gateway goes on with it, and removes its snapshot. Look at changeTracking after a while.',
    },
    { cause },
  )

/** Undefined when the time is up first. */
async function untilDeadline<T>(
  promise: Promise<T>,
  deadline: number,
  { scope: { signal } }: Context,
): Promise<T | undefined> {
  signal?.throwIfAborted()
  // No AbortSignal.any: the server's own signal does not say that it is aborted once it was given to that.
  let leave = () => {}
  const left = new Promise<undefined>((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), Math.max(0, deadline - performance.now()))
    const abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort)
    leave = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  })
  try {
    return await Promise.race([promise, left])
  } finally {
    leave()
  }
}
