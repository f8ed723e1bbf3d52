// Sends the calls of mutations. If another task blocks a call, the error names that task and its operation; if a privilege is
// missing, it names the privilege and the object.

import { withTimeout } from '../../concurrency/timing.ts'
import type { MethodArgs, MethodName } from '../../soap/envelope.ts'
import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { TaskError, VimFaultError } from '../../vim25/vim-fault-error.ts'
import { isCheckedOnRoot, privilegesOfMethod } from '../access/actions.ts'
import { missingPrivileges } from '../access/privilege-checks.ts'
import type { VCenterContext } from '../context.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { ApiError } from '../errors/api-error.ts'
import { classifyError, missingPrivilegeDetails } from '../errors/classify-error.ts'
import { loadTask } from '../tasks/load-task.ts'
import type { Observation } from '../tasks/recover-task.ts'
import { callOnce, startTask, type TaskCall, type TaskMethod } from '../tasks/run-task.ts'
import type { RequestVCenter } from '../vcenters.ts'

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
 * Rethrows an error of a call or a task, with details of the blocking task or the missing privilege if there is one.
 * @throws ApiError CONFLICT that names the blocking task, or FORBIDDEN that names the privilege; otherwise the error itself
 */
export async function describeConflict(error: unknown, context: VCenterContext): Promise<never> {
  if (!(error instanceof VimFaultError)) throw error
  if (error.is('TaskInProgress')) throw (await nameBlockingTask(error, context)) ?? error
  if (error.is('NoPermission') && !error.is('NotAuthenticated'))
    throw (await nameMissingPrivilege(error, context)) ?? error
  throw error
}

/** Returns undefined if the fault names the privilege itself, or none is found to be missing. */
async function nameMissingPrivilege(
  error: VimFaultError,
  { vcenter, mutation }: VCenterContext,
): Promise<ApiError | undefined> {
  const { code, message, ...details } = classifyError(error)
  const failed = mutation?.calls.filter(({ state, task }) =>
    error instanceof TaskError ? task?.value === error.task.value : state === 'rejected',
  )
  // Of several calls that run at the same time, it is not known which one the fault belongs to.
  const [call, ...others] = failed ?? []
  if (details.privilege !== undefined || !call || others.length > 0) return undefined
  const privileges = privilegesOfMethod(call.method)
  // Only objects of the inventory have privileges: a snapshot has those of its virtual machine.
  const changed = isManagedSubtype(call.entity.type, 'ManagedEntity') ? call.entity : mutation?.subject?.ref
  const entity = privileges.every(isCheckedOnRoot) ? vcenter.session.lastLogin?.content.rootFolder : changed
  if (!entity) return undefined
  const missing = await readMissingPrivileges(vcenter, { ref: entity, privileges })
  if (!missing || missing.length === 0) return undefined
  const named = missingPrivilegeDetails({
    object: entity,
    privilegeId: missing[0],
    missingPrivileges: [{ entity, privilegeIds: missing }],
  })
  return new ApiError(code, message ?? error.message, { ...details, ...named }, { cause: error })
}

/** Returns undefined if they cannot be read: the error of the call is not hidden by another one. */
async function readMissingPrivileges(
  vcenter: RequestVCenter,
  check: { readonly ref: ManagedObjectReference; readonly privileges: readonly string[] },
): Promise<readonly string[] | undefined> {
  if (check.privileges.length === 0) return undefined
  const read = missingPrivileges(vcenter, check).catch(() => undefined)
  return withTimeout(read, privilegeTimeoutMs)
}

/** How long reading the missing privilege may delay the error of a call. */
const privilegeTimeoutMs = 2_000

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
