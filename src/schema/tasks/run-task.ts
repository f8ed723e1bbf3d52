// Sends write calls and waits for their tasks. A write call is sent at most once. If its response is lost, its task is searched for.

import { withTimeout } from '../../concurrency/timing.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { MethodArgs, MethodName, MethodResult } from '../../soap/envelope.ts'
import { RequestEncodingError, SoapError } from '../../soap/soap-error.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { CircuitOpenError } from '../../vim25/session/circuit-breaker.ts'
import { type FaultSource, provesNotExecuted } from '../../vim25/session/fault-evidence.ts'
import type { Login } from '../../vim25/session/login.ts'
import { startOwnTask } from '../../vim25/tasks/task-recovery.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { VCenterContext } from '../context.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { ApiError } from '../errors/api-error.ts'
import { classifyError } from '../errors/classify-error.ts'
import type { MutationCall } from '../mutations/mutation-record.ts'
import { loadTask } from './load-task.ts'
import {
  type EffectCheck,
  LostResponseError,
  type Observation,
  recoverTask,
  verifyChange,
} from './recover-task.ts'

export type TaskMethod = Extract<MethodName, `${string}_Task`>

/** A call that starts a task, the check that recognizes it, and the deadline for its recovery (a `performance.now()` timestamp). */
export interface TaskCall<M extends TaskMethod> {
  readonly method: M
  readonly self: ManagedObjectReference
  readonly args: MethodArgs<M>
  readonly effectCheck: EffectCheck
  readonly deadline: number
}

/**
 * Starts a task. The call is sent once and is not aborted when the client disconnects. If the response is lost or is an
 * inconclusive fault, the task is searched for and adopted.
 * @throws ApiError OUTCOME_UNKNOWN if the call may have been executed. Any other error means that it was not sent, or that the
 *   server reported that it did not execute it.
 */
export async function startTask<M extends TaskMethod>(
  { method, self, args, effectCheck, deadline }: TaskCall<M>,
  context: VCenterContext,
): Promise<ManagedObjectReference> {
  const { entity = self } = effectCheck
  const recordedCall = context.mutation?.recordCall(context.vcenter, method, self, entity)
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
      // Runs in the background: after a client disconnect, the audit still reports the outcome, and the session must stay open.
      return context.vcenter.backgroundJobs.run(() =>
        recoverTask(error, { method, entity, deadline }, effectCheck, context),
      )
    }
  }
}

/**
 * Makes a write call that starts no task. It is sent once and is not aborted when the client disconnects. If the response is lost
 * or is an inconclusive fault, `observe` reads whether the call took effect.
 * @param object the object that the call changes
 * @throws ApiError as `startTask`
 */
export async function callOnce<M extends Exclude<MethodName, TaskMethod>>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  observe: () => Promise<Observation>,
  context: VCenterContext,
  object = self,
): Promise<void> {
  const recordedCall = context.mutation?.recordCall(context.vcenter, method, object)
  try {
    const source = guestRequests.has(method) ? 'guest-request' : 'synchronous'
    await sendCall(method, self, args, source, context, recordedCall)
  } catch (error) {
    if (!(error instanceof LostResponseError)) throw error
    await context.vcenter.backgroundJobs.run(() => verifyChange(error, object, observe, context.vcenter))
  }
  if (recordedCall) recordedCall.state = 'done'
}

const guestRequests: ReadonlySet<MethodName> = new Set(['ShutdownGuest', 'RebootGuest', 'StandbyGuest'])

/** @throws LostResponseError if the call may have been executed */
async function sendCall<M extends MethodName>(
  method: M,
  self: ManagedObjectReference,
  args: MethodArgs<M>,
  source: FaultSource,
  { vcenter, callOptions: { signal, caller, onCall }, writeSlots, slotSignal = signal }: VCenterContext,
  recordedCall: MutationCall | undefined,
): Promise<MethodResult<M>> {
  // Only a failure of the call itself leaves its outcome open; a failure of the login before it does not.
  let lostResponse: LostResponseError | undefined
  const setState = (state: MutationCall['state']) => {
    if (recordedCall) recordedCall.state = state
  }
  const call = (login: Login) => {
    const sentAt = performance.now()
    setState('sent')
    return login.call(method, self, args, { onCall }).catch((error) => {
      const evidence = evidenceOf(error, source)
      if (evidence !== 'none') setState(evidence)
      // Any other error is a bug in the gateway and is reported as an internal error.
      else if ([SoapError, TransportError, VimFaultError].some((type) => error instanceof type))
        lostResponse = new LostResponseError(method, self, sentAt, error)
      throw error
    })
  }
  const send = async () => {
    signal?.throwIfAborted()
    return vcenter.session.withLogin(call)
  }
  try {
    return await (writeSlots ? writeSlots.run({ signal: slotSignal, caller }, send) : send())
  } catch (error) {
    throw lostResponse ?? error
  }
}

/**
 * Returns what the failure of a write call proves. `unsent`: no byte left the gateway. `rejected`: the server reported that it did
 * not execute the call. `none`: the call may have been executed, or may still be.
 */
function evidenceOf(error: unknown, source: FaultSource): 'unsent' | 'rejected' | 'none' {
  if (error instanceof VimFaultError) return provesNotExecuted(error, source) ? 'rejected' : 'none'
  const isUnsent =
    error instanceof RequestEncodingError ||
    error instanceof CircuitOpenError ||
    (error instanceof TransportError && !error.mayHaveBeenSent)
  return isUnsent ? 'unsent' : 'none'
}

/** How long a read of the state may delay the response. */
const shortTimeoutMs = 2_000

/**
 * Waits until the task has ended, but at most `waitMs`, and returns its state.
 * @throws ApiError OUTCOME_UNKNOWN if the task was started but its state cannot be read; a retry could run it twice. The message
 *   describes the observed state of the object.
 */
export async function awaitTask(
  task: ManagedObjectReference,
  waitMs: number,
  { observe }: Pick<EffectCheck, 'observe'>,
  reader: InventoryReader,
  context: VCenterContext,
): Promise<TaskInfo> {
  const { vcenter, callOptions, budget, mutation } = context
  const record = (info: TaskInfo): TaskInfo => {
    mutation?.recordTask(info)
    return info
  }
  let cause: unknown
  try {
    const watched = waitMs > 0 ? await vcenter.tasks.wait(task, waitMs, callOptions.signal) : undefined
    if (watched && hasEnded(watched)) return record(watched)
    // After the wait, a vCenter that does not respond must not delay the response much further.
    const read = loadTask(task, reader)
    const info = (await (waitMs > 0 ? withTimeout(read, shortTimeoutMs) : read)) ?? watched
    if (info) return record(info)
  } catch (error) {
    // After a client disconnect, the error is not seen. A client whose operation exceeds a limit must learn about its task.
    const isClientAbort = callOptions.signal?.aborted && !budget.exceededError
    if (isClientAbort || classifyError(error).message === undefined) throw error
    cause = error
  }
  const reason = cause instanceof Error ? cause.message : 'the vCenter did not return its state'
  const { description } =
    (await withTimeout(
      observe({}).catch(() => undefined),
      shortTimeoutMs,
    )) ?? {}
  throw new ApiError(
    'OUTCOME_UNKNOWN',
    `${task.value} was started, but its outcome is unknown: ${reason}.${description === undefined ? '' : ` Now ${description}.`}`,
    {
      task: { id: encodeId(vcenter, task), moid: task.value },
      remedy: 'Check the task and the current state of the virtual machine before you retry.',
    },
    { cause },
  )
}
