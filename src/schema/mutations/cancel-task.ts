// cancelTask: CancelTask. It asks the task to end; when and how it does, the task tells.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { encodeId } from '../core/ids.ts'
import { loadTask } from '../core/load-node.ts'
import { ApiError } from '../errors/api-error.ts'
import type { Observation } from '../tasks/recover-task.ts'
import { callDescribingConflict } from './send-change.ts'
import { requireId } from './targets.ts'

export interface CanceledTask {
  /** Read after the call; what fails with it is an error of the field alone, since the task was cancelled. */
  readonly task: Promise<TaskInfo | undefined>
}

const CancelTaskInput = builder.inputType('CancelTaskInput', {
  description: 'Which task to cancel.',
  fields: (t) => ({ task: t.id({ required: true, description: 'The global id of the task.' }) }),
})

builder.objectType('CancelTaskPayload', {
  description: 'What was cancelled.',
  fields: (t) => ({
    task: t.field({
      type: 'Task',
      description:
        'The task, read after the call. It may run on for a while with canceled set, and then ends with an error, or has been quicker and succeeds.',
      resolve: async ({ task }) => (await task) ?? null,
    }),
  }),
})

builder.mutationField('cancelTask', (t) =>
  t.field({
    type: 'CancelTaskPayload',
    args: { input: t.arg({ type: CancelTaskInput, required: true, description: 'What to cancel.' }) },
    description:
      'Cancels a task: CancelTask. One that has ended or cannot be cancelled (see Task.cancelable) is CONFLICT. Needs the privilege Global.CancelTask for tasks of other users.',
    resolve: async (_root, { input }, context) => {
      const ref = await requireId(input.task, 'Task', context)
      try {
        await callDescribingConflict('CancelTask', ref, {}, () => verifyCancel(ref, context), context)
      } catch (error) {
        throw (await describeCancelConflict(ref, error, context)) ?? error
      }
      const task = loadTask(ref, context.resetReader())
      const about = await task.catch(() => undefined)
      if (about?.entity) {
        const name = about.entityName && unescapeName(about.entityName)
        context.mutation?.setSubject({ ref: about.entity, name })
      }
      return { task }
    },
  }),
)

/** CancelTask, no task: it stands once the task says that somebody asked it to end. */
async function verifyCancel(ref: ManagedObjectReference, context: Context): Promise<Observation> {
  const info = await loadTask(ref, context.freshReader())
  if (!info) return { applied: undefined, description: `the vCenter does not know ${ref.value} any more` }
  const { state, cancelled } = info
  return {
    applied: cancelled,
    description: `${ref.value} is ${state}, and ${cancelled ? '' : 'not '}cancelled`,
  }
}

/** What of the task was in the way; undefined when it was something else. */
async function describeCancelConflict(
  ref: ManagedObjectReference,
  error: unknown,
  context: Context,
): Promise<ApiError | undefined> {
  if (!(error instanceof VimFaultError) || !(error.is('InvalidState') || error.is('NotSupported')))
    return undefined
  const info = await loadTask(ref, context.freshReader()).catch(() => undefined)
  if (!info) return undefined
  const problem = hasEnded(info)
    ? `has ended already, with ${info.state}`
    : `is ${info.state} and cannot be cancelled`
  return new ApiError(
    'CONFLICT',
    `${info.descriptionId} (${ref.value}) ${problem}`,
    {
      fault: error.faultName,
      state: info.state,
      task: { id: encodeId(context, ref), moid: ref.value },
      remedy: hasEnded(info) ? 'Nothing is left to cancel.' : 'Wait until it has ended.',
    },
    { cause: error },
  )
}
