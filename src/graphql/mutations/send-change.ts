// A mutation's call. What is in its way is told with what it does, since "another task" alone helps nobody.

import type { MethodArgs, MethodName, MethodResult } from '../../soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { ApiError } from '../api-error.ts'
import { classifyError } from '../classify-error.ts'
import type { Context } from '../context.ts'
import { encodeId } from '../ids.ts'
import { loadTask } from '../load-node.ts'
import { changing } from '../run-task.ts'

/** Makes a call that changes something, once; see `changing`. */
export async function sendChange<M extends MethodName>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  context: Context,
): Promise<MethodResult<M>> {
  try {
    return await changing(method, self, args, context)
  } catch (error) {
    if (!(error instanceof VimFaultError) || !error.is('TaskInProgress')) throw error
    throw (await namingTheTask(error, context)) ?? error
  }
}

/** Undefined when nothing more can be told of the task than the fault tells. */
async function namingTheTask(error: VimFaultError, context: Context): Promise<ApiError | undefined> {
  const { task } = error.fault as DataObject<'TaskInProgress'>
  const info = task && (await loadTask(task, context.freshReader()).catch(() => undefined))
  if (!info) return undefined
  const { code, message, taskRef: _, ...details } = classifyError(error)
  return new ApiError(
    code,
    `${message} It is ${info.descriptionId} (${task.value}).`,
    { ...details, task: { id: encodeId(context, task), moid: task.value } },
    { cause: error },
  )
}
