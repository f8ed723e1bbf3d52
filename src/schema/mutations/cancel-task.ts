// The cancelTask mutation, by CancelTask. The call only requests cancellation; the task reports when and how it ends.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'
import { hasEnded } from '../../vim25/tasks/task-watcher.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { VCenterContext } from '../context.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { ApiError } from '../errors/api-error.ts'
import { loadTask } from '../tasks/load-task.ts'
import type { Observation } from '../tasks/recover-task.ts'
import { declareMutation } from './declare-mutation.ts'
import { callDescribingConflict } from './send-change.ts'
import { requireId } from './targets.ts'

declareMutation('cancelTask', {
  description:
    'Requests that a task be canceled. Fails with CONFLICT if the task has ended or cannot be canceled (see Task.cancelable). Needs the privilege Global.CancelTask for tasks of other users. Source: `CancelTask`.',
  input: {
    description: 'The task to cancel.',
    fields: (t) => ({ task: t.id({ required: true, description: 'Global id of the task.' }) }),
  },
  resolve: async (input, requestContext) => {
    const { ref, context } = await requireId(input.task, 'Task', requestContext)
    try {
      await callDescribingConflict('CancelTask', ref, {}, () => verifyCancel(ref, context), context)
    } catch (error) {
      throw (await describeCancelConflict(ref, error, context)) ?? error
    }
    const task = loadTask(ref, context.vcenter.resetReader())
    const canceledTask = await task.catch(() => undefined)
    if (canceledTask?.entity) {
      const name = canceledTask.entityName && unescapeName(canceledTask.entityName)
      context.mutation?.setSubject({ ref: canceledTask.entity, name })
    }
    return { task }
  },
  payload: {
    description: 'The task after the cancellation was requested.',
    fields: (t) => ({
      task: t.field({
        type: 'Task',
        description:
          'The task, read after the call. It may continue to run for a while with canceled set; then it ends with an error, or succeeds if it finished first.',
        // An error of the read fails only this field, because the task was canceled.
        resolve: async ({ task }) => (await task) ?? null,
      }),
    }),
  },
})

/** Observes the effect of CancelTask, which starts no task: applied once the task has its `cancelled` flag set. */
async function verifyCancel(ref: ManagedObjectReference, context: VCenterContext): Promise<Observation> {
  const info = await loadTask(ref, context.vcenter.freshReader())
  if (!info) return { applied: undefined, description: `the vCenter no longer has ${ref.value}` }
  const { state, cancelled } = info
  return {
    applied: cancelled,
    description: `${ref.value} is ${state}, and is ${cancelled ? '' : 'not '}canceled`,
  }
}

/** Returns the CONFLICT that the state of the task causes; undefined if the error has another cause. */
async function describeCancelConflict(
  ref: ManagedObjectReference,
  error: unknown,
  context: VCenterContext,
): Promise<ApiError | undefined> {
  if (!(error instanceof VimFaultError) || !(error.is('InvalidState') || error.is('NotSupported')))
    return undefined
  const info = await loadTask(ref, context.vcenter.freshReader()).catch(() => undefined)
  if (!info) return undefined
  const problem = hasEnded(info)
    ? `has already ended with ${info.state}`
    : `is ${info.state} and cannot be canceled`
  return new ApiError(
    'CONFLICT',
    `${info.descriptionId} (${ref.value}) ${problem}`,
    {
      fault: error.faultName,
      state: info.state,
      task: { id: encodeId(context.vcenter, ref), moid: ref.value },
      remedy: hasEnded(info) ? 'There is nothing to cancel.' : 'Wait until the task has ended.',
    },
    { cause: error },
  )
}
