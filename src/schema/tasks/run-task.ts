// Changing something: the call that is sent once and never again, and the task that it starts, be its answer lost.

import { setTimeout as pause } from 'node:timers/promises'
import type { Reader } from '../../planner/inventory-reader.ts'
import type { MethodArgs, MethodName, MethodResult } from '../../soap/envelope.ts'
import { SoapError, UnwritableError } from '../../soap/soap-error.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { type FaultSource, provesNotCarriedOut } from '../../vim25/session/fault-evidence.ts'
import type { Login } from '../../vim25/session/login.ts'
import { beginOwnTask } from '../../vim25/tasks/task-recovery.ts'
import { OutageError } from '../../vim25/session/circuit-breaker.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { ApiError } from '../errors/api-error.ts'
import type { ChangeCall } from '../mutations/mutation-record.ts'
import { classifyError } from '../errors/classify-error.ts'
import type { Context } from '../context.ts'
import { encodeId } from '../core/ids.ts'
import { loadTask } from '../core/load-node.ts'
import { adoptTask, LostAnswer, type Sight, seeChange, type Traces } from './recover-task.ts'

export type TaskMethod = Extract<MethodName, `${string}_Task`>

/** A call of a task, how it is known again, and how long its task is waited for: until then, by performance.now(). */
export interface TaskCall<M extends TaskMethod> {
  readonly method: M
  readonly self: ManagedObjectReference
  readonly args: MethodArgs<M>
  readonly traces: Traces
  readonly deadline: number
}

/**
 * Begins a task that changes something. The call is sent once, and not stopped when the client hangs up: what was sent runs
 * to its reply. When the response is lost, or is a fault that proves nothing, the task is looked for and adopted.
 * @throws ApiError OUTCOME_UNKNOWN when it may have been executed. All other errors are of a call that was not sent, or that the
 *   server says it did not execute.
 */
export async function beginTask<M extends TaskMethod>(
  { method, self, args, traces, deadline }: TaskCall<M>,
  context: Context,
): Promise<ManagedObjectReference> {
  const { entity = self } = traces
  const noted = context.change?.call(method, self, entity)
  const task = await beginOrFind()
  if (noted) Object.assign(noted, { task, state: 'running' })
  return task

  async function beginOrFind(): Promise<ManagedObjectReference> {
    const send = () =>
      sendOnce(method, self, args, 'task-call', context, noted) as Promise<ManagedObjectReference>
    try {
      return await beginOwnTask(context.vcenter.session, { method, entity }, send)
    } catch (error) {
      if (!(error instanceof LostAnswer)) throw error
      // Also for who has hung up: the audit tells what became of it, and the session is needed as long.
      return context.vcenter.background.run(() =>
        adoptTask(error, { method, entity, deadline }, traces, context),
      )
    }
  }
}

/**
 * Makes a call that changes something at once, without a task: once, and to its reply. When the response is lost, or is a fault
 * that proves nothing, `look` reads whether it has its effect.
 * @throws ApiError as `beginTask`.
 */
export async function changeAtOnce<M extends Exclude<MethodName, TaskMethod>>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  look: () => Promise<Sight>,
  context: Context,
): Promise<void> {
  const noted = context.change?.call(method, self)
  try {
    await sendOnce(method, self, args, 'synchronous', context, noted)
  } catch (error) {
    if (!(error instanceof LostAnswer)) throw error
    await context.vcenter.background.run(() => seeChange(error, self, look, context))
  }
  if (noted) noted.state = 'done'
}

/** @throws LostAnswer when it may have been executed. */
async function sendOnce<M extends MethodName>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  source: FaultSource,
  { vcenter, scope }: Context,
  noted: ChangeCall | undefined,
): Promise<MethodResult<M>> {
  scope.signal?.throwIfAborted()
  // Only this call's own failure leaves its fate open; one of a login before it does not.
  let lost: LostAnswer | undefined
  const note = (state: ChangeCall['state']) => {
    if (noted) noted.state = state
  }
  const call = (login: Login) => {
    const sentAt = performance.now()
    note('sent')
    return login.call(method, self, args, { onCall: scope.onCall }).catch((error) => {
      const evidence = evidenceOf(error, source)
      if (evidence !== 'none') note(evidence)
      // All else is a bug of ours, and reported as such.
      else if ([SoapError, TransportError, VimFaultError].some((type) => error instanceof type))
        lost = new LostAnswer(method, self, sentAt, error)
      throw error
    })
  }
  try {
    return await vcenter.session.run(call)
  } catch (error) {
    throw lost ?? error
  }
}

/**
 * What the failure of a write call proves. `unsent`: no byte of it left the gateway. `rejected`: the server says that it did not
 * execute it. `none`: it may have been executed, or still be.
 */
function evidenceOf(error: unknown, source: FaultSource): 'unsent' | 'rejected' | 'none' {
  if (error instanceof VimFaultError) return provesNotCarriedOut(error, source) ? 'rejected' : 'none'
  const isUnsent =
    error instanceof UnwritableError ||
    error instanceof OutageError ||
    (error instanceof TransportError && !error.mayHaveBeenSent)
  return isUnsent ? 'unsent' : 'none'
}

const briefMs = 2_000

/** Undefined when it takes longer. */
const briefly = <T>(promise: Promise<T>): Promise<T | undefined> =>
  Promise.race([promise, pause(briefMs, undefined, { ref: false })])

/**
 * Waits until the task has ended, at most so long; gives it as it then stands.
 * @throws ApiError OUTCOME_UNKNOWN when the task runs but nothing more can be learnt of it: asked again, it would run twice.
 *   It tells what is seen of what the task was to do.
 */
export async function awaitTask(
  task: ManagedObjectReference,
  waitMs: number,
  { look }: Pick<Traces, 'look'>,
  reader: Reader,
  context: Context,
): Promise<TaskInfo> {
  const { vcenter, scope, allowance, change } = context
  const noted = (info: TaskInfo): TaskInfo => {
    change?.noteTask(info)
    return info
  }
  let cause: unknown
  try {
    const watched = waitMs > 0 ? await vcenter.tasks.wait(task, waitMs, scope.signal) : undefined
    if (watched && hasEnded(watched)) return noted(watched)
    // Where the time is up already, a vCenter that does not answer takes no more of it.
    const read = loadTask(task, reader)
    const info = (await (waitMs > 0 ? briefly(read) : read)) ?? watched
    if (info) return noted(info)
  } catch (error) {
    // A client that hung up reads nothing more; one whose operation reads too much must know of its task.
    const hungUp = scope.signal?.aborted && !allowance.exceeded
    if (hungUp || classifyError(error).message === undefined) throw error
    cause = error
  }
  const why = cause instanceof Error ? cause.message : 'the vCenter does not tell of it'
  const { seen } = (await briefly(look({}).catch(() => undefined))) ?? {}
  throw new ApiError(
    'OUTCOME_UNKNOWN',
    `${task.value} was begun, but what became of it cannot be told: ${why}.${seen === undefined ? '' : ` Now ${seen}.`}`,
    {
      task: { id: encodeId(context, task), moid: task.value },
      remedy: 'Look at the task, and at the snapshots of the virtual machine, before you try again.',
    },
    { cause },
  )
}
