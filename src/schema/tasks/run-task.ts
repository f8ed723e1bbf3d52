// Changing something: the call that is sent once and never again, and the task that it starts, be its answer lost.

import { setTimeout as pause } from 'node:timers/promises'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { MethodArgs, MethodName, MethodResult } from '../../soap/envelope.ts'
import { SoapError, UnwritableError } from '../../soap/soap-error.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { CircuitOpenError } from '../../vim25/session/circuit-breaker.ts'
import { type FaultSource, provesNotExecuted } from '../../vim25/session/fault-evidence.ts'
import type { Login } from '../../vim25/session/login.ts'
import { startOwnTask } from '../../vim25/tasks/task-recovery.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { Context } from '../context.ts'
import { encodeId } from '../core/ids.ts'
import { loadTask } from '../core/load-node.ts'
import { ApiError } from '../errors/api-error.ts'
import { classifyError } from '../errors/classify-error.ts'
import type { MutationCall } from '../mutations/mutation-record.ts'
import {
  type EffectCheck,
  LostResponseError,
  type Observation,
  recoverTask,
  verifyChange,
} from './recover-task.ts'

export type TaskMethod = Extract<MethodName, `${string}_Task`>

/** A call of a task, how it is known again, and how long its task is waited for: until then, by performance.now(). */
export interface TaskCall<M extends TaskMethod> {
  readonly method: M
  readonly self: ManagedObjectReference
  readonly args: MethodArgs<M>
  readonly effectCheck: EffectCheck
  readonly deadline: number
}

/**
 * Begins a task that changes something. The call is sent once, and not stopped when the client hangs up: what was sent runs
 * to its reply. When the response is lost, or is a fault that proves nothing, the task is looked for and adopted.
 * @throws ApiError OUTCOME_UNKNOWN when it may have been executed. All other errors are of a call that was not sent, or that the
 *   server says it did not execute.
 */
export async function startTask<M extends TaskMethod>(
  { method, self, args, effectCheck, deadline }: TaskCall<M>,
  context: Context,
): Promise<ManagedObjectReference> {
  const { entity = self } = effectCheck
  const recordedCall = context.mutation?.recordCall(method, self, entity)
  const task = await startOrRecover()
  if (recordedCall) Object.assign(recordedCall, { task, state: 'running' })
  return task

  async function startOrRecover(): Promise<ManagedObjectReference> {
    const send = () =>
      sendCall(method, self, args, 'task-call', context, recordedCall) as Promise<ManagedObjectReference>
    try {
      return await startOwnTask(context.vcenter.session, { method, entity }, send)
    } catch (error) {
      if (!(error instanceof LostResponseError)) throw error
      // Also for who has hung up: the audit tells what became of it, and the session is needed as long.
      return context.vcenter.backgroundJobs.run(() =>
        recoverTask(error, { method, entity, deadline }, effectCheck, context),
      )
    }
  }
}

/**
 * Makes a call that changes something at once, without a task: once, and to its reply. When the response is lost, or is a fault
 * that proves nothing, `look` reads whether it has its effect.
 * @throws ApiError as `startTask`.
 */
export async function callOnce<M extends Exclude<MethodName, TaskMethod>>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  observe: () => Promise<Observation>,
  context: Context,
): Promise<void> {
  const recordedCall = context.mutation?.recordCall(method, self)
  try {
    await sendCall(method, self, args, 'synchronous', context, recordedCall)
  } catch (error) {
    if (!(error instanceof LostResponseError)) throw error
    await context.vcenter.backgroundJobs.run(() => verifyChange(error, self, observe, context))
  }
  if (recordedCall) recordedCall.state = 'done'
}

/** @throws LostResponseError when it may have been executed. */
async function sendCall<M extends MethodName>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  source: FaultSource,
  { vcenter, callOptions }: Context,
  recordedCall: MutationCall | undefined,
): Promise<MethodResult<M>> {
  callOptions.signal?.throwIfAborted()
  // Only this call's own failure leaves its fate open; one of a login before it does not.
  let lostResponse: LostResponseError | undefined
  const note = (state: MutationCall['state']) => {
    if (recordedCall) recordedCall.state = state
  }
  const call = (login: Login) => {
    const sentAt = performance.now()
    note('sent')
    return login.call(method, self, args, { onCall: callOptions.onCall }).catch((error) => {
      const evidence = evidenceOf(error, source)
      if (evidence !== 'none') note(evidence)
      // All else is a bug of ours, and reported as such.
      else if ([SoapError, TransportError, VimFaultError].some((type) => error instanceof type))
        lostResponse = new LostResponseError(method, self, sentAt, error)
      throw error
    })
  }
  try {
    return await vcenter.session.withLogin(call)
  } catch (error) {
    throw lostResponse ?? error
  }
}

/**
 * What the failure of a write call proves. `unsent`: no byte of it left the gateway. `rejected`: the server says that it did not
 * execute it. `none`: it may have been executed, or still be.
 */
function evidenceOf(error: unknown, source: FaultSource): 'unsent' | 'rejected' | 'none' {
  if (error instanceof VimFaultError) return provesNotExecuted(error, source) ? 'rejected' : 'none'
  const isUnsent =
    error instanceof UnwritableError ||
    error instanceof CircuitOpenError ||
    (error instanceof TransportError && !error.mayHaveBeenSent)
  return isUnsent ? 'unsent' : 'none'
}

const shortTimeoutMs = 2_000

/** Undefined when it takes longer. */
const withShortTimeout = <T>(promise: Promise<T>): Promise<T | undefined> =>
  Promise.race([promise, pause(shortTimeoutMs, undefined, { ref: false })])

/**
 * Waits until the task has ended, at most so long; gives it as it then stands.
 * @throws ApiError OUTCOME_UNKNOWN when the task runs but nothing more can be learnt of it: asked again, it would run twice.
 *   It tells what is seen of what the task was to do.
 */
export async function awaitTask(
  task: ManagedObjectReference,
  waitMs: number,
  { observe }: Pick<EffectCheck, 'observe'>,
  reader: InventoryReader,
  context: Context,
): Promise<TaskInfo> {
  const { vcenter, callOptions, budget, mutation } = context
  const recordedCall = (info: TaskInfo): TaskInfo => {
    mutation?.recordTask(info)
    return info
  }
  let cause: unknown
  try {
    const watched = waitMs > 0 ? await vcenter.tasks.wait(task, waitMs, callOptions.signal) : undefined
    if (watched && hasEnded(watched)) return recordedCall(watched)
    // Where the time is up already, a vCenter that does not answer takes no more of it.
    const read = loadTask(task, reader)
    const info = (await (waitMs > 0 ? withShortTimeout(read) : read)) ?? watched
    if (info) return recordedCall(info)
  } catch (error) {
    // A client that hung up reads nothing more; one whose operation reads too much must know of its task.
    const isClientAbort = callOptions.signal?.aborted && !budget.exceededError
    if (isClientAbort || classifyError(error).message === undefined) throw error
    cause = error
  }
  const reason = cause instanceof Error ? cause.message : 'the vCenter does not tell of it'
  const { description } = (await withShortTimeout(observe({}).catch(() => undefined))) ?? {}
  throw new ApiError(
    'OUTCOME_UNKNOWN',
    `${task.value} was begun, but what became of it cannot be told: ${reason}.${description === undefined ? '' : ` Now ${description}.`}`,
    {
      task: { id: encodeId(context, task), moid: task.value },
      remedy: 'Look at the task, and at the snapshots of the virtual machine, before you try again.',
    },
    { cause },
  )
}
