// Sends the calls of a power mutation: one for each machine, but one for each datacenter to power on. At most 8 run at a time in each
// vCenter, and each is sent once.

import { setMaxListeners } from 'node:events'
import { FairQueue } from '../../../concurrency/fair-queue.ts'
import { isInstance } from '../../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { Session } from '../../../vim25/session/session.ts'
import { adoptTask } from '../../../vim25/tasks/task-recovery.ts'
import type { TaskInfo } from '../../../vim25/tasks/task-watcher.ts'
import { fromLocalizedFault, TaskError } from '../../../vim25/vim-fault-error.ts'
import { type Context, inVCenter, type VCenterContext } from '../../context.ts'
import { encodeId } from '../../core/nodes/ids.ts'
import { ApiError } from '../../errors/api-error.ts'
import { classifyError } from '../../errors/classify-error.ts'
import { verifyGuestRequest, verifyPowerOnMulti, verifyPowerTask } from '../../tasks/effect-checks.ts'
import { callDescribingConflict, startTaskDescribingConflict } from '../send-change.ts'
import type { MachineChange } from './machine-change.ts'

const maxConcurrentCalls = 8

/** By session: several mutations share the calls that run at the same time in a vCenter. */
const writeSlotsBySession = new WeakMap<Session, FairQueue>()

function writeSlotsOf(session: Session): FairQueue {
  const slots = writeSlotsBySession.get(session) ?? new FairQueue({ capacity: maxConcurrentCalls })
  writeSlotsBySession.set(session, slots)
  return slots
}

/** The machines that one PowerOnMultiVM_Task powers on, and its task. */
export interface Placement {
  readonly context: VCenterContext
  readonly changes: readonly MachineChange[]
  /** Undefined if the call has failed. */
  task: ManagedObjectReference | undefined
  /** Whether the task has ended, and its machines have tasks or errors of their own. */
  isAssigned: boolean
}

/** The calls of a mutation that were sent, by vCenter. */
export interface SentChanges {
  readonly context: VCenterContext
  readonly changes: readonly MachineChange[]
  readonly placements: readonly Placement[]
}

/**
 * Sends the calls of all pending changes. Resolves when all have been answered, or their lost responses have been recovered. Calls that
 * still wait for others at the deadline are not sent, but not before `minSending` is over.
 * @param deadline a `performance.now()` timestamp, up to which recovery may wait
 */
export async function sendChanges(
  changes: readonly MachineChange[],
  deadline: number,
  context: Context,
): Promise<readonly SentChanges[]> {
  const pending = changes.filter(({ progress }) => progress === 'pending')
  const vcenters = new Set(pending.flatMap(({ found }) => found?.vcenter ?? []))
  return Promise.all(
    [...vcenters].map(async (vcenter) => {
      const writeSlots = writeSlotsOf(vcenter.session)
      const ofVCenter = pending.filter(({ found }) => found?.vcenter === vcenter)
      const sendMs = Math.max(deadline - performance.now(), vcenter.recovery.minSending)
      const end = endAfter(sendMs, context.callOptions.signal)
      const slots = { writeSlots, slotSignal: end.signal }
      return sendInVCenter(ofVCenter, deadline, { ...inVCenter(context, vcenter), ...slots }).finally(
        end.dispose,
      )
    }),
  )
}

/** Returns a signal that is aborted when the time is up, or with the signal of the client. */
function endAfter(ms: number, client: AbortSignal | undefined) {
  const end = new AbortController()
  // Each queued call listens.
  setMaxListeners(0, end.signal)
  const timer = setTimeout(() => end.abort(notSentError()), ms)
  const abort = () => end.abort(client?.reason)
  if (client?.aborted) abort()
  client?.addEventListener('abort', abort)
  return {
    signal: end.signal,
    dispose() {
      clearTimeout(timer)
      client?.removeEventListener('abort', abort)
    },
  }
}

const notSentError = (): ApiError =>
  new ApiError(
    'OVERLOADED',
    `nothing was sent to this virtual machine: ${maxConcurrentCalls} calls that change power states were running until the time was up`,
    {
      retryable: true,
      remedy: 'The vCenter responds slowly. Retry the request later, or with a longer waitSeconds.',
    },
  )

async function sendInVCenter(
  changes: readonly MachineChange[],
  deadline: number,
  context: VCenterContext,
): Promise<SentChanges> {
  const placements = new Map<string, Placement>()
  const single: MachineChange[] = []
  for (const change of changes) {
    const { datacenter } = change
    if (!datacenter) {
      single.push(change)
      continue
    }
    const { changes: others = [] } = placements.get(datacenter.value) ?? {}
    placements.set(datacenter.value, {
      context,
      changes: [...others, change],
      task: undefined,
      isAssigned: false,
    })
  }
  await Promise.all([
    ...single.map((change) => sendSingle(change, deadline, context)),
    ...[...placements.values()].map((placement) => sendPlacement(placement, deadline)),
  ])
  return { context, changes, placements: [...placements.values()] }
}

