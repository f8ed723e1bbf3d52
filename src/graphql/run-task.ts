// Changing something: the call that is sent once and never again, and the task that it starts.

import type { Reader } from '../plan/reader.ts'
import type { MethodArgs, MethodName, MethodResult } from '../soap/envelope.ts'
import { SoapError, UnwritableError } from '../soap/soap-error.ts'
import type { ManagedObjectReference } from '../soap/vim-types.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { Login } from '../vim25/session.ts'
import { hasEnded, type TaskInfo } from '../vim25/task-watcher.ts'
import { ApiError } from './api-error.ts'
import { classifyError } from './classify-error.ts'
import type { Context } from './context.ts'
import { encodeId } from './ids.ts'
import { loadTask } from './load-node.ts'

/**
 * Makes a call that changes something. It is not stopped when the client hangs up: what was sent runs to its reply.
 * @throws ApiError OUTCOME_UNKNOWN when the request may have arrived but its answer did not.
 */
export async function changing<M extends MethodName>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  { vcenter, scope }: Context,
): Promise<MethodResult<M>> {
  scope.signal?.throwIfAborted()
  // Only this call's own failure leaves its fate open; one of a login before it does not.
  let lost: unknown
  const call = (login: Login) =>
    login.call(method, self, args, { onCall: scope.onCall }).catch((error) => {
      if (mayHaveHappened(error)) lost = error
      throw error
    })
  try {
    return await vcenter.session.run(call)
  } catch (error) {
    if (lost === undefined || error !== lost) throw error
    throw new ApiError(
      'OUTCOME_UNKNOWN',
      `${method} on ${self.value} was sent, but its answer was lost: ${(error as Error).message}`,
      {
        remedy: `It may have been executed. Look at the recent tasks and the snapshots of ${self.value} before you try again.`,
      },
      { cause: error },
    )
  }
}

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
