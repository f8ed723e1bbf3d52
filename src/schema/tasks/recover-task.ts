// Finds the outcome of a write call whose response does not prove it: a lost or unreadable response, or an inconclusive fault
// (fault-evidence.ts). The task and its effect prove the outcome; otherwise it is OUTCOME_UNKNOWN. A missing task proves nothing:
// the call may be executed late, or the vCenter may have discarded the task.
//
//   lost -> one task is proved by its effect -----------------> adopted, as if the response had named it
//     |---> one candidate is still running -------------------> wait until it ends, then search again; or the time is up
//     '---> several, none, a failed one, no response ---------> OUTCOME_UNKNOWN, never retryable

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { adoptTask, findLostTask, poll } from '../../vim25/tasks/task-recovery.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { VCenterContext } from '../context.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { ApiError, type ErrorDetails } from '../errors/api-error.ts'
import type { RequestVCenter } from '../vcenters.ts'

/** The state of the inventory, read to find out whether a change was applied. */
export interface Observation {
  /** Whether the requested change was applied; undefined if the state does not show it. */
  readonly applied: boolean | undefined
  /** A sentence that describes the state, without a full stop. */
  readonly description: string
}

/** Additional facts for an observation. */
interface ObservationHints {
  /** A candidate task that has succeeded. */
  readonly task?: TaskInfo
}

/** Recognizes the task of a call by its effect, if the response is lost. */
export interface EffectCheck {
  /** The virtual machine that the task reports as its entity. @default the object that the method is called on */
  readonly entity?: ManagedObjectReference
  readonly observe: (hints: ObservationHints) => Promise<Observation>
  /**
   * Whether any task of the method has the requested effect, so that a running task can be adopted. Otherwise a task is
   * recognized only by its effect. @default false
   */
  readonly anyTaskSatisfies?: boolean
}

/** A call whose request may have arrived, and whose response does not prove whether it was executed. */
export class LostResponseError extends Error {
  override readonly cause: Error
  /** A `performance.now()` timestamp. */
  readonly sentAt: number

  constructor(method: string, self: ManagedObjectReference, sentAt: number, cause: Error) {
    const problem =
      cause instanceof VimFaultError
        ? `failed with ${cause.faultName}, which does not prove that it was not executed`
        : 'was sent, but its response was lost'
    super(`${method} on ${self.value} ${problem}: ${cause.message}`)
    this.cause = cause
    this.sentAt = sentAt
  }
}

/**
 * Returns the task that a lost call has started. Waits for a running candidate until the deadline, a `performance.now()` timestamp.
 * @throws ApiError OUTCOME_UNKNOWN if no task is proved to belong to the call
 */
export async function recoverTask(
  lostResponse: LostResponseError,
  call: { readonly method: string; readonly entity: ManagedObjectReference; readonly deadline: number },
  { observe, anyTaskSatisfies = false }: EffectCheck,
  context: VCenterContext,
): Promise<ManagedObjectReference> {
  const { method, entity, deadline } = call
  const { session, tasks, recovery } = context.vcenter
  const { signal } = context.callOptions
  const { sentAt } = lostResponse
  const delays = recovery.lostResponse
  const unknownOutcome = (problem: unknown, task?: ManagedObjectReference, fault?: string) => {
    const details = {
      ...(fault && { fault }),
      ...(task && { task: { id: encodeId(context.vcenter, task), moid: task.value } }),
    }
    return outcomeUnknownError(lostResponse, entity, problem, details)
  }
  // A failed task has no effect to recognize it by. It may belong to another client, and ours may still be executed.
  const matches = async (task: TaskInfo) =>
    task.state === 'success' ? (await observe({ task })).applied : undefined
  for (;;) {
    const found = await findLostTask(session, { method, entity, sentAt, matches, delays }).catch(
      (failure) => {
        throw unknownOutcome(failure)
      },
    )
    if (found.kind === 'adopted') return found.task
    if (found.kind === 'none') {
      const { description } = await observe({}).catch((failure) => {
        throw unknownOutcome(failure)
      })
      throw unknownOutcome(
        `no matching task was found, and ${description}, but the vCenter may still execute the call`,
      )
    }
    if (found.kind === 'ambiguous') {
      const [task, ...others] = found.tasks
      if (others.length > 0 || !task)
        throw unknownOutcome(
          `the call may have started any of ${found.tasks.map(({ task }) => task.value).join(', ')}`,
        )
      const fault = task.error?.fault._typeName
      const failed = `failed with ${fault}: ${task.error?.localizedMessage ?? ''}`
      throw unknownOutcome(
        `${task.task.value} may belong to this call or to another client, and ${fault ? failed : 'has no effect that identifies it'}`,
        task.task,
        fault,
      )
    }
    const { task } = found
    const remainingMs = deadline - performance.now()
    const wait = remainingMs > 0 ? tasks.wait(task, remainingMs, signal) : Promise.resolve(undefined)
    const info = await wait.catch((failure) => {
      // As in awaitTask: a client whose operation exceeds a limit must learn that there may be a task.
      const isClientAbort = signal?.aborted && !context.budget.exceededError
      throw isClientAbort ? failure : unknownOutcome(failure, task)
    })
    if (hasEnded(info)) continue
    if (!anyTaskSatisfies || !adoptTask(session, task))
      throw unknownOutcome(`${task.value} may belong to this call and is still running`, task)
    return task
  }
}

/**
 * Verifies a lost call that starts no task. Returns once its effect is observed.
 * @throws ApiError OUTCOME_UNKNOWN if the effect is not observed
 */
export async function verifyChange(
  lostResponse: LostResponseError,
  self: ManagedObjectReference,
  observe: () => Promise<Observation>,
  { recovery }: RequestVCenter,
): Promise<void> {
  let last: Observation | undefined
  const applied = await poll(recovery.lostResponse, async () => {
    last = await observe()
    return last.applied ? last : undefined
  }).catch((failure) => {
    throw outcomeUnknownError(lostResponse, self, failure)
  })
  if (!applied)
    throw outcomeUnknownError(
      lostResponse,
      self,
      `${last?.description}, but the vCenter may still execute the call`,
    )
}

function outcomeUnknownError(
  lostResponse: LostResponseError,
  entity: ManagedObjectReference,
  problem: unknown,
  details: ErrorDetails = {},
): ApiError {
  const { cause } = lostResponse
  const reason = problem instanceof Error ? problem.message : String(problem)
  return new ApiError(
    'OUTCOME_UNKNOWN',
    `${lostResponse.message.replace(/\.$/, '')}. Its outcome is unknown: ${reason}.`,
    {
      ...(cause instanceof VimFaultError && { fault: cause.faultName }),
      ...details,
      remedy: `The change may have been applied, or may still be. Check the recent tasks and the current state of ${entity.value} before you retry.`,
    },
    { cause },
  )
}