async function sendSingle(change: MachineChange, deadline: number, context: VCenterContext): Promise<void> {
  const { method, wanted } = change.action
  const vm = refOf(change)
  try {
    if (method === 'ShutdownGuest' || method === 'RebootGuest') {
      // Only after a lost response. A shutdown takes longer than the other effects that are searched for.
      const observe = async () => {
        if (wanted) await waitForState(vm, wanted, deadline, context)
        return verifyGuestRequest(wanted, vm, context)
      }
      await callDescribingConflict(method, vm, {}, observe, context)
    } else {
      const effectCheck = verifyPowerTask(vm, context)
      const call = { method, self: vm, args: {}, effectCheck, deadline }
      change.taskRef = await startTaskDescribingConflict(call, context)
    }
    change.accept()
  } catch (error) {
    failAll([change], error, context)
  }
}

/** Waits until a machine has a state. Ends early at a limit of the operation, but not for a client that has disconnected. */
async function waitForState(
  vm: ManagedObjectReference,
  wanted: string,
  deadline: number,
  { vcenter, callOptions: { signal }, budget }: VCenterContext,
): Promise<void> {
  const isWanted = ({ powerState }: { readonly powerState?: string | undefined }) => powerState === wanted
  const wait = (until: AbortSignal | undefined) =>
    vcenter.powerStates.wait([vm], isWanted, deadline - performance.now(), until).catch(() => {})
  await wait(signal)
  // The audit still reports the outcome.
  if (signal?.aborted && !budget.exceededError) await wait(undefined)
}

async function sendPlacement(placement: Placement, deadline: number): Promise<void> {
  const { changes, context } = placement
  const [{ datacenter }] = changes as [MachineChange]
  const vm = changes.map(refOf)
  try {
    placement.task = await startTaskDescribingConflict(
      {
        method: 'PowerOnMultiVM_Task',
        self: datacenter as ManagedObjectReference,
        args: { vm, option: [] },
        effectCheck: verifyPowerOnMulti(vm, context),
        deadline,
      },
      context,
    )
    // Until the result names a task for each machine.
    for (const change of changes) {
      change.taskRef = placement.task
      change.accept()
    }
  } catch (error) {
    failAll(changes, error, context)
  }
}

/** Gives each machine of a placement its own task or error, from the end of the call's task. */
export function assignResult(placement: Placement, { error, result, task, descriptionId }: TaskInfo): void {
  const { changes, context } = placement
  placement.isAssigned = true
  const {
    attempted = [],
    notAttempted = [],
    recommendations = [],
  } = isInstance(result, 'ClusterPowerOnVmResult')
    ? result
    : ({} as Partial<DataObject<'ClusterPowerOnVmResult'>>)
  for (const change of changes.filter(({ progress }) => progress === 'waiting')) {
    const isIt = ({ vm }: { readonly vm: ManagedObjectReference }) => vm.value === change.moid
    const attempt = attempted.find(isIt)
    const failure = notAttempted.find(isIt)
    change.task = undefined
    change.taskRef = attempt?.task
    if (attempt?.task) adoptTask(context.vcenter.session, attempt.task)
    else if (error) change.fail(new TaskError(task, error, descriptionId))
    else if (failure) change.fail(fromLocalizedFault(failure.fault))
    else if (!attempt && recommendations.length > 0) change.fail(recommendationError(change))
    else if (!attempt) change.fail(unnamedError(change, task, context))
  }
}

const recommendationError = ({ label }: MachineChange): ApiError =>
  new ApiError('CONFLICT', `DRS only recommends a host for ${label}, which was not powered on`, {
    remedy:
      'A person must approve the recommendation in the vSphere Client (Monitor, vSphere DRS, Recommendations of the cluster), or set the automation level of the cluster or of the virtual machine.',
  })

const unnamedError = ({ label }: MachineChange, task: ManagedObjectReference, { vcenter }: VCenterContext) =>
  new ApiError('OUTCOME_UNKNOWN', `${task.value} succeeded, but its result does not name ${label}`, {
    task: { id: encodeId(vcenter, task), moid: task.value },
    remedy: 'Read the power state of the virtual machine before you retry.',
  })

const refOf = ({ found }: MachineChange): ManagedObjectReference => found?.ref as ManagedObjectReference

function failAll(changes: readonly MachineChange[], error: unknown, context: VCenterContext): void {
  const { callOptions, budget, vcenter } = context
  const isBug = classifyError(error).message === undefined
  // The client has disconnected before the call was sent.
  const isCanceled = isBug && callOptions.signal?.aborted && !budget.exceededError
  // A bug must not hide what was sent to other machines. Clients see a masked error.
  if (isBug && !isCanceled) vcenter.backgroundJobs.warn(`changePower: unexpected error: ${error}`)
  for (const change of changes) {
    if (isCanceled) change.cancel(error as Error)
    else change.fail(ofMachine(change, error as Error))
  }
}

/** Names the machine of a result in the error of a call for several, which names the object that the method is called on. */
function ofMachine({ label }: MachineChange, error: Error): Error {
  if (!(error instanceof ApiError) || error.code !== 'OUTCOME_UNKNOWN') return error
  const { message, details, cause } = error
  const remedy = `The change may have been applied, or may still be. Check the recent tasks and the power state of ${label} before you retry.`
  return new ApiError('OUTCOME_UNKNOWN', message, { ...details, remedy }, { cause })
}
