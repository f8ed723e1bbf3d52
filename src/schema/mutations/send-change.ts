// Sends the calls of mutations. If another task blocks a call, the error names that task and its operation.

import type { MethodArgs, MethodName } from '../../soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { TaskError, VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { VCenterContext } from '../context.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { ApiError } from '../errors/api-error.ts'
import { classifyError } from '../errors/classify-error.ts'
import { loadTask } from '../tasks/load-task.ts'
import type { Observation } from '../tasks/recover-task.ts'
import { callOnce, startTask, type TaskCall, type TaskMethod } from '../tasks/run-task.ts'

/** Starts a task with a single call, and names a blocking task in the error; see `startTask`. */
export const startTaskDescribingConflict = <M extends TaskMethod>(
  call: TaskCall<M>,
  context: VCenterContext,
): Promise<ManagedObjectReference> =>
  startTask(call, context).catch((error) => describeConflict(error, context))

/** Makes a write call that starts no task, and names a blocking task in the error; see `callOnce`. */
export const callDescribingConflict = <M extends Exclude<MethodName, TaskMethod>>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  observe: () => Promise<Observation>,
  context: VCenterContext,
  object = self,
): Promise<void> =>
  callOnce(method, self, args, observe, context, object).catch((error) => describeConflict(error, context))

/**
 * Rethrows an error of a call or a task, with details of the blocking task if there is one.
 * @throws ApiError CONFLICT that names the blocking task; otherwise the error itself
 */
export async function describeConflict(error: unknown, context: VCenterContext): Promise<never> {
  if (!(error instanceof VimFaultError) || !error.is('TaskInProgress')) throw error
  throw (await nameBlockingTask(error, context)) ?? error
}

/** Returns undefined if the blocking task cannot be read. */
async function nameBlockingTask(
  error: VimFaultError,
  context: VCenterContext,
): Promise<ApiError | undefined> {
  const { task } = error.fault as DataObject<'TaskInProgress'>
  const info = task && (await loadTask(task, context.vcenter.freshReader()).catch(() => undefined))
  if (!info) return undefined
  const { code, message, taskRef: _, ...details } = classifyError(error)
  const failed = error instanceof TaskError ? ` ${error.task.value} failed because of it.` : ''
  return new ApiError(
    code,
    `${message} It is ${info.descriptionId} (${task.value}).${failed}`,
    { ...details, task: { id: encodeId(context.vcenter, task), moid: task.value } },
    { cause: error },
  )
}
