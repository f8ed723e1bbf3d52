// Changing something: the call that is sent once and never again, and the task that it starts, be its answer lost.

import type { Reader } from '../plan/reader.ts'
import type { MethodArgs, MethodName, MethodResult } from '../soap/envelope.ts'
import { SoapError, UnwritableError } from '../soap/soap-error.ts'
import type { ManagedObjectReference } from '../soap/vim-types.ts'
import { TransportError } from '../transport/transport-error.ts'
import { beginOwnTask, findLostTask } from '../vim25/lost-change.ts'
import type { Login } from '../vim25/session.ts'
import { hasEnded, type TaskInfo } from '../vim25/task-watcher.ts'
import { ApiError } from './api-error.ts'
import type { ChangeCall } from './change.ts'
import { classifyError } from './classify-error.ts'
import type { Context } from './context.ts'
import { encodeId } from './ids.ts'
import { loadTask } from './load-node.ts'

/** How a call is known again by what it has done, when its answer is lost. */
export interface Traces {
  /** The virtual machine that its task is about, where that is not the object that it is called on. */
  readonly entity?: ManagedObjectReference
  /** Whether a task of the kind that it begins is the one. */
  readonly isIt?: ((task: TaskInfo) => Promise<boolean>) | undefined
}

export type TaskMethod = Extract<MethodName, `${string}_Task`>

/**
 * Begins a task that changes something. The call is sent once, and not stopped when the client hangs up: what was sent runs
 * to its reply. When the answer is lost, the task is looked for and adopted.
 * @throws ApiError VCENTER_UNAVAILABLE when it was not carried out, as the vCenter says; OUTCOME_UNKNOWN when that cannot be told.
 */
export async function beginTask<M extends TaskMethod>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  context: Context,
  { entity = self, isIt }: Traces = {},
): Promise<ManagedObjectReference> {
  const noted = context.change?.call(method, self, entity)
  const task = await beginOrFind(method, self, args, context, { entity, isIt }, noted)
  if (noted) noted.task = task
  return task
}

async function beginOrFind<M extends TaskMethod>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  context: Context,
  { entity, isIt }: Traces & { readonly entity: ManagedObjectReference },
  noted: ChangeCall | undefined,
): Promise<ManagedObjectReference> {
  const { session } = context.vcenter
  try {
    return await beginOwnTask(
      session,
      { method, entity },
      () => sendOnce(method, self, args, context, noted) as Promise<ManagedObjectReference>,
    )
  } catch (error) {
    if (!(error instanceof LostAnswer)) throw error
    const { sentAt } = error
    const task = await findLostTask(session, { method, entity, sentAt, isIt }).catch((failure) => {
      throw outcomeUnknown(error, entity, failure)
    })
    if (task) return task
    throw notCarriedOut(error)
  }
}

/**
 * Makes a call that changes something at once, without a task: once, and to its reply.
 * @throws ApiError OUTCOME_UNKNOWN when the request may have arrived but its answer did not.
 */
export async function changeAtOnce<M extends Exclude<MethodName, TaskMethod>>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  context: Context,
): Promise<MethodResult<M>> {
  try {
    return await sendOnce(method, self, args, context, context.change?.call(method, self))
  } catch (error) {
    throw error instanceof LostAnswer ? outcomeUnknown(error, self) : error
  }
}

/** A call whose request may have arrived and whose answer did not. */
class LostAnswer extends Error {
  override readonly cause: Error
  /** By our clock. */
  readonly sentAt: number

  constructor(method: string, self: ManagedObjectReference, sentAt: number, cause: Error) {
    super(`${method} on ${self.value} was sent, but its answer was lost: ${cause.message}`)
    this.cause = cause
    this.sentAt = sentAt
  }
}

/** @throws LostAnswer when what became of it is not known. */
async function sendOnce<M extends MethodName>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  { vcenter, scope }: Context,
  noted: ChangeCall | undefined,
): Promise<MethodResult<M>> {
  scope.signal?.throwIfAborted()
  // Only this call's own failure leaves its fate open; one of a login before it does not.
  let lost: LostAnswer | undefined
  const call = (login: Login) => {
    const sentAt = Date.now()
    if (noted) noted.isSent = true
    return login.call(method, self, args, { onCall: scope.onCall }).catch((error) => {
      if (mayHaveHappened(error)) lost = new LostAnswer(method, self, sentAt, error)
      throw error
    })
  }
  try {
    return await vcenter.session.run(call)
  } catch (error) {
    throw lost && error === lost.cause ? lost : error
  }
}

function outcomeUnknown(lost: LostAnswer, entity: ManagedObjectReference, failure?: unknown): ApiError {
  const why = failure instanceof Error ? ` What came of it cannot be told: ${failure.message}.` : ''
  return new ApiError(
    'OUTCOME_UNKNOWN',
    `${lost.message}.${why}`,
    {
      remedy: `It may have been carried out. Look at the recent tasks and the snapshots of ${entity.value} before you try again.`,
    },
    { cause: lost.cause },
  )
}

const notCarriedOut = (lost: LostAnswer): ApiError =>
  new ApiError(
    'VCENTER_UNAVAILABLE',
    `${lost.message}. The vCenter has no such task: it was not carried out.`,
    { retryable: true, remedy: 'Try again.' },
    { cause: lost.cause },
  )

const mayHaveHappened = (error: unknown): boolean =>
  (error instanceof SoapError && !(error instanceof UnwritableError)) ||
  (error instanceof TransportError && error.mayHaveBeenSent)

/**
 * Waits until the task has ended, or as long as the caller wants to; gives it as it then stands.
 * @throws ApiError OUTCOME_UNKNOWN when the task runs but nothing more can be learnt of it: asked again, it would run twice.
 */
export async function awaitTask(
  task: ManagedObjectReference,
  waitSeconds: number,
  reader: Reader,
  context: Context,
): Promise<TaskInfo> {
  const { vcenter, scope, allowance } = context
  let cause: unknown
  try {
    const watched =
      waitSeconds > 0 ? await vcenter.tasks.wait(task, waitSeconds * 1_000, scope.signal) : undefined
    const info = watched && hasEnded(watched) ? watched : ((await loadTask(task, reader)) ?? watched)
    if (info) return info
  } catch (error) {
    // A client that hung up reads nothing more; one whose operation reads too much must know of its task.
    const hungUp = scope.signal?.aborted && !allowance.exceeded
    if (hungUp || classifyError(error).message === undefined) throw error
    cause = error
  }
  const why = cause instanceof Error ? cause.message : 'the vCenter does not know it any more'
  throw new ApiError(
    'OUTCOME_UNKNOWN',
    `${task.value} was begun, but what became of it cannot be told: ${why}`,
    {
      task: { id: encodeId(context, task), moid: task.value },
      remedy: 'Look at the task, and at the snapshots of the virtual machine, before you try again.',
    },
    { cause },
  )
}
